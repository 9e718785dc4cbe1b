//! The folder where codexkit keeps the codex versions that it installs.
//!
//! ```text
//! codex-0.169.0/            a version that was checked before it got this name
//! .installing-<id>/         one that is being installed, or whose installation was broken off
//! .lock                     held by the process that installs
//! ```

use super::locate::is_executable;
use super::package::Platform;
use super::version::{MINIMUM_CODEX, PINNED_CODEX};
use crate::protocol::Version;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};

const FINISHED: &str = "codex-";
const UNFINISHED: &str = ".installing-";

#[derive(Clone, Debug)]
pub(super) struct Cache(PathBuf);

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.0.join(".lock")
    }

    /// Where a version is, or will be.
    pub(super) fn home_of(&self, version: Version) -> PathBuf {
        self.0.join(format!("{FINISHED}{version}"))
    }

    /// The binary of a version, if it is installed.
    pub(super) fn binary(&self, version: Version, platform: Platform) -> Option<PathBuf> {
        binary_in(&self.home_of(version), platform)
    }

    /// The binary of the version that this release was made for, else of the newest one.
    pub(super) fn best(&self, platform: Platform) -> Option<PathBuf> {
        let mut versions: Vec<Version> = self.names().filter_map(|name| version_of(&name)).collect();
        versions.sort_unstable_by_key(|version| std::cmp::Reverse((*version == PINNED_CODEX, *version)));
        let usable = versions.into_iter().filter(|version| *version >= MINIMUM_CODEX);
        usable.filter_map(|version| self.binary(version, platform)).next()
    }

    /// A new, empty folder to install into.
    pub(super) fn begin(&self) -> io::Result<PathBuf> {
        let id = format!("{UNFINISHED}{}-{:016x}", std::process::id(), RandomState::new().hash_one(0));
        let folder = self.0.join(id);
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Gives a checked installation its name, in one step. Whatever had that name was not usable and goes.
    pub(super) fn finish(&self, folder: &Path, version: Version) -> io::Result<()> {
        let home = self.home_of(version);
        if std::fs::symlink_metadata(&home).is_ok() {
            std::fs::rename(&home, self.begin()?)?;
        }
        std::fs::rename(folder, home)
    }

    /// Removes what broken off installations left. Only who holds the lock may do so: nobody else installs then.
    pub(super) fn clean(&self) {
        for name in self.unfinished() {
            // What cannot be removed now is in nobody's way, and the next one tries again.
            let _ = std::fs::remove_dir_all(self.0.join(name));
        }
    }

    pub(super) fn needs_cleaning(&self) -> bool {
        self.unfinished().next().is_some()
    }

    fn unfinished(&self) -> impl Iterator<Item = String> {
        self.names().filter(|name| name.starts_with(UNFINISHED))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok())
    }
}

/// The native binary in a folder that npm installed into.
pub(super) fn binary_in(folder: &Path, platform: Platform) -> Option<PathBuf> {
    let package = folder.join("node_modules").join("@openai").join("codex");
    platform.native_binary(&package).filter(|binary| binary.starts_with(folder) && is_executable(binary))
}

fn version_of(name: &str) -> Option<Version> {
    let version: Version = name.strip_prefix(FINISHED)?.parse().ok()?;
    // Versions with a suffix, and folders that somebody renamed, are not ours.
    (name == format!("{FINISHED}{version}")).then_some(version)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::tests::fixture::Scratch;

    const BINARY: &str = "node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex";

    fn linux() -> Platform {
        Platform::of("linux", "x86_64").unwrap()
    }

    #[test]
    fn the_pinned_version_is_the_best_then_the_newest() {
        let scratch = Scratch::new();
        let cache = Cache::new(scratch.path().to_owned());
        assert_eq!(cache.best(linux()), None);
        let install = |name: &str| scratch.executable(&format!("{name}/{BINARY}"), "");
        // None of these counts
        for name in ["codex-0.132.9", "codex-0.200.0-alpha", "codex-1.0.0.bak", ".installing-1-2"] {
            install(name);
        }
        scratch.file(&format!("codex-0.300.0/{BINARY}"), "not executable");
        assert_eq!(cache.best(linux()), None);
        let older = install("codex-0.140.0");
        assert_eq!(cache.best(linux()), Some(older));
        let newer = install("codex-0.200.0");
        assert_eq!(cache.best(linux()), Some(newer));
        let pinned = install(&format!("codex-{PINNED_CODEX}"));
        assert_eq!(cache.best(linux()), Some(pinned));
    }

    #[test]
    fn an_installation_is_taken_for_one_only_when_it_is_finished() {
        let scratch = Scratch::new();
        let cache = Cache::new(scratch.path().to_owned());
        let folder = cache.begin().unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        scratch.executable(&format!("{name}/{BINARY}"), "");
        assert!(binary_in(&folder, linux()).is_some() && cache.best(linux()).is_none());
        cache.finish(&folder, PINNED_CODEX).unwrap();
        assert_eq!(cache.binary(PINNED_CODEX, linux()), cache.best(linux()));
        assert!(cache.best(linux()).is_some() && !cache.needs_cleaning());
    }

    #[test]
    fn a_damaged_installation_is_replaced_and_cleaned_away() {
        let scratch = Scratch::new();
        let cache = Cache::new(scratch.path().to_owned());
        scratch.file(&format!("codex-{PINNED_CODEX}/rubbish"), "");
        let folder = cache.begin().unwrap();
        std::fs::write(folder.join("new"), "").unwrap();
        cache.finish(&folder, PINNED_CODEX).unwrap();
        assert!(cache.home_of(PINNED_CODEX).join("new").exists());
        assert!(cache.needs_cleaning());
        cache.clean();
        assert!(!cache.needs_cleaning() && cache.home_of(PINNED_CODEX).exists());
    }
}
