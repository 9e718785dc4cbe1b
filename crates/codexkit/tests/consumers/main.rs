//! Consumers that read late, little, or not at all: they hurt nobody else, memory stays bounded, and nothing is lost in
//! silence.
//!
//! This is a test binary of its own because it counts every byte that is allocated, and its tests run one after the
//! other for the same reason.
#![allow(clippy::expect_used, reason = "all of this is test code, which stops at the first surprise")]

mod heap;
mod many;
mod peer;
mod stalled;
