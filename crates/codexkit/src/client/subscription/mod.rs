//! What a consumer holds: a view on the notifications of the connection.

mod backlog;
mod policy;
#[cfg(test)]
mod properties;
mod queue;
mod text;

pub(crate) use policy::Entry;
pub(crate) use queue::{Budget, Queue};

use super::core::Core;
use crate::error::Result;
use crate::protocol::ThreadId;
use policy::Held;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Which notifications a subscription gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// All of the connection.
    All,
    /// Those that carry the id of this thread.
    Thread(ThreadId),
    /// Those that carry the id of this process, which the program has chosen.
    Process(Box<str>),
    /// Those of this method.
    Method(Box<str>),
}

/// Notifications from the moment of subscribing on. Dropping it frees what it holds.
#[derive(Debug)]
pub(crate) struct Subscription {
    core: Arc<Core>,
    filter: Filter,
    queue: Arc<Queue>,
    taken: VecDeque<Held>,
    position: u64,
}

impl Subscription {
    pub(super) fn new(core: Arc<Core>, filter: Filter, queue: Arc<Queue>) -> Self {
        Self { core, filter, queue, taken: VecDeque::new(), position: 0 }
    }

    /// The place of the last entry in the order in which the connection received its notifications.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next entry; the reason once the connection has ended or events could not be kept.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Entry>> {
        loop {
            if let Some(entry) = self.taken.pop_front().map(Entry::from) {
                if let Entry::Notification(notification) = &entry {
                    self.position = notification.sequence;
                }
                return Poll::Ready(Ok(entry));
            }
            match self.queue.poll_take(&mut self.taken, context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(why)) => return Poll::Ready(Err(why)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.core.unsubscribe(&self.filter, &self.queue);
    }
}
