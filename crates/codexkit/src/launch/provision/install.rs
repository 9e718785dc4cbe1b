//! The installation itself, on its own thread.

use super::lock::Lock;
use super::npm::{self, Finished};
use super::wait::Patience;
use super::{Provision, ProvisionProgress};
use crate::error::{Error, ErrorKind, Result};
use crate::launch::cache::{Cache, binary_in};
use crate::launch::environment::Environment;
use crate::launch::version::check_version;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::Receiver;

/// Installs the version unless it is there, and returns its native binary.
pub(super) fn install(
    provision: &Provision,
    environment: &Environment,
    given_up: Receiver<()>,
) -> Result<PathBuf> {
    let patience = Patience::new(given_up, provision.deadline);
    let version = provision.version;
    check_version(version)?;
    let Some(platform) = environment.platform else {
        let text = format!("codex is not built for {} on {}", std::env::consts::OS, std::env::consts::ARCH);
        return Err(Error::new(ErrorKind::Provision, text));
    };
    let cache = cache(provision, environment)?;
    if let Some(binary) = cache.binary(version, platform) {
        remove_leftovers(&cache);
        return Ok(binary);
    }
    std::fs::create_dir_all(cache.folder()).map_err(|error| cannot_write(cache.folder(), error))?;
    let _lock =
        Lock::acquire(&cache.lock_file(), &patience, || provision.report(ProvisionProgress::Waiting))?;
    // Who held the lock before may have installed it.
    if let Some(binary) = cache.binary(version, platform) {
        return Ok(binary);
    }
    cache.clean();
    let npm = npm::find(environment)?;
    provision.report(ProvisionProgress::Installing(version));
    let folder = Unfinished(cache.begin().map_err(|error| cannot_write(cache.folder(), error))?);
    let finished = npm::run(npm::install(&npm, environment, version, &folder.0), &patience)?
        .map_err(|error| Error::new(ErrorKind::Provision, "npm could not be started").with_source(error))?;
    if !finished.succeeded() {
        return Err(npm_failed(&finished));
    }
    provision.report(ProvisionProgress::Checking(version));
    let Some(binary) = binary_in(&folder.0, platform) else {
        return Err(Error::new(
            ErrorKind::Provision,
            format!(
                "npm has installed codex without the binary for this system, an optional dependency; see that npm's settings do \
                 not leave those out. The end of its output:\n{}",
                finished.last_lines()
            ),
        ));
    };
    check(&binary, &folder.0, provision, &patience)?;
    let _ = std::fs::remove_dir_all(npm::cache_in(&folder.0));
    settle(&binary)
        .and_then(|()| cache.finish(&folder.0, version))
        .map_err(|error| cannot_write(cache.folder(), error))?;
    // What stood in its place, if anything, was moved aside.
    cache.clean();
    let installed = cache.binary(version, platform);
    installed.ok_or_else(|| {
        Error::new(ErrorKind::Provision, "codex was installed and is gone again; try once more")
    })
}

fn cache(provision: &Provision, environment: &Environment) -> Result<Cache> {
    let given = provision.cache.as_ref().and_then(|folder| std::path::absolute(folder).ok());
    given.or_else(|| environment.cache()).map(Cache::new).ok_or_else(|| {
        Error::new(
            ErrorKind::Provision,
            "there is no folder to install codex into, since HOME is not set; name one by CODEXKIT_CACHE or \
             `Provision::cache_dir`",
        )
    })
}

/// Somebody who was killed while installing may have left some hundred megabytes.
fn remove_leftovers(cache: &Cache) {
    if cache.needs_cleaning()
        && let Some(_lock) = Lock::try_acquire(&cache.lock_file())
    {
        cache.clean();
    }
}

/// Goes away, unless it got its final name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next installation.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the binary: a truncated one does not get as far as telling its version.
fn check(binary: &Path, folder: &Path, provision: &Provision, patience: &Patience) -> Result<()> {
    let home = folder.join("check-home");
    std::fs::create_dir(&home).map_err(|error| cannot_write(folder, error))?;
    let mut command = Command::new(binary);
    command.arg("--version").env_clear().env("HOME", &home).env("CODEX_HOME", &home).current_dir(&home);
    let outcome = npm::run(command, patience)?;
    let _ = std::fs::remove_dir_all(&home);
    let broken = |why: String| {
        Error::new(
            ErrorKind::Provision,
            format!("what npm installed does not work: {why}; try again, or look at the disk"),
        )
    };
    let finished = outcome.map_err(|error| broken("it does not start".to_owned()).with_source(error))?;
    if !finished.succeeded() {
        return Err(broken(format!(
            "it ended with {}, saying: {}",
            finished.exit_text(),
            finished.last_lines()
        )));
    }
    let told = finished.output.split_whitespace().next_back().and_then(|word| word.parse().ok());
    if told != Some(provision.version) {
        return Err(broken(format!("it says `{}` instead of {}", finished.last_lines(), provision.version)));
    }
    Ok(())
}

/// Has the binary written to the disk, so that a power cut cannot leave a hole behind a finished name.
fn settle(binary: &Path) -> io::Result<()> {
    std::fs::File::open(binary)?.sync_all()
}

fn npm_failed(finished: &Finished) -> Error {
    let text = format!(
        "npm could not install codex and ended with {}; the end of its output:\n{}",
        finished.exit_text(),
        finished.last_lines()
    );
    Error::new(ErrorKind::Provision, text)
}

fn cannot_write(folder: &Path, error: io::Error) -> Error {
    let text = format!(
        "{} cannot be written; make room or give access there, or choose another folder (CODEXKIT_CACHE or \
         `Provision::cache_dir`)",
        folder.display()
    );
    Error::new(ErrorKind::Provision, text).with_source(error)
}
