//! Waiting that ends: with the thing, by the clock, or because nobody wants it any more.

use crate::error::{Clock, Error, ErrorKind, Result};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often what is waited for is looked at. Neither a file lock nor an end of a process can be waited for together with the
/// caller giving up.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(super) struct Patience {
    given_up: Receiver<()>,
    deadline: Option<Instant>,
}

impl Patience {
    pub(super) fn new(given_up: Receiver<()>, limit: Duration) -> Self {
        // A limit beyond what the clock can count is none.
        Self { given_up, deadline: Instant::now().checked_add(limit) }
    }

    /// Waits until `look` gives something.
    pub(super) fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> Result<T> {
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(Error::new(
                    ErrorKind::Timeout(Clock::Provision),
                    "installing codex took too long; check the network, or allow more time (`Provision::deadline`)",
                ));
            }
            if self.given_up.recv_timeout(LOOK_AGAIN) == Err(RecvTimeoutError::Disconnected) {
                return Err(Error::new(ErrorKind::Provision, "installing codex was given up"));
            }
        }
    }
}
