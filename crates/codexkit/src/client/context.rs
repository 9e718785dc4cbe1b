//! What the server has told before it asks, and does not repeat when it asks.

use super::changes::StartedChanges;
use super::family::Family;
use super::notification::Notification;
use crate::protocol::route::RouteKey;
use crate::protocol::{ItemId, RawRequest, ThreadId};
use std::sync::Arc;

/// A request of the server, with what was told before.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) request: RawRequest,
    /// The notification that the item was started that it is about, if that is a change of files.
    pub(crate) about: Option<Arc<Notification>>,
    /// The agent that asks, if another agent has started it and the server has named it.
    pub(crate) agent: Option<String>,
    /// The threads on whose behalf it runs, the nearest first.
    pub(crate) ancestors: Vec<ThreadId>,
}

/// What requests may refer to.
#[derive(Debug, Default)]
pub(super) struct Context {
    changes: StartedChanges,
    pub(super) family: Family,
}

impl Context {
    pub(super) fn hear(&mut self, notification: &Arc<Notification>) {
        self.changes.hear(notification);
        self.family.hear(notification);
    }

    /// The request, with what was told before.
    pub(super) fn complete(&self, request: RawRequest) -> Incoming {
        let asked = RouteKey::peek(&request.params);
        let (thread, item) = (asked.thread.map(ThreadId::new), asked.item.map(ItemId::new));
        let about = thread.as_ref().zip(item).and_then(|(thread, item)| self.changes.of(thread, item));
        let (agent, ancestors) = match &thread {
            Some(thread) => (self.family.name(thread), self.family.ancestors(thread)),
            None => (None, Vec::new()),
        };
        Incoming { request, about, agent, ancestors }
    }
}
