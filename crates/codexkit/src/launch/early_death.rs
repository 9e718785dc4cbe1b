//! What it means when the server ends before it has answered for the first time.
//!
//! All there is to go by is how it ended and what it wrote to its standard error.

use super::version::MINIMUM_CODEX;
use crate::error::{Error, ErrorKind, ExitStatus};
use crate::protocol::Version;
use std::path::Path;

/// The longest text of the server's that an error quotes, in characters.
const LONGEST_QUOTE: usize = 400;

/// Newer servers listen at sockets whose paths are longer than the system takes them.
const LONG_PATHS_SINCE: Version = Version::new(0, 163, 0);

/// The error for a server that ended, as `exit` says, before it answered `initialize`.
///
/// `stderr_tail` is what [`settled_stderr`](super::ServerProcess::settled_stderr) gave.
pub(crate) fn early_death(program: &Path, exit: Option<ExitStatus>, stderr_tail: &str) -> Error {
    let program = program.display();
    let ended = exit.map_or_else(|| "an unknown status".to_owned(), |exit| exit.to_string());
    let quote = telling_part(stderr_tail);
    let cause = Cause::of(exit, stderr_tail);
    let text = match cause {
        Cause::Locked => {
            "codex could not open its state database; if other servers are starting on the same CODEX_HOME, start again a \
             little later, or give each its own home"
                .to_owned()
        }
        Cause::NoNode => format!(
            "{program} is npm's wrapper around codex and needs Node.js, which is not on PATH; install Node.js, or give the path \
             of the native binary"
        ),
        Cause::NoNativePackage => format!(
            "{program} is npm's wrapper around codex, and its package for this system is missing; install it again \
             (npm install -g @openai/codex) without leaving out optional dependencies"
        ),
        Cause::NoAppServer => {
            format!("{program} does not know `app-server`; install codex {MINIMUM_CODEX} or newer")
        }
        Cause::Arguments => format!("{program} did not accept its arguments; correct them, or use a codex that knows them"),
        Cause::Config => "codex did not accept its configuration; correct it and start again".to_owned(),
        Cause::Address => "codex cannot listen where it was told to: the address or socket is in use; choose another one".into(),
        Cause::LongPath => {
            format!("the path of the socket is too long for {program}; choose a shorter one, or a codex since {LONG_PATHS_SINCE}")
        }
        Cause::Killed => format!("{program} was killed before it answered"),
        Cause::Unknown => {
            format!("{program} ended without answering; is it codex {MINIMUM_CODEX} or newer?")
        }
    };
    let said = quote.map_or_else(String::new, |quote| format!(", saying: {quote}"));
    Error::new(cause.kind(), format!("{text} (it ended with {ended}{said})"))
}

#[derive(Clone, Copy)]
enum Cause {
    Locked,
    NoNode,
    NoNativePackage,
    NoAppServer,
    Arguments,
    Config,
    Address,
    LongPath,
    Killed,
    Unknown,
}

impl Cause {
    fn of(exit: Option<ExitStatus>, stderr: &str) -> Self {
        const COMMAND_NOT_FOUND: Option<ExitStatus> = Some(ExitStatus::Code(127));
        const BAD_ARGUMENTS: Option<ExitStatus> = Some(ExitStatus::Code(2));
        const FAILED: Option<ExitStatus> = Some(ExitStatus::Code(1));
        let says = |part: &str| stderr.contains(part);
        let line_starts_with = |start: &str| stderr.lines().any(|line| line.starts_with(start));
        match exit {
            Some(ExitStatus::Signal(_)) => Self::Killed,
            _ if exit == COMMAND_NOT_FOUND && says("node") => Self::NoNode,
            _ if says("Missing optional dependency @openai/codex") => Self::NoNativePackage,
            // A codex without the subcommand takes its name for a prompt, and wants a terminal for it.
            _ if says("subcommand 'app-server'") || says("is not a terminal") => Self::NoAppServer,
            _ if exit == BAD_ARGUMENTS && line_starts_with("error: ") && says("codex") => Self::Arguments,
            _ if says("failed to initialize sqlite state runtime") || says("database is locked") => {
                Self::Locked
            }
            _ if says("Address in use") || says("socket is already in use") => Self::Address,
            _ if says("shorter than SUN_LEN") => Self::LongPath,
            _ if exit == FAILED && line_starts_with("Error: ") => Self::Config,
            _ => Self::Unknown,
        }
    }

    fn kind(self) -> ErrorKind {
        match self {
            Self::Locked => ErrorKind::Overloaded,
            Self::NoAppServer | Self::LongPath => ErrorKind::Incompatible,
            Self::Arguments => ErrorKind::Usage,
            Self::Config => ErrorKind::Config,
            Self::Address | Self::NoNode | Self::NoNativePackage | Self::Killed | Self::Unknown => {
                ErrorKind::Spawn
            }
        }
    }
}

/// The error message with what belongs to it, up to the next blank line; without one, the last line.
fn telling_part(stderr: &str) -> Option<String> {
    let is_message = |line: &&str| line.starts_with("Error: ") || line.starts_with("error: ");
    let mut lines =
        stderr.lines().skip_while(|line| !is_message(line)).take_while(|line| !line.trim().is_empty());
    let part = match lines.next() {
        Some(first) => lines.fold(first.to_owned(), |part, line| part + " " + line.trim()),
        None => stderr.lines().rev().find(|line| !line.trim().is_empty())?.trim().to_owned(),
    };
    match part.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => Some(format!("{}...", part.get(..end)?)),
        None => Some(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(exit: ExitStatus, stderr: &str) -> Error {
        early_death(Path::new("/bin/codex"), Some(exit), stderr)
    }

    #[test]
    fn each_way_to_die_early_has_its_kind_and_says_what_was_said() {
        use ErrorKind::{Config, Incompatible, Overloaded, Spawn, Usage};
        use ExitStatus::{Code, Signal};
        // What real binaries wrote
        let cases = [
            (
                Code(1),
                "Error: error parsing -c overrides: Invalid override (missing '='): noequals\n",
                Config,
            ),
            (
                Code(1),
                "Error: invalid type: integer `7`, expected a string\nin `model_providers.x.base_url`\n\n",
                Config,
            ),
            (
                Code(1),
                "WARNING: proceeding\nError: CODEX_HOME points to \"/x\", but that path does not exist\n",
                Config,
            ),
            (Code(1), "Error: Address in use (os error 98)\n", Spawn),
            (Code(1), "Error: app-server control socket is already in use at /s\n", Spawn),
            (Code(1), "Error: path must be shorter than SUN_LEN\n", Incompatible),
            (Code(1), "Error: Model provider `nope` not found\n", Config),
            (
                Code(2),
                "error: unexpected argument '--no' found\n\nUsage: codex app-server [OPTIONS]\n",
                Usage,
            ),
            (Code(2), "error: unrecognized subcommand 'app-server'\n\nUsage: codex\n", Incompatible),
            (Code(1), "Error: stdin is not a terminal\n", Incompatible),
            (Code(1), "Error: failed to initialize sqlite state runtime under /h: failed\n", Overloaded),
            (Code(1), "Cause: error returned from database: (code: 5) database is locked\n", Overloaded),
            (Code(127), "/usr/bin/env: 'node': No such file or directory\n", Spawn),
            (
                Code(1),
                "Error: Missing optional dependency @openai/codex-linux-x64. Reinstall Codex: npm\n",
                Spawn,
            ),
            (Signal(9), "", Spawn),
            (Code(0), "", Spawn),
            (Code(2), "ls: cannot access 'app-server': No such file or directory\n", Spawn),
            (Code(1), "git: 'app-server' is not a git command. See 'git --help'.\n", Spawn),
        ];
        for (exit, stderr, kind) in cases {
            let error = error(exit, stderr);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(&exit.to_string()), "{error}");
        }
    }

    #[test]
    fn the_message_is_quoted_with_what_belongs_to_it() {
        let stderr = "2026 WARN noise\nError: invalid type\nin `model`\n\nStack backtrace:\n  0: x\n";
        assert_eq!(telling_part(stderr).as_deref(), Some("Error: invalid type in `model`"));
        assert_eq!(telling_part("one\ntwo \n\n").as_deref(), Some("two"));
        assert_eq!(telling_part(" \n"), None);
        let long = format!("Error: {}", "ä".repeat(1000));
        assert_eq!(telling_part(&long).unwrap().chars().count(), LONGEST_QUOTE + 3);
    }
}
