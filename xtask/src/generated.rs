//! Files that are generated and committed: writing, formatting and comparing them.

use crate::error::{Error, Result, read, write as write_file};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Texts by path within the crate.
pub(crate) type Files = BTreeMap<PathBuf, String>;

/// A crate with generated files.
pub(crate) struct Folder<'a> {
    pub(crate) root: &'a Path,
    /// The folders in it that hold nothing else.
    pub(crate) generated: &'static [&'static str],
}

impl Folder<'_> {
    /// Writes the files, and removes all others.
    pub(crate) fn write(&self, files: &Files) -> Result<()> {
        for stale in self.existing()?.difference(&files.keys().cloned().collect()) {
            let path = self.root.join(stale);
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
        for (path, text) in files {
            let path = self.root.join(path);
            let text = format(text, &path)?;
            // An unchanged file keeps its time, so that nothing is compiled again.
            if read(&path).ok().as_deref() != Some(&text) {
                write_file(&path, &text)?;
            }
        }
        Ok(())
    }

    /// Fails when the files are not these.
    pub(crate) fn check(&self, files: &Files) -> Result<()> {
        let mut stale: Vec<String> = self
            .existing()?
            .difference(&files.keys().cloned().collect())
            .map(|path| path.display().to_string())
            .collect();
        for (path, text) in files {
            let full = self.root.join(path);
            if read(&full).ok() != Some(format(text, &full)?) {
                stale.push(path.display().to_string());
            }
        }
        if stale.is_empty() {
            return Ok(());
        }
        Err(Error::new(format!("run `cargo xtask codegen`; not up to date: {}", stale.join(", "))))
    }

    fn existing(&self) -> Result<BTreeSet<PathBuf>> {
        let mut found = BTreeSet::new();
        for folder in self.generated {
            let full = self.root.join(folder);
            if !full.exists() {
                continue;
            }
            for entry in std::fs::read_dir(&full).map_err(|error| Error::file(&full, error))? {
                let entry = entry.map_err(|error| Error::file(&full, error))?;
                found.insert(Path::new(folder).join(entry.file_name()));
            }
        }
        Ok(found)
    }
}

/// Formats with the workspace's own settings.
fn format(text: &str, path: &Path) -> Result<String> {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rustfmt.toml");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--emit", "stdout", "--config-path"])
        .arg(settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::new(format!("rustfmt: {error}")))?;
    if let Some(mut input) = rustfmt.stdin.take() {
        input.write_all(text.as_bytes()).map_err(|error| Error::new(format!("rustfmt: {error}")))?;
    }
    let output = rustfmt.wait_with_output().map_err(|error| Error::new(format!("rustfmt: {error}")))?;
    if !output.status.success() {
        return Err(Error::file(path, "rustfmt does not understand what was generated"));
    }
    String::from_utf8(output.stdout).map_err(|error| Error::file(path, error))
}
