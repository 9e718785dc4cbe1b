//! Finding, checking, installing and owning the codex process.

mod cache;
mod checks;
mod early_death;
mod environment;
mod life;
mod locate;
mod package;
mod process;
#[cfg(target_os = "linux")]
mod procfs;
mod provision;
mod reaper;
mod settings;
mod start_gate;
mod stderr;
mod sweep;
#[cfg(test)]
mod tests;
mod user_command;
mod version;

use crate::error::Result;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

pub(crate) use early_death::early_death;
pub(crate) use process::{ServerProcess, spawn, spawn_listening};
pub use provision::{Provision, ProvisionProgress};
pub(crate) use settings::{Launch, Listen};
pub(crate) use start_gate::{StartGate, jittered};
pub use version::{MINIMUM_CODEX, TESTED_CODEX};
pub(crate) use version::{check_version, server_version};

/// Finds the codex binary, or installs one if none is named and none is found on `PATH`. With it come the arguments that make
/// a server of it, if the user has named them.
pub(crate) async fn find(
    explicit: Option<&Path>,
    provision: Option<&Provision>,
) -> Result<(PathBuf, Option<Vec<String>>)> {
    let environment = environment::Environment::current();
    if let Some((program, words)) = user_command::user_command(explicit, &environment)? {
        return Ok((program, Some(words)));
    }
    let program = locate::find(explicit, provision, environment).await?;
    Ok((program, None))
}

/// Starts a thread that does little and waits much.
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    /// In bytes. Deep calls are not made there; the platform's own default would be some megabytes.
    const STACK: usize = 256 * 1024;
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work)
}
