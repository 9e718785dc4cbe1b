//! Test tools for codexkit, for its users' tests and its own.
//!
//! - [`model`]: a model that follows a script, for the real codex to talk to
//! - [`fixture`]: a private place to run codex in
//! - [`simulator`]: a server that misbehaves as told, in memory or as a program

pub mod fixture;
pub mod model;
pub mod simulator;
