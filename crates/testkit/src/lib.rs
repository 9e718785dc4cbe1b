//! Test tools for codexkit, for its users' tests and its own.
//!
//! - [`model`]: a model that follows a script, for the real codex to talk to

pub mod model;
