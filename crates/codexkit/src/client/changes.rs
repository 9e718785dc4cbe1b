//! The changes of files that agents have begun, until they are done: an ask about them does not repeat them.

use super::notification::Notification;
use crate::protocol::route::RouteKey;
use crate::protocol::{ItemId, ThreadId, TurnId};
use std::collections::HashMap;
use std::sync::Arc;

/// The changes of files that were started and are not done.
#[derive(Debug, Default)]
pub(super) struct StartedChanges {
    started: HashMap<(ThreadId, ItemId), Arc<Notification>>,
}

impl StartedChanges {
    /// Keeps what asks may be about, and lets go of what is done.
    pub(super) fn hear(&mut self, notification: &Arc<Notification>) {
        match notification.method() {
            // Whoever decodes it sees for certain.
            "item/started" if notification.mentions("\"fileChange\"") => {
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

    /// The notification that this change was started.
    pub(super) fn of(&self, thread: &ThreadId, item: ItemId) -> Option<Arc<Notification>> {
        self.started.get(&(thread.clone(), item)).cloned()
    }

    /// An interrupted turn leaves its items open.
    fn end_turn(&mut self, turn: Option<&TurnId>) {
        self.started.retain(|_, started| started.turn.as_ref() != turn);
    }
}

fn key(notification: &Notification) -> Option<(ThreadId, ItemId)> {
    let item = RouteKey::peek(&notification.raw.params).item?;
    Some((notification.thread.clone()?, ItemId::new(item)))
}
