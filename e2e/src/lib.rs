//! What the tests against the real codex share.
//!
//! A test sets the stage, with a scripted model and a private home, and runs the real codex on it. Codex is installed
//! with npm if there is none. `CODEXKIT_SKIP_REAL=1` skips these tests, and each says so.
//!
//! What no real codex does on demand, a [simulated one](Simulated) does.

mod evidence;
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
#[doc(hidden)]
pub use coverage;
pub use evidence::{real_codex, server_used};
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

/// What codexkit can do, row by row, with names that `cargo doc` knows to exist.
#[cfg(doc)]
pub mod rows {
    #[expect(unused_imports, reason = "for the links")]
    use codexkit::*;

    #[doc = include_str!("../../crates/coverage/rows.md")]
    pub struct Rows;
}
