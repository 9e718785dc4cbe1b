//! What rules look at besides the thing that they decide about: files, and folders of programs.

use super::file_system::{FileSystem, Found};
use super::paths;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) files: Arc<dyn FileSystem>,
    pub(super) programs: Programs,
}

/// The folders in which programs are trusted to be what their names say, in the order of a search.
#[derive(Clone, Debug)]
pub(super) struct Programs(pub(super) Vec<PathBuf>);

impl Programs {
    /// The folders of the variable `PATH` of this process.
    pub(super) fn of_this_process() -> Self {
        Self(std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default())
    }

    /// Whether the word of a command starts the program that the word of a rule names.
    pub(super) fn is_named(
        &self,
        word: &str,
        named: &str,
        cwd: Option<&str>,
        files: &dyn FileSystem,
    ) -> bool {
        if named.contains('/') {
            let path = Path::new(named);
            return word == named
                && path.is_absolute()
                && matches!(program_at(path, files), Looked::Program(_));
        }
        let Some(found) = self.find(named, cwd, files) else { return false };
        word == named || self.holds(Path::new(word), named, &found, files)
    }

    /// Whether a shell is the one that its name says, be it given by name or by path.
    pub(super) fn is_shell(&self, shell: &str, cwd: Option<&str>, files: &dyn FileSystem) -> bool {
        let name = shell.rsplit('/').next().unwrap_or_default();
        self.is_named(shell, name, cwd, files)
    }

    /// The first program of this name. None if the agent may have put it there, within its working directory.
    fn find(&self, name: &str, cwd: Option<&str>, files: &dyn FileSystem) -> Option<PathBuf> {
        let folders = self.0.iter().filter(|folder| folder.is_absolute());
        let (folder, looked) = folders
            .map(|folder| (folder, program_at(&folder.join(name), files)))
            .find(|(_, looked)| *looked != Looked::Nothing)?;
        let Looked::Program(program) = looked else { return None };
        let folder = paths::resolve(folder, files)?;
        let agents = cwd.and_then(|cwd| paths::resolve(Path::new(cwd), files));
        let is_agents = agents.is_some_and(|cwd| {
            cwd.parent().is_some() && (folder.starts_with(&cwd) || program.starts_with(&cwd))
        });
        (!is_agents).then_some(program)
    }

    /// Whether a path names a program of a trusted folder that is the same file.
    fn holds(&self, word: &Path, named: &str, found: &Path, files: &dyn FileSystem) -> bool {
        let Some(folder) = word.parent().filter(|folder| folder.is_absolute()) else { return false };
        let Some(folder) = paths::resolve(folder, files) else { return false };
        let trusted = || {
            let mut folders = self.0.iter().filter(|trusted| trusted.is_absolute());
            folders.any(|trusted| paths::resolve(trusted, files).is_some_and(|trusted| trusted == folder))
        };
        word.file_name().is_some_and(|name| name == named)
            && trusted()
            && program_at(word, files) == Looked::Program(found.to_owned())
    }
}

#[derive(PartialEq)]
enum Looked {
    /// The file, links followed.
    Program(PathBuf),
    Nothing,
    /// Nobody can tell.
    Unknown,
}

fn program_at(path: &Path, files: &dyn FileSystem) -> Looked {
    let Some(path) = paths::resolve(path, files) else { return Looked::Unknown };
    match files.look(&path) {
        Found::Program => Looked::Program(path),
        Found::Unknown | Found::Link(_) => Looked::Unknown,
        _ => Looked::Nothing,
    }
}
