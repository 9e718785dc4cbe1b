//! The one way to take a plain mutex.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the mutex. A panic elsewhere cannot have left the state half changed: the code under these locks does
/// not panic, and no user code runs there.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
