//! The bound on quick calls under way.

use crate::protocol::CallClass;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets only so many quick calls be under way at once: a server with more than about 128 loses some answers.
#[derive(Debug)]
pub(super) struct Gate {
    quick: Semaphore,
}

impl Gate {
    pub(super) fn new(quick: usize) -> Self {
        Self { quick: Semaphore::new(quick.clamp(1, Semaphore::MAX_PERMITS)) }
    }

    /// Waits for a place if the call needs one; it is held until the returned value is dropped.
    ///
    /// Calls that last may be many, and those that steer or stop must not wait behind others.
    pub(super) async fn pass(&self, class: CallClass) -> Option<SemaphorePermit<'_>> {
        match class {
            CallClass::Quick => self.quick.acquire().await.ok(),
            _ => None,
        }
    }
}
