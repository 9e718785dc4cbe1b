//! Who gets a notification.

use super::notification::Notification;
use super::subscription::{Filter, Queue};
use crate::error::Error;
use crate::protocol::route::RouteKey;
use crate::protocol::{RawNotification, ThreadId};
use std::collections::HashMap;
use std::sync::Arc;

/// The subscriptions, by what they want to hear of.
#[derive(Debug, Default)]
pub(super) struct Router {
    everything: Vec<Arc<Queue>>,
    threads: HashMap<ThreadId, Vec<Arc<Queue>>>,
    last_sequence: u64,
}

impl Router {
    pub(super) fn subscribe(&mut self, filter: &Filter, queue: Arc<Queue>) {
        match filter {
            Filter::All => self.everything.push(queue),
            Filter::Thread(thread) => self.threads.entry(thread.clone()).or_default().push(queue),
        }
    }

    pub(super) fn unsubscribe(&mut self, filter: &Filter, queue: &Arc<Queue>) {
        match filter {
            Filter::All => self.everything.retain(|other| !Arc::ptr_eq(other, queue)),
            Filter::Thread(thread) => {
                if let Some(queues) = self.threads.get_mut(thread) {
                    queues.retain(|other| !Arc::ptr_eq(other, queue));
                    if queues.is_empty() {
                        self.threads.remove(thread);
                    }
                }
            }
        }
    }

    /// Gives a notification its place in the order, and finds out whom it concerns.
    pub(super) fn admit(&mut self, raw: RawNotification) -> Arc<Notification> {
        self.last_sequence += 1;
        let key = RouteKey::peek(&raw.params);
        let thread = key.thread.as_deref().map(Into::into);
        let turn = key.turn.as_deref().map(Into::into);
        Arc::new(Notification { sequence: self.last_sequence, thread, turn, raw })
    }

    /// The queues that a notification goes to.
    pub(super) fn recipients(&self, notification: &Notification) -> impl Iterator<Item = &Arc<Queue>> {
        let of_thread = notification.thread.as_ref().and_then(|thread| self.threads.get(thread));
        self.everything.iter().chain(of_thread.into_iter().flatten())
    }

    /// Ends all subscriptions.
    pub(super) fn end(&mut self, why: &Error) {
        let threads = std::mem::take(&mut self.threads).into_values().flatten();
        for queue in std::mem::take(&mut self.everything).into_iter().chain(threads) {
            queue.end(why);
        }
    }
}
