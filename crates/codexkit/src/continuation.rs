//! Where the wait for a turn was broken off.

use crate::protocol::{ThreadId, TurnId};
use serde::{Deserialize, Serialize};

/// Where the wait for a turn was broken off. It can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Continuation {
    /// The thread.
    pub thread: ThreadId,
    /// The turn.
    pub turn: TurnId,
    /// The place of the last event that was seen, in the order in which the connection received its notifications.
    pub cursor: u64,
}

impl Continuation {
    pub(crate) fn new(thread: ThreadId, turn: TurnId, cursor: u64) -> Self {
        Self { thread, turn, cursor }
    }
}
