//! What becomes of a connection whose way to the server breaks.

use std::time::Duration;

/// How a broken connection to a running server is made anew. Given to
/// [`CodexBuilder::reconnect`](crate::CodexBuilder::reconnect).
///
/// The first try follows a short pause, each further one a pause about twice as long, up to the longest. A server that no
/// longer lets us in, or that is another one than before, is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Reconnect {
    pub(crate) give_up_after: Duration,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl Reconnect {
    /// For two minutes, with pauses from about 250 ms to 10 s.
    pub fn new() -> Self {
        Self {
            give_up_after: Duration::from_secs(120),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
        }
    }

    /// How long to try, from the moment when the connection broke. Default: two minutes.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.give_up_after = time;
        self
    }

    /// The pause before the first try, about. Default: 250 ms.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest pause between two tries, about. Default: 10 s.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// The pause before a try, counted from 0.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        self.first_pause.saturating_mul(2_u32.saturating_pow(tries)).min(self.longest_pause)
    }
}

impl Default for Reconnect {
    fn default() -> Self {
        Self::new()
    }
}
