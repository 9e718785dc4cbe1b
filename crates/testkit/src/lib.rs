//! Test tools for codexkit, for its users' tests and its own.
//!
//! - [`model`]: a model that follows a script, for the real codex to talk to
//! - [`fixture`]: a private place to run codex in

pub mod fixture;
pub mod model;
