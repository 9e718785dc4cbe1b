//! One installation at a time, between processes.

use super::wait::Patience;
use crate::error::{Error, ErrorKind, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;

/// Held until it is dropped, or its process has ended in whatever way.
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Lock {
    /// Waits for the lock; tells once if it has to.
    pub(super) fn acquire(path: &Path, patience: &Patience, on_wait: impl Fn()) -> Result<Self> {
        let file = open(path)?;
        let mut told = false;
        let outcome = patience.until(|| match take(&file) {
            Ok(false) => {
                if !std::mem::replace(&mut told, true) {
                    on_wait();
                }
                None
            }
            Ok(true) => Some(Ok(())),
            Err(error) => Some(Err(failed(path, error))),
        })?;
        outcome.map(|()| Self(file))
    }

    /// The lock, if nobody has it.
    pub(super) fn try_acquire(path: &Path) -> Option<Self> {
        let file = open(path).ok()?;
        take(&file).ok()?.then_some(Self(file))
    }
}

fn open(path: &Path) -> Result<File> {
    // Never removed: who waits for a file that was removed would not see who locks its successor.
    let mut options = File::options();
    options.create(true).truncate(false).write(true).open(path).map_err(|error| failed(path, error))
}

fn take(file: &File) -> std::io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    let text = format!(
        "{} cannot be locked; choose another folder for codexkit's installations (CODEXKIT_CACHE)",
        path.display()
    );
    Error::new(ErrorKind::Provision, text).with_source(error)
}
