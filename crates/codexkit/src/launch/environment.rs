//! What finding and installing codex depend on, as a value: the tests make their own.

use super::package::Platform;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Names the codex binary, if set. Before `PATH`, behind a path given in the program.
pub(crate) const BINARY_VARIABLE: &str = "CODEXKIT_CODEX";

/// Holds the whole command of the server, if set. Before `PATH`, behind a binary that is named.
pub(crate) const COMMAND_VARIABLE: &str = "CODEX_APP_SERVER_CMD";

/// Names the folder where codexkit keeps the codex versions that it installs.
pub(crate) const CACHE_VARIABLE: &str = "CODEXKIT_CACHE";

/// The variables and the system.
#[derive(Clone)]
pub(crate) struct Environment {
    variables: HashMap<OsString, OsString>,
    pub(super) platform: Option<Platform>,
}

impl Environment {
    /// That of this program.
    pub(crate) fn current() -> Self {
        Self { variables: std::env::vars_os().collect(), platform: Platform::current() }
    }

    #[cfg(test)]
    pub(super) fn of<V: Into<OsString>>(variables: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, platform: Platform::of("linux", "x86_64") }
    }

    /// A variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The folders of `PATH`. Relative ones are left out: what is run must not depend on where we happen to be.
    pub(super) fn path_folders(&self) -> Vec<PathBuf> {
        let folders = self.variable("PATH").map(std::env::split_paths).into_iter().flatten();
        folders.filter(|folder| folder.is_absolute()).collect()
    }

    /// The folder for the codex versions that codexkit installs; `None` if nothing says where the user keeps such things.
    pub(super) fn cache(&self) -> Option<PathBuf> {
        let absolute = |name| self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        if let Some(given) = self.variable(CACHE_VARIABLE) {
            return std::path::absolute(given).ok();
        }
        let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        let of_user = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(caches)));
        of_user.map(|caches| caches.join("codexkit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_our_variable_then_the_desktops_then_the_home() {
        let cache = |variables: &[(&'static str, &str)]| Environment::of(variables.iter().copied()).cache();
        let all = [(CACHE_VARIABLE, "/mine"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/u")];
        assert_eq!(cache(&all), Some("/mine".into()));
        assert_eq!(cache(&all[1..]), Some("/xdg/codexkit".into()));
        assert!(
            cache(&all[2..]).is_some_and(|path| path.starts_with("/home/u") && path.ends_with("codexkit"))
        );
        assert_eq!(cache(&[("XDG_CACHE_HOME", "relative")]), None);
        assert_eq!(cache(&[(CACHE_VARIABLE, ""), ("HOME", "")]), None);
    }

    #[test]
    fn relative_folders_of_the_path_are_left_out() {
        let folders = Environment::of([("PATH", "/a::.:b:/c")]).path_folders();
        assert_eq!(folders, [PathBuf::from("/a"), PathBuf::from("/c")]);
        assert!(Environment::of([("HOME", "/")]).path_folders().is_empty());
    }
}
