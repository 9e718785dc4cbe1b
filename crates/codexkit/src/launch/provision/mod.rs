//! Installing a codex of our own.

mod install;
mod lock;
mod npm;
#[cfg(test)]
mod tests;
mod wait;

use super::environment::Environment;
use super::version::PINNED_CODEX;
use crate::error::{Error, ErrorKind, Result};
use crate::limits;
use crate::protocol::Version;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Installs codex for this program: a fixed version, with the `npm` client, into a cache folder of the user's.
///
/// Nothing outside that folder is written, neither the user's own installation of codex nor npm's cache. A version that is
/// there already is used at once. An installation that is broken off, by whatever, leaves nothing that could be taken for
/// codex; what it leaves is removed by the next one. Of several programs that install at the same time one does, and the others
/// wait for it.
///
/// The folder is `CODEXKIT_CACHE` if that is set, else `codexkit` in the user's cache folder: `$XDG_CACHE_HOME` or `~/.cache`,
/// on macOS `~/Library/Caches`.
///
/// ```no_run
/// # async fn run() -> codexkit::Result<()> {
/// use codexkit::Provision;
///
/// let binary = Provision::pinned().on_progress(|progress| eprintln!("{progress}")).install().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is installed before `install` is awaited or a builder is given this"]
pub struct Provision {
    version: Version,
    cache: Option<PathBuf>,
    deadline: Duration,
    progress: Option<Arc<dyn Fn(ProvisionProgress) + Send + Sync>>,
}

/// How far an installation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProvisionProgress {
    /// Another program is installing into the same folder; its end is waited for.
    Waiting,
    /// npm downloads and unpacks this version.
    Installing(Version),
    /// What npm installed is being tried out.
    Checking(Version),
}

impl fmt::Display for ProvisionProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for another program that installs codex"),
            Self::Installing(version) => write!(f, "installing codex {version} with npm (some 100 MB)"),
            Self::Checking(version) => write!(f, "checking codex {version}"),
        }
    }
}

impl Provision {
    /// The version that this release of codexkit is made for and tested with: the first of
    /// [`TESTED_CODEX`](crate::TESTED_CODEX).
    pub fn pinned() -> Self {
        Self { version: PINNED_CODEX, cache: None, deadline: limits::PROVISION, progress: None }
    }

    /// Another version, [`MINIMUM_CODEX`](crate::MINIMUM_CODEX) or newer.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Another folder to keep codex in. It is made if it does not exist. A relative one is meant from the working directory of
    /// the program.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// How long it may take in all. 10 minutes.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Called at each step of an installation, from a thread of its own. Not called if the version is there already.
    pub fn on_progress(mut self, report: impl Fn(ProvisionProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(report));
        self
    }

    /// Installs the version unless it is there already, and returns the path of its native binary.
    ///
    /// Works on any runtime. Dropping the future breaks the installation off: npm is ended and what it wrote removed, in the
    /// background.
    ///
    /// # Errors
    /// - `Provision`: there is no npm, npm failed (with the end of its output), what it installed does not work, codex is not
    ///   built for this system, or there is no folder that can be written.
    /// - `Timeout`: it took longer than the deadline.
    /// - `Incompatible`: the version is older than `MINIMUM_CODEX`.
    pub async fn install(&self) -> Result<PathBuf> {
        self.install_in(Environment::current()).await
    }

    pub(crate) async fn install_in(&self, environment: Environment) -> Result<PathBuf> {
        // One thread owns the lock, the folder and npm from the beginning to the end, so that giving up here can neither block
        // nor leave anything half done. It learns of it by the end of `alive`.
        let (alive, given_up) = mpsc::channel();
        let (done, result) = tokio::sync::oneshot::channel();
        let provision = self.clone();
        let work = move || {
            // It fails if nobody waits any more.
            let _ = done.send(install::install(&provision, &environment, given_up));
        };
        std::thread::Builder::new().name("codexkit-install".to_owned()).spawn(work).map_err(|error| {
            Error::new(ErrorKind::Provision, "no thread to install codex").with_source(error)
        })?;
        let result = result.await;
        drop(alive);
        let panicked =
            || Error::new(ErrorKind::Provision, "installing codex panicked, perhaps in `on_progress`");
        result.unwrap_or_else(|_| Err(panicked()))
    }

    fn report(&self, progress: ProvisionProgress) {
        tracing::info!("{progress}");
        if let Some(report) = &self.progress {
            report(progress);
        }
    }
}

impl Default for Provision {
    fn default() -> Self {
        Self::pinned()
    }
}

impl fmt::Debug for Provision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provision")
            .field("version", &self.version)
            .field("cache", &self.cache)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
