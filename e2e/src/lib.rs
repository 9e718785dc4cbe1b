//! What the tests against the real codex share.
//!
//! A test sets the stage, with a scripted model and a private home, and runs the real codex on it. Codex is installed
//! with npm if there is none. `CODEXKIT_SKIP_REAL=1` skips these tests, and each says so.
//!
//! What no real codex does on demand, a [simulated one](Simulated) does.

mod listening;
mod needs;
pub mod processes;
mod proxy;
pub mod resources;
mod simulated;
pub mod soak;
mod stage;
mod transport;

pub use codexkit_testkit::{model, simulator};
pub use listening::Listening;
pub use needs::{codex_version, differs_before, lacks};
pub use proxy::Proxy;
pub use simulated::Simulated;
pub use stage::{PATIENCE, Stage, codex_binary, skipped, soon, through_npm_wrapper};
pub use transport::Transport;

/// The code of the README, which is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
