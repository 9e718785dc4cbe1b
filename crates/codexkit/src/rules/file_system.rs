//! The files that rules look at.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What stands at a path, links not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file that can be run.
    Program,
    /// Something else.
    File,
    /// A link to a path, which may be relative to the folder of the link.
    Link(PathBuf),
    /// Nobody can tell. Nothing is allowed then.
    Unknown,
}

/// The file system on which the agent works. The [local one](LocalFiles), unless the agent runs elsewhere: in a
/// container, on another machine. See [`Rules::on`](super::Rules::on).
///
/// What it says is true for the moment only: a link may be another one by the time the agent follows it.
pub trait FileSystem: fmt::Debug + Send + Sync {
    /// What stands at this absolute path.
    fn look(&self, path: &Path) -> Found;
}

/// The file system of this process.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LocalFiles;

impl FileSystem for LocalFiles {
    fn look(&self, path: &Path) -> Found {
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Found::Missing;
            }
            Err(_) => return Found::Unknown,
        };
        if found.is_symlink() {
            return fs::read_link(path).map_or(Found::Unknown, Found::Link);
        }
        match found {
            _ if found.is_dir() => Found::Folder,
            _ if found.is_file() && may_run(&found) => Found::Program,
            _ => Found::File,
        }
    }
}

#[cfg(unix)]
fn may_run(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn may_run(_: &fs::Metadata) -> bool {
    true
}
