//! The `npm` client.

use super::wait::Patience;
use crate::error::{Error, ErrorKind, ExitStatus, Result};
use crate::launch::environment::Environment;
use crate::launch::locate::is_executable;
use crate::launch::process::ServerProcess;
use crate::protocol::Version;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a command that was given up may take for each step of its end.
const STEP: Duration = Duration::from_millis(500);

/// The end of npm's output that an error shows, in lines.
const LINES_SHOWN: usize = 20;

/// What a command came to.
pub(super) struct Finished {
    pub(super) exit: Option<ExitStatus>,
    /// The end of its output and errors.
    pub(super) output: String,
}

impl Finished {
    pub(super) fn succeeded(&self) -> bool {
        self.exit.is_some_and(ExitStatus::success)
    }

    pub(super) fn exit_text(&self) -> String {
        self.exit.map_or_else(|| "an unknown status".to_owned(), |exit| exit.to_string())
    }

    /// The last lines of the output that say something: no stack frames, and no word of a log that is about to be removed.
    pub(super) fn last_lines(&self) -> String {
        let says_something = |line: &&str| {
            let text = line.strip_prefix("npm error").unwrap_or(line).trim();
            !(text.is_empty() || text.starts_with("at ") || text.starts_with("A complete log of this run"))
        };
        let lines: Vec<&str> = self.output.lines().filter(says_something).collect();
        lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
    }
}

/// Runs a command to its end. If it is given up, it and all that it started are ended before this returns.
pub(super) fn run(mut command: Command, patience: &Patience) -> Result<io::Result<Finished>> {
    let own = || {
        let (output, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        ServerProcess::own(
            command,
            output,
            Vec::new(),
            crate::launch::reaper::Patience { step: STEP, ends_with_input: true },
        )
    };
    let process = match own() {
        Ok(process) => process,
        Err(error) => return Ok(Err(error)),
    };
    let ended = patience.until(|| process.has_exited().then_some(()));
    process.shut_down();
    let exit = process.wait_closed().exit;
    ended?;
    Ok(Ok(Finished { exit, output: process.stderr_tail() }))
}

/// Where npm is.
pub(super) fn find(environment: &Environment) -> Result<PathBuf> {
    let mut candidates = environment.path_folders().into_iter().map(|folder| folder.join("npm"));
    candidates.find(|npm| is_executable(npm)).ok_or_else(|| {
        Error::new(
            ErrorKind::Provision,
            "codex is installed with npm, and there is none on PATH; install Node.js, which brings it, or install codex \
             yourself and name its binary by CODEXKIT_CODEX",
        )
    })
}

/// The command that installs a version of codex into an empty folder, and writes nowhere else: npm's cache and logs go there, too.
pub(super) fn install(npm: &Path, environment: &Environment, version: Version, folder: &Path) -> Command {
    let mut command = Command::new(npm);
    command.arg("install").arg("--prefix").arg(folder).arg("--cache").arg(cache_in(folder));
    // The native binary comes as an optional dependency; a user's settings may leave those out or install globally.
    command.args(["--include=optional", "--no-global", "--ignore-scripts"]);
    command.args(["--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--no-color"]);
    command.arg(format!("@openai/codex@{version}"));
    command.current_dir(folder).env_clear();
    command.envs(environment.variables().filter(|(name, _)| npm_needs(name)));
    command
}

/// Where npm keeps its cache while it installs into `folder`.
pub(super) fn cache_in(folder: &Path) -> PathBuf {
    folder.join("npm-cache")
}

/// npm gets what it needs to find itself, its settings, and its way through the network; no keys of other services.
fn npm_needs(name: &OsStr) -> bool {
    const NAMES: [&str; 16] = [
        "path",
        "home",
        "user",
        "lang",
        "lc_all",
        "tmpdir",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "proxy",
        "ssl_cert_file",
        "ssl_cert_dir",
        "node_extra_ca_certs",
        // Where a user's settings for npm commonly take the key of a private registry from.
        "npm_token",
        "node_auth_token",
    ];
    let name = name.to_string_lossy().to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || name.starts_with("npm_config_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_is_given_its_settings_and_no_keys() {
        for needed in ["PATH", "HOME", "https_proxy", "NODE_EXTRA_CA_CERTS", "npm_config_registry"] {
            assert!(npm_needs(OsStr::new(needed)), "{needed}");
        }
        for kept_back in
            ["OPENAI_API_KEY", "CODEX_HOME", "AWS_SECRET_ACCESS_KEY", "NODE_OPTIONS", "GITHUB_TOKEN"]
        {
            assert!(!npm_needs(OsStr::new(kept_back)), "{kept_back}");
        }
    }

    #[test]
    fn the_last_lines_that_say_something_are_shown() {
        let many = (0..40).map(|n| format!("line {n}\n\n")).collect();
        let shown = Finished { exit: None, output: many }.last_lines();
        assert!(shown.starts_with("line 20\n") && shown.ends_with("line 39"), "{shown}");
        let failure = "npm error code E404\nnpm error     at x (y:1:2)\nnpm error\nnpm error A complete log of this run is in x\n";
        assert_eq!(Finished { exit: None, output: failure.into() }.last_lines(), "npm error code E404");
    }
}
