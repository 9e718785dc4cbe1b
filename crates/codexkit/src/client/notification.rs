//! A notification on its way to those who subscribed to it.

use crate::protocol::{RawNotification, ThreadId, TurnId};

/// A notification as the router passes it on: undecoded, with what the router found out about it.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// Its place in the order in which the connection received notifications, from 1.
    pub(crate) sequence: u64,
    pub(crate) raw: RawNotification,
    pub(crate) thread: Option<ThreadId>,
    pub(crate) turn: Option<TurnId>,
}

/// What a queue needs for each notification beside its text.
const OVERHEAD: usize = 160;

impl Notification {
    /// What it counts for against the bounds of the queues, in bytes.
    pub(crate) fn cost(&self) -> usize {
        OVERHEAD + self.raw.method.len() + self.raw.params.get().len()
    }

    pub(crate) fn method(&self) -> &str {
        &self.raw.method
    }

    /// Whether a text occurs somewhere in the parameters. Whoever decodes them sees what it means there.
    pub(super) fn mentions(&self, text: &str) -> bool {
        memchr::memmem::find(self.raw.params.get().as_bytes(), text.as_bytes()).is_some()
    }
}
