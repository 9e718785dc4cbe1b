//! Finding, checking, installing and owning the codex process.

mod checks;
mod life;
mod process;
#[cfg(target_os = "linux")]
mod procfs;
mod reaper;
mod settings;
mod stderr;
mod sweep;
#[cfg(test)]
mod tests;

pub(crate) use life::{Departure, Step};
pub(crate) use process::{ServerProcess, Spawned, spawn};
pub(crate) use settings::Launch;

/// Starts a thread that does little and waits much.
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    /// In bytes. Deep calls are not made there; the platform's own default would be some megabytes.
    const STACK: usize = 256 * 1024;
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work).map(drop)
}
