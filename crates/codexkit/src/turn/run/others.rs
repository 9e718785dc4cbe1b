//! Turns that are not started by a prompt.

use super::Run;
use crate::protocol::types::{ReviewStartParams, ThreadCompactStartParams, ThreadShellCommandParams};
use std::time::Duration;

/// A review that is about to be started. Made by [`Thread::review`](crate::Thread::review).
pub type Review = Run<ReviewStartParams>;

/// A compaction that is about to be started. Made by [`Thread::compact`](crate::Thread::compact).
pub type Compaction = Run<ThreadCompactStartParams>;

/// A command of the user that is about to be run. Made by [`Thread::shell_command`](crate::Thread::shell_command).
pub type ShellCommand = Run<ThreadShellCommandParams>;

/// Options of a command of the user.
impl Run<ThreadShellCommandParams> {
    /// How long the command may run. The server has a limit of its own where none is given.
    pub fn timeout(self, limit: Duration) -> Self {
        self.params(|params| params.timeout_ms(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX)))
    }
}
