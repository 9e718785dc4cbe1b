//! Finding the codex binary.

use super::cache::Cache;
use super::environment::{BINARY_VARIABLE, Environment};
use super::package;
use super::provision::Provision;
use crate::error::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Finds the binary: the one that the program names, else that of `CODEXKIT_CODEX`, else the first `codex` on `PATH`, else what
/// `provision` installs, or without one what codexkit installed before.
///
/// If what is found is npm's wrapper script, the native binary behind it is taken: one process less to own, and it needs no
/// Node.js. If that is not where npm puts it, the wrapper itself is taken.
///
/// # Errors
/// `NotFound`: nothing was found; the text lists where it was looked for. Or the named one cannot be it: missing, a folder, or
/// not executable. What is named is never replaced by something else. And what installing gives.
pub(super) async fn find(
    explicit: Option<&Path>,
    provision: Option<&Provision>,
    environment: Environment,
) -> Result<PathBuf> {
    match (of_user(explicit, &environment)?, provision) {
        (Some(binary), _) => Ok(binary),
        (None, Some(provision)) => provision.install_in(environment).await,
        (None, None) => of_ours(&environment),
    }
}

/// What the user, or the program, has installed.
fn of_user(explicit: Option<&Path>, environment: &Environment) -> Result<Option<PathBuf>> {
    if let Some(path) = explicit {
        return named(path, "the program", environment).map(Some);
    }
    if let Some(path) = environment.variable(BINARY_VARIABLE) {
        return named(Path::new(path), BINARY_VARIABLE, environment).map(Some);
    }
    let name = environment.platform.map_or("codex", |platform| platform.binary());
    let mut candidates = environment.path_folders().into_iter().map(|folder| folder.join(name));
    let first = candidates.find(|candidate| is_executable(candidate));
    Ok(first.map(|candidate| behind_wrapper(&candidate, environment)))
}

/// What codexkit has installed before.
fn of_ours(environment: &Environment) -> Result<PathBuf> {
    let cache = environment.cache().map(Cache::new);
    let best = cache.as_ref().and_then(|cache| cache.best(environment.platform?));
    best.ok_or_else(|| not_found(&environment.path_folders(), cache.as_ref()))
}

pub(super) fn named(path: &Path, by: &str, environment: &Environment) -> Result<PathBuf> {
    let problem = if path.is_dir() {
        "is a folder; name the binary in it"
    } else if !path.exists() {
        "does not exist; correct it, or install codex there"
    } else {
        let binary = behind_wrapper(path, environment);
        if is_executable(&binary) {
            return Ok(binary);
        }
        "is not executable; name a codex binary, or set its executable bit (chmod +x)"
    };
    let text = format!("the codex binary named by {by}, {}, {problem}", path.display());
    Err(Error::new(ErrorKind::NotFound, text))
}

fn behind_wrapper(path: &Path, environment: &Environment) -> PathBuf {
    let native = || environment.platform?.native_binary(&package::package_of_wrapper(path)?);
    native().filter(|native| is_executable(native)).unwrap_or_else(|| path.to_owned())
}

fn not_found(folders: &[PathBuf], cache: Option<&Cache>) -> Error {
    let folders = match folders {
        [] => "PATH (it is empty)".to_owned(),
        _ => {
            let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
            format!("PATH ({})", folders.join(", "))
        }
    };
    let cache = match cache {
        Some(cache) => format!("codexkit's own installations in {}", cache.folder().display()),
        None => "codexkit's own installations (there is no folder for them: HOME is not set)".to_owned(),
    };
    Error::new(
        ErrorKind::NotFound,
        format!(
            "no codex binary was found. Looked for at: {BINARY_VARIABLE} (not set); `codex` on {folders}; {cache}. Install it \
             (npm install -g @openai/codex), name it in the program or by {BINARY_VARIABLE}, or let codexkit install its own \
             (`Provision`)"
        ),
    )
}

/// Whether it is a file that somebody may execute.
pub(super) fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    #[cfg(unix)]
    let allowed = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let allowed = true;
    metadata.is_file() && allowed
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::environment::CACHE_VARIABLE;
    use crate::launch::tests::fixture::Scratch;
    use coverage::covers;

    const NATIVE: &str = "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex";

    fn locate(explicit: Option<&Path>, environment: &Environment) -> Result<PathBuf> {
        of_user(explicit, environment)?.map_or_else(|| of_ours(environment), Ok)
    }

    /// A global installation by npm: `bin/codex` links to the wrapper.
    fn npm_installation(scratch: &Scratch, with_native: bool) {
        let script =
            scratch.executable("lib/node_modules/@openai/codex/bin/codex.js", "#!/usr/bin/env node\n");
        std::os::unix::fs::symlink(script, scratch.folder("bin").join("codex")).unwrap();
        if with_native {
            scratch.executable(&format!("lib/node_modules/{NATIVE}"), "");
        }
    }

    fn with_path(folders: &[PathBuf]) -> Environment {
        Environment::of([("PATH", std::env::join_paths(folders).unwrap())])
    }

    #[test]
    fn the_wrapper_on_the_path_leads_to_the_native_binary() {
        covers!["000-008"];
        let scratch = Scratch::new();
        npm_installation(&scratch, true);
        let native = scratch.path().join("lib/node_modules").join(NATIVE);
        let environment = with_path(&[scratch.path().join("empty"), scratch.path().join("bin")]);
        assert_eq!(locate(None, &environment).unwrap(), native);
        // Named by its path, too
        let wrapper = scratch.path().join("bin/codex");
        assert_eq!(locate(Some(&wrapper), &Environment::of([("HOME", "/")])).unwrap(), native);
    }

    #[test]
    fn a_wrapper_without_its_native_binary_is_taken_itself() {
        let scratch = Scratch::new();
        npm_installation(&scratch, false);
        // There is a package, but for another system
        scratch.executable(&format!("lib/node_modules/{}", NATIVE.replace("linux", "darwin")), "");
        let environment = with_path(&[scratch.path().join("bin")]);
        assert_eq!(locate(None, &environment).unwrap(), scratch.path().join("bin/codex"));
    }

    #[test]
    fn what_is_named_comes_first_and_is_never_replaced() {
        covers!["000-008", "D25"];
        let scratch = Scratch::new();
        let [named, by_variable, on_path] =
            ["n/codex", "v/codex", "p/codex"].map(|name| scratch.executable(name, ""));
        let path = on_path.parent().unwrap().to_owned();
        let environment =
            Environment::of([("PATH", path.into_os_string()), (BINARY_VARIABLE, by_variable.clone().into())]);
        assert_eq!(locate(Some(&named), &environment).unwrap(), named);
        assert_eq!(locate(None, &environment).unwrap(), by_variable);
        std::fs::remove_file(&by_variable).unwrap();
        let error = locate(None, &environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(BINARY_VARIABLE), "{error}");
    }

    #[test]
    fn what_is_named_but_cannot_be_it_is_told_apart() {
        covers!["O02"];
        let scratch = Scratch::new();
        let plain = scratch.file("plain", "");
        let missing = scratch.path().join("missing");
        let cases = [
            (missing.as_path(), "does not exist"),
            (scratch.path(), "is a folder"),
            (plain.as_path(), "is not executable"),
        ];
        for (path, part) in cases {
            let error = locate(Some(path), &Environment::of([("PATH", "/bin")])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn on_the_path_files_that_cannot_be_executed_and_folders_are_passed_over() {
        let scratch = Scratch::new();
        scratch.file("plain/codex", "");
        scratch.folder("folder/codex");
        let right = scratch.executable("right/codex", "");
        let environment = with_path(&["plain", "folder", "right"].map(|name| scratch.path().join(name)));
        assert_eq!(locate(None, &environment).unwrap(), right);
    }

    #[test]
    fn our_own_installation_comes_last() {
        covers!["D25"];
        let scratch = Scratch::new();
        let binary = scratch.executable(&format!("cache/codex-0.169.0/node_modules/{NATIVE}"), "");
        let cache = scratch.path().join("cache").into_os_string();
        let environment = Environment::of([("PATH", "/no/such".into()), (CACHE_VARIABLE, cache)]);
        assert_eq!(locate(None, &environment).unwrap(), binary);
    }

    #[tokio::test]
    async fn provisioning_fills_a_gap_with_its_own_version_and_replaces_nothing() {
        covers!["D25"];
        // Given two versions in a folder of ours, and none of the user's
        let scratch = Scratch::new();
        let ours = |version| format!("cache/codex-{version}/node_modules/{NATIVE}");
        let [older, _] = ["0.150.0", "0.169.0"].map(|version| scratch.executable(&ours(version), ""));
        let cache = scratch.path().join("cache").into_os_string();
        let environment = Environment::of([("PATH", "/no/such".into()), (CACHE_VARIABLE, cache)]);
        let provision = Provision::pinned().version(crate::protocol::Version::new(0, 150, 0));
        // Then the version that was asked for is taken
        assert_eq!(find(None, Some(&provision), environment.clone()).await.unwrap(), older);
        // But not in the place of one that is named
        let missing = scratch.path().join("missing");
        let error = find(Some(&missing), Some(&provision), environment).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn if_there_is_none_the_error_lists_every_place_and_what_to_do() {
        covers!["000-003"];
        let environment = Environment::of([("PATH", "/no/such:/nor/this"), (CACHE_VARIABLE, "/no/cache")]);
        let error = locate(None, &environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        for part in [BINARY_VARIABLE, "/no/such", "/nor/this", "/no/cache", "npm install", "Provision"] {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
        let nothing = locate(None, &Environment::of([("X", "")])).unwrap_err();
        assert!(nothing.to_string().contains("HOME is not set"), "{nothing}");
    }
}
