//! A file system that is written down.

use crate::rules::{FileSystem, Found};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What stands where. What is not written down is missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(BTreeMap<PathBuf, Found>);

impl Disk {
    /// As many systems are: `/bin` is a link to `/usr/bin`, and programs are there.
    pub(crate) fn usual() -> Self {
        let programs = [
            "awk", "bash", "cargo", "cat", "echo", "env", "find", "git", "ls", "python3", "rm", "sed", "sh",
            "sudo", "tee", "touch", "xargs", "zsh",
        ];
        let disk = Self::default()
            .folder("/usr")
            .folder("/usr/bin")
            .link("/bin", "usr/bin")
            .folder("/tmp")
            .program("/tmp/ls")
            .program("/tmp/bash")
            .folder("/workspace")
            .program("/workspace/ls")
            .folder("/workspace/bin")
            .program("/workspace/bin/made")
            .folder("/workspace/src");
        programs.iter().fold(disk, |disk, name| disk.program(&format!("/usr/bin/{name}")))
    }

    pub(crate) fn folder(self, path: &str) -> Self {
        self.with(path, Found::Folder)
    }

    pub(crate) fn program(self, path: &str) -> Self {
        self.with(path, Found::Program)
    }

    pub(crate) fn file(self, path: &str) -> Self {
        self.with(path, Found::File)
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.with(path, Found::Link(target.into()))
    }

    pub(crate) fn with(mut self, path: &str, found: Found) -> Self {
        self.0.insert(path.into(), found);
        self
    }
}

impl FileSystem for Disk {
    fn look(&self, path: &Path) -> Found {
        if path.parent().is_none() {
            return Found::Folder;
        }
        self.0.get(path).cloned().unwrap_or(Found::Missing)
    }
}
