//! What is known about a turn that has gone silent.

use crate::continuation::Continuation;
use std::time::Duration;

/// What is known about a turn that nothing was heard of for too long.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stalled {
    /// Where the wait was broken off.
    pub continuation: Continuation,
    /// How long nothing was heard of the turn.
    pub silent_for: Duration,
    /// The method of the turn's last event.
    pub last_event: Option<String>,
    /// The end of what the server wrote to its standard error, at most 64 KiB.
    pub stderr_tail: String,
}
