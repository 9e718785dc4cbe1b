//! Drive OpenAI's Codex coding agent through `codex app-server`.

mod error;
mod launch;
mod limits;
mod output;

pub use codexkit_protocol as protocol;
pub use error::{Clock, CloseReason, Closed, Error, ErrorKind, ExitStatus, Result};
pub use launch::{MINIMUM_CODEX, TESTED_CODEX};
pub use limits::Limits;
pub use output::TurnOutput;
