//! Rules about changes of files.

use super::anything::{Anything, Topic};
use super::file_system::FileSystem;
use super::glob;
use super::paths;
use super::permit::Permit;
use std::fmt;
use std::path::{Path, PathBuf};

/// Folders whose files decide what other programs run or what the agent may do.
const CONTROL: &[&str] = &[".git", ".hg", ".svn", ".jj", ".codex", ".agents"];

/// Files within a folder, for rules about changes.
///
/// A change is allowed when each of its paths, those that files are moved to as well, is allowed by some rule. A path
/// counts as where it leads: `..` is taken out and links are followed, in the folder of the rule too. A relative path
/// without a working directory is never allowed, nor is one with control or invisible characters.
///
/// The folders `.git`, `.hg`, `.svn`, `.jj`, `.codex` and `.agents` are not allowed with the folder that they are in: a hook in
/// there is a program that runs later. A rule has to name them.
///
/// A deny or an ask rule matches when any path does, be it as it stands or where it leads, in upper or lower case.
///
/// These rules are about the changes that the agent makes by patches, not about what its commands write.
///
/// ```
/// use codexkit::rules::{Files, Rules};
///
/// let rules = Rules::new()
///     .allow(Files::within("/workspace/src"))
///     .allow(Files::within("/workspace/docs").only("**/*.md"))
///     .deny(Files::matching("**/*.lock"));
/// ```
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
    only: Option<String>,
}

/// Files whose paths match a pattern, wherever they are. For rules that deny or ask: see [`Files::matching`].
#[derive(Clone)]
pub struct FilesMatching(String);

/// A path that a change touches.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangedFile<'a> {
    pub(super) path: &'a str,
    pub(super) cwd: Option<&'a str>,
}

impl Files {
    /// The folder and all files in it, at any depth. The folder is absolute.
    pub fn within(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), only: None }
    }

    /// Of these, only the files whose path from the folder matches the pattern, which is one of
    /// [`matching`](Self::matching).
    #[must_use]
    pub fn only(mut self, pattern: impl Into<String>) -> Self {
        self.only = Some(pattern.into());
        self
    }

    /// The files that match a pattern. In it, `*` stands for any part of one name, `?` for one character, `**` for any
    /// folders; nothing else is special. A pattern that does not begin with `/` matches at any depth. Only for rules
    /// that deny or ask.
    pub fn matching(pattern: impl Into<String>) -> FilesMatching {
        FilesMatching(pattern.into())
    }

    /// All files. Only for rules that deny or ask.
    pub fn any() -> Anything {
        Anything(Topic::Files)
    }

    pub(super) fn permits(&self, file: &ChangedFile<'_>, files: &dyn FileSystem) -> Permit {
        let Some(below) = paths::below(file.path, file.cwd, &self.folder, files) else { return Permit::No };
        if let Some(control) = below.iter().find(|path| is_control(path)) {
            return Permit::Almost(format!("a rule would have to name {} itself", control.display()));
        }
        let fits = |path: &PathBuf| match &self.only {
            Some(pattern) => glob::path_matches(pattern, &path.to_string_lossy()),
            None => true,
        };
        below.iter().all(fits).into()
    }

    pub(super) fn concerns(&self, file: &ChangedFile<'_>, files: &dyn FileSystem) -> bool {
        let folders = paths::readings(&self.folder, files);
        let paths = file.readings(files);
        let mut pairs = folders.iter().flat_map(|folder| paths.iter().map(move |path| (folder, path)));
        pairs.any(|(folder, path)| {
            let below = path.strip_prefix(folder).ok();
            below.is_some_and(|below| match &self.only {
                Some(pattern) => glob::path_matches(&pattern.to_lowercase(), &below.to_string_lossy()),
                None => true,
            })
        })
    }
}

impl FilesMatching {
    pub(super) fn concerns(&self, file: &ChangedFile<'_>, files: &dyn FileSystem) -> bool {
        let pattern = self.0.to_lowercase();
        file.readings(files).iter().any(|path| glob::path_matches(&pattern, &path.to_string_lossy()))
    }
}

impl ChangedFile<'_> {
    fn readings(&self, files: &dyn FileSystem) -> Vec<PathBuf> {
        let path = match self.cwd {
            Some(cwd) => Path::new(cwd).join(self.path),
            None => PathBuf::from(self.path),
        };
        paths::readings(&path, files)
    }
}

fn is_control(path: &Path) -> bool {
    path.iter().any(|part| {
        let name = part.to_string_lossy().to_lowercase();
        // Windows takes these ends off.
        CONTROL.contains(&name.trim_end_matches(['.', ' ']))
    })
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "files within {}", self.folder.display())?;
        match &self.only {
            Some(pattern) => write!(f, " that match {pattern:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FilesMatching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "files that match {:?}", self.0)
    }
}
