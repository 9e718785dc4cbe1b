//! The one shape of command that an allow rule can match.

use super::words::{Refusal, SPECIAL, split};

/// Longer commands are never allowed by a rule. In bytes.
const LONGEST: usize = 64 * 1024;

/// One program with its arguments, and the shell that is told to run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) shell: Option<String>,
    /// Never empty, and the program is not either.
    pub(super) argv: Vec<String>,
}

/// Reads a command that has no metacharacter at all, not even in quotes.
///
/// In quotes they are harmless to the shell that the quotes were made for, but shells and their options disagree on
/// quotes, and many programs read their arguments as programs.
pub(super) fn simple(line: &str) -> Result<Simple, Refusal> {
    if line.len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let words = split(line)?;
    let (shell, argv) = match unwrapped(&words) {
        Some((shell, script)) => {
            plain(script)?;
            (Some(shell.to_owned()), split(script)?)
        }
        None => {
            plain(line)?;
            (None, words)
        }
    };
    match argv.first() {
        None => return Err(Refusal::Empty),
        Some(program) if program.is_empty() => return Err(Refusal::Empty),
        Some(program) if program.contains('=') => return Err(Refusal::Assignment),
        Some(_) => {}
    }
    // `=ls` is the path of `ls` to zsh.
    if argv.iter().any(|word| word.starts_with('=')) {
        return Err(Refusal::Assignment);
    }
    Ok(Simple { shell, argv })
}

/// The shell and the script of `bash -lc SCRIPT`, the form in which the server has commands run. No other form is
/// unwrapped, and only once, as the server does.
pub(super) fn unwrapped(words: &[String]) -> Option<(&str, &str)> {
    let [shell, flag, script] = words else { return None };
    let name = shell.rsplit('/').next().unwrap_or_default();
    let wraps = matches!(name, "bash" | "sh" | "zsh") && matches!(flag.as_str(), "-lc" | "-c");
    wraps.then_some((shell, script))
}

fn plain(text: &str) -> Result<(), Refusal> {
    match text.chars().find(|found| SPECIAL.contains(found) || !(' '..='~').contains(found)) {
        None => Ok(()),
        Some(special) if SPECIAL.contains(&special) => Err(Refusal::Special(special)),
        Some(other) => Err(Refusal::Unprintable(other)),
    }
}
