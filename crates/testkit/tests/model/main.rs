//! The scripted model, seen by a plain HTTP client.

// Clippy counts only functions with #[test] as tests, not their helpers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod client;
mod faults;
mod pauses;
mod requests;
mod selection;
