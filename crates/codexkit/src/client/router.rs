//! Who gets a notification.

use super::notification::Notification;
use super::subscription::{Filter, Queue};
use crate::error::Error;
use crate::protocol::route::RouteKey;
use crate::protocol::{RawNotification, ThreadId};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// The subscriptions, by what they want to hear of.
#[derive(Debug, Default)]
pub(super) struct Router {
    everything: Vec<Arc<Queue>>,
    threads: HashMap<ThreadId, Vec<Arc<Queue>>>,
    processes: HashMap<Box<str>, Vec<Arc<Queue>>>,
    methods: HashMap<Box<str>, Vec<Arc<Queue>>>,
    last_sequence: u64,
}

impl Router {
    pub(super) fn subscribe(&mut self, filter: &Filter, queue: Arc<Queue>) {
        match filter {
            Filter::All => self.everything.push(queue),
            Filter::Thread(thread) => self.threads.entry(thread.clone()).or_default().push(queue),
            Filter::Process(process) => self.processes.entry(process.clone()).or_default().push(queue),
            Filter::Method(method) => self.methods.entry(method.clone()).or_default().push(queue),
        }
    }

    pub(super) fn unsubscribe(&mut self, filter: &Filter, queue: &Arc<Queue>) {
        match filter {
            Filter::All => self.everything.retain(|other| !Arc::ptr_eq(other, queue)),
            Filter::Thread(thread) => remove(&mut self.threads, thread, queue),
            Filter::Process(process) => remove(&mut self.processes, process, queue),
            Filter::Method(method) => remove(&mut self.methods, method, queue),
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
        let of_process = || RouteKey::peek(&notification.raw.params).process;
        // No notification is about both, and few programs ask for these.
        let of_process = match self.processes.is_empty() || notification.thread.is_some() {
            true => None,
            false => of_process().and_then(|process| self.processes.get(&*process)),
        };
        let of_method = match self.methods.is_empty() {
            true => None,
            false => self.methods.get(notification.method()),
        };
        let chosen = [of_thread, of_process, of_method];
        self.everything.iter().chain(chosen.into_iter().flatten().flatten())
    }

    /// The threads that somebody listens to.
    pub(super) fn threads(&self) -> impl Iterator<Item = &ThreadId> {
        self.threads.keys()
    }

    /// The queues of those who want to hear of everything.
    pub(super) fn everything(&self) -> &[Arc<Queue>] {
        &self.everything
    }

    /// The queues of those who listen to a thread.
    pub(super) fn of_thread(&self, thread: &ThreadId) -> &[Arc<Queue>] {
        self.threads.get(thread).map_or(&[], Vec::as_slice)
    }

    /// Ends the subscriptions to a thread.
    pub(super) fn end_thread(&mut self, thread: &ThreadId, why: &Error) {
        for queue in self.threads.remove(thread).into_iter().flatten() {
            queue.end(why);
        }
    }

    /// Ends all subscriptions.
    pub(super) fn end(&mut self, why: &Error) {
        let threads = std::mem::take(&mut self.threads).into_values();
        let processes = std::mem::take(&mut self.processes).into_values();
        let methods = std::mem::take(&mut self.methods).into_values();
        let chosen = threads.chain(processes).chain(methods).flatten();
        for queue in std::mem::take(&mut self.everything).into_iter().chain(chosen) {
            queue.end(why);
        }
    }
}

fn remove<K: Hash + Eq + Borrow<Q>, Q: Hash + Eq + ?Sized>(
    chosen: &mut HashMap<K, Vec<Arc<Queue>>>,
    key: &Q,
    queue: &Arc<Queue>,
) {
    if let Some(queues) = chosen.get_mut(key) {
        queues.retain(|other| !Arc::ptr_eq(other, queue));
        if queues.is_empty() {
            chosen.remove(key);
        }
    }
}
