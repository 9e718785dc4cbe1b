//! Which tests a simulator was used in.

use std::cell::Cell;

thread_local! {
    static USED: Cell<bool> = const { Cell::new(false) };
}

/// Notes the use: a test runs on a thread of its own.
pub(super) fn note() {
    USED.set(true);
}

/// Whether a simulator was used on this thread since this was last asked.
#[must_use]
pub fn used_on_this_thread() -> bool {
    USED.take()
}
