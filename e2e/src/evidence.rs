//! What a test has run on, for the record of what it shows.

use codexkit_testkit::simulator;
use coverage::Server;
use std::cell::Cell;

thread_local! {
    /// Each test has a thread of its own.
    static USED: Cell<Used> = const { Cell::new(Used::Nothing) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    Nothing,
    RealCodex,
    /// The test, or something in it, was left out.
    LeftOut,
}

/// Says which rows of `docs/coverage.md` a test shows. It is the test's first line; the rows count when the test has passed
/// and was not left out. What it has run on is noted while it runs.
#[macro_export]
macro_rules! covers {
    ($($row:literal),+ $(,)?) => {
        $crate::coverage::covers!(@ $crate::server_used; $($row),+);
    };
}

/// Notes that the real codex is used. Only a test that starts it by other means than those of this crate has to say so.
pub fn real_codex() {
    if USED.get() == Used::Nothing {
        USED.set(Used::RealCodex);
    }
}

/// Notes that a test is left out.
pub(crate) fn left_out() {
    USED.set(Used::LeftOut);
}

/// What the test on this thread has used so far; nothing if it was left out. The next one on this thread begins anew.
#[doc(hidden)]
pub fn server_used() -> Option<Server> {
    match (USED.replace(Used::Nothing), simulator::used_on_this_thread()) {
        (Used::LeftOut, _) => None,
        (Used::RealCodex, _) => Some(Server::Real),
        (Used::Nothing, true) => Some(Server::Simulator),
        (Used::Nothing, false) => Some(Server::None),
    }
}
