//! The connection against a peer in memory, for what the real server cannot be made to do.

mod asks;
mod calls;
mod closing;
mod frames;
pub(crate) mod peer;
mod properties;
mod turns;
