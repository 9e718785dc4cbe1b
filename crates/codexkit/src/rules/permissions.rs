//! Rules about permissions that the agent asks for.

use super::anything::{Anything, Topic};
use super::file_system::FileSystem;
use super::paths;
use crate::protocol::types::{FileSystemAccessMode, FileSystemPath, RequestPermissionProfile};
use std::fmt;
use std::path::{Path, PathBuf};

/// Permissions, for rules. The agent asks for them by `item/permissions/requestApproval`.
///
/// A request is allowed when each permission in it is allowed by some rule. Those for patterns of paths and for special
/// places (the root, the folders for temporary files) are never allowed by a rule.
///
/// A deny or an ask rule about a folder matches when a permission reaches any of it: a permission for the folder above
/// does, and so does each for a pattern or a special place. One about reading matches writing too.
///
/// ```
/// use codexkit::rules::{Permissions, Rules};
///
/// let rules = Rules::new().allow(Permissions::reading("/data")).deny(Permissions::network());
/// ```
#[derive(Clone)]
pub struct Permissions(Kind);

#[derive(Clone)]
enum Kind {
    Reading(PathBuf),
    Writing(PathBuf),
    Network,
}

/// One permission of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    what: What<'a>,
    cwd: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Read(&'a str),
    Write(&'a str),
    Network,
    Other,
}

impl Permissions {
    /// To read in this folder, which is absolute.
    pub fn reading(folder: impl Into<PathBuf>) -> Self {
        Self(Kind::Reading(folder.into()))
    }

    /// To read and write in this folder, which is absolute.
    pub fn writing(folder: impl Into<PathBuf>) -> Self {
        Self(Kind::Writing(folder.into()))
    }

    /// To use the network, without limits.
    pub fn network() -> Self {
        Self(Kind::Network)
    }

    /// Every permission. Only for rules that deny or ask.
    pub fn any() -> Anything {
        Anything(Topic::Permissions)
    }

    pub(super) fn permits(&self, wanted: &Wanted<'_>, files: &dyn FileSystem) -> bool {
        match (&self.0, wanted.what) {
            (Kind::Network, What::Network) => true,
            (Kind::Reading(folder), What::Read(path))
            | (Kind::Writing(folder), What::Read(path) | What::Write(path)) => {
                paths::leads_into(path, wanted.cwd, folder, files)
            }
            _ => false,
        }
    }

    pub(super) fn concerns(&self, wanted: &Wanted<'_>, files: &dyn FileSystem) -> bool {
        match (&self.0, wanted.what) {
            (Kind::Network, what) => matches!(what, What::Network),
            (Kind::Reading(_) | Kind::Writing(_), What::Other) => true,
            (Kind::Reading(folder), What::Read(path) | What::Write(path))
            | (Kind::Writing(folder), What::Write(path)) => {
                let path = Path::new(wanted.cwd.unwrap_or_default()).join(path);
                let (folders, paths) = (paths::readings(folder, files), paths::readings(&path, files));
                folders.iter().any(|folder| {
                    paths.iter().any(|path| path.starts_with(folder) || folder.starts_with(path))
                })
            }
            _ => false,
        }
    }
}

/// All permissions of a request.
pub(super) fn wanted<'a>(profile: &'a RequestPermissionProfile, cwd: Option<&'a str>) -> Vec<Wanted<'a>> {
    let mut wanted = Vec::new();
    if let Some(files) = &profile.file_system {
        wanted.extend(files.read.iter().flatten().map(|path| What::Read(path)));
        wanted.extend(files.write.iter().flatten().map(|path| What::Write(path)));
        wanted.extend(files.entries.iter().flatten().filter_map(|entry| {
            match (&entry.access, &entry.path) {
                (FileSystemAccessMode::Deny, _) => None,
                (FileSystemAccessMode::Read, FileSystemPath::Path(at)) => Some(What::Read(&at.path)),
                (FileSystemAccessMode::Write, FileSystemPath::Path(at)) => Some(What::Write(&at.path)),
                _ => Some(What::Other),
            }
        }));
    }
    if profile.network.as_ref().is_some_and(|network| network.enabled != Some(false)) {
        wanted.push(What::Network);
    }
    wanted.into_iter().map(|what| Wanted { what, cwd }).collect()
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::Read(path) => write!(f, "read {path}"),
            What::Write(path) => write!(f, "write {path}"),
            What::Network => f.write_str("use the network"),
            What::Other => f.write_str("use a special place or a pattern of paths"),
        }
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Reading(folder) => write!(f, "permission to read {}", folder.display()),
            Kind::Writing(folder) => write!(f, "permission to write {}", folder.display()),
            Kind::Network => f.write_str("permission to use the network"),
        }
    }
}
