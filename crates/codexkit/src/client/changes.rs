//! The changes of files that agents have begun, until they are done: an ask about them does not repeat them.

use super::notification::Notification;
use crate::protocol::route::RouteKey;
use crate::protocol::{ItemId, RawRequest, ThreadId, TurnId};
use std::collections::HashMap;
use std::sync::Arc;

/// A request of the server, with the item that it is about if that is a change of files.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) request: RawRequest,
    /// The notification that the item was started.
    pub(crate) about: Option<Arc<Notification>>,
}

/// The changes of files that were started and are not done.
#[derive(Debug, Default)]
pub(super) struct StartedChanges {
    started: HashMap<(ThreadId, ItemId), Arc<Notification>>,
}

impl StartedChanges {
    /// Keeps what asks may be about, and lets go of what is done.
    pub(super) fn hear(&mut self, notification: &Arc<Notification>) {
        match notification.method() {
            "item/started" if mentions_change(notification) => {
                if let Some(key) = key(notification) {
                    self.started.insert(key, notification.clone());
                }
            }
            "item/completed" if !self.started.is_empty() => {
                if let Some(key) = key(notification) {
                    self.started.remove(&key);
                }
            }
            "turn/completed" => self.end_turn(notification.turn.as_ref()),
            _ => {}
        }
    }

    /// The request, with what it is about.
    pub(super) fn complete(&self, request: RawRequest) -> Incoming {
        let asked = RouteKey::peek(&request.params);
        let about = match (asked.thread, asked.item) {
            (Some(thread), Some(item)) => {
                self.started.get(&(ThreadId::new(thread), ItemId::new(item))).cloned()
            }
            _ => None,
        };
        Incoming { request, about }
    }

    /// An interrupted turn leaves its items open.
    fn end_turn(&mut self, turn: Option<&TurnId>) {
        self.started.retain(|_, started| started.turn.as_ref() != turn);
    }
}

/// Whether the item may be a change of files; who decodes it sees for certain.
fn mentions_change(notification: &Notification) -> bool {
    memchr::memmem::find(notification.raw.params.get().as_bytes(), b"\"fileChange\"").is_some()
}

fn key(notification: &Notification) -> Option<(ThreadId, ItemId)> {
    let item = RouteKey::peek(&notification.raw.params).item?;
    Some((notification.thread.clone()?, ItemId::new(item)))
}
