//! What both halves of the SDK do, in one text that is compiled for each: on the real codex, from plain threads.

#![expect(clippy::duplicate_mod, reason = "that is the point of it")]

mod plain;

/// With the async half.
mod async_half {
    pub(crate) mod half;
    #[path = "../scenarios/mod.rs"]
    mod scenarios;
}

/// With the blocking half.
mod blocking_half {
    pub(crate) mod half;
    mod inside_runtimes;
    mod own_threads;
    #[path = "../scenarios/mod.rs"]
    mod scenarios;
}
