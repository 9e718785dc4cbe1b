//! Rules about commands.

mod args;
mod generous;
mod launchers;
mod simple;
#[cfg(test)]
mod tests;
mod words;

pub use args::Args;

use super::anything::{Anything, Topic};
use super::ground::Ground;
use super::paths;
use super::permit::Permit;
use generous::Reading;
use simple::Simple;
use std::fmt;
use std::path::PathBuf;

/// A command, for rules.
///
/// # In an allow rule
///
/// It matches one simple command, by all of its words. The server's text is cut into words as a shell does, after
/// `bash -lc '...'` (also `sh`, `zsh`, `-c`) has been taken off once. It never matches a text
///
/// - that contains one of `; & | < > ( ) { } $ # ! * ? [ ] ~ ^`, a backtick or a newline, **be it in quotes**: so no
///   lists, pipelines, substitutions, redirections, patterns, braces, comments;
/// - that contains a control character or anything but ASCII: so nothing that only looks like the word it should be;
/// - that assigns variables before the program, is longer than 64 KiB, or leaves a quote open;
/// - whose program, or whose shell, is not the one that is found in the trusted folders: see [`Rules::trusting`].
///   `./ls` and `/tmp/ls` are not `ls`.
///
/// A rule that gives the program by an absolute path matches that path only; one with a relative path never does.
///
/// # In a deny or an ask rule
///
/// It matches generously: each program that might run counts, wherever it stands in a list, a pipeline, a substitution
/// or behind `sudo`, `xargs` and the like; quotes, case, path, `.exe` and the version in a name are ignored. The words
/// after the program count in any place after it. That finds what is spelt out, not what a program computes; such a
/// command is then asked about, as no rule allows it.
///
/// ```
/// use codexkit::rules::{Command, Rules, Subject, Verdict};
///
/// let rules = Rules::new()
///     .allow(Command::exactly(["cargo", "test"]))
///     .deny(Command::program("rm"));
/// assert_eq!(rules.decide(&Subject::command("/bin/bash -lc 'cargo test; rm -rf x'")).verdict, Verdict::Deny);
/// assert_eq!(rules.decide(&Subject::command("/bin/bash -lc 'cargo test | tee log'")).verdict, Verdict::Ask);
/// ```
///
/// [`Rules::trusting`]: super::Rules::trusting
#[derive(Clone)]
pub struct Command {
    words: Vec<String>,
    /// What may follow the words.
    args: Args,
    exact: bool,
    folder: Option<PathBuf>,
}

/// A program, whatever its arguments. For rules that deny or ask: see [`Command::program`].
#[derive(Clone)]
pub struct Program(String);

/// A command to decide about.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    simple: Result<Simple, words::Refusal>,
    reading: Reading,
    cwd: Option<&'a str>,
}

impl Command {
    /// The command with these words and no others. The first is the program.
    pub fn exactly(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { exact: true, ..Self::starting_with(words).with_arguments(Args::none()) }
    }

    /// The command that begins with these words; [`with_arguments`](Self::with_arguments) says what may follow.
    /// When nothing is said these are [plain words](Args::plain), and so no options.
    ///
    /// What the words themselves permit is up to the rule: `["tee"]` writes any file, `["git", "config"]` can make the
    /// next `git log` run a program.
    pub fn starting_with(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            args: Args::plain(),
            exact: false,
            folder: None,
        }
    }

    /// Says which arguments may follow. Only an allow rule looks at them.
    #[must_use]
    pub fn with_arguments(mut self, args: Args) -> Self {
        self.args = args;
        self.exact = false;
        self
    }

    /// Only when the working directory is this folder or one within. `cargo test` does something else in each folder.
    /// Only an allow rule looks at it. The folder is absolute.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Every command that may run this program. Only for rules that deny or ask.
    pub fn program(name: impl Into<String>) -> Program {
        Program(name.into())
    }

    /// Every command. Only for rules that deny or ask.
    pub fn any() -> Anything {
        Anything(Topic::Command)
    }

    pub(super) fn permits(&self, asked: &Asked<'_>, ground: &Ground) -> Permit {
        let Ok(Simple { shell, argv }) = &asked.simple else { return Permit::No };
        let Some((program, args)) = self.words.split_first() else { return Permit::No };
        let same_name = argv[0] == *program || argv[0].rsplit('/').next() == Some(program);
        let Some(more) = argv[1..].strip_prefix(args).filter(|_| same_name) else { return Permit::No };
        let open = !self.exact && launchers::open_to_arguments(&self.words);
        let checks = || {
            self.args.check(more, open, asked.cwd, ground)?;
            if !ground.programs.is_named(&argv[0], program, asked.cwd, &*ground.files) {
                return Err(format!("{:?} is not the program {program:?} of a trusted folder", argv[0]));
            }
            match shell {
                Some(shell) if !ground.programs.is_shell(shell, asked.cwd, &*ground.files) => {
                    return Err(format!("{shell:?} is not a shell of a trusted folder"));
                }
                _ => {}
            }
            match &self.folder {
                Some(folder) if !paths::leads_into(".", asked.cwd, folder, &*ground.files) => {
                    Err(format!("it does not run in {}", folder.display()))
                }
                _ => Ok(()),
            }
        };
        match checks() {
            Ok(()) => Permit::Yes,
            Err(why) => Permit::Almost(why),
        }
    }

    pub(super) fn concerns(&self, asked: &Asked<'_>) -> bool {
        let same = |simple: &Simple| simple.argv == self.words;
        asked.simple.as_ref().is_ok_and(same) || asked.reading.may_begin(&self.words)
    }
}

impl Program {
    pub(super) fn concerns(&self, asked: &Asked<'_>) -> bool {
        asked.reading.may_run(&self.0)
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(line: &str, cwd: Option<&'a str>) -> Self {
        Self { simple: simple::simple(line), reading: Reading::of(line), cwd }
    }

    /// Why no allow rule can match it.
    pub(super) fn refusal(&self) -> Option<String> {
        self.simple.as_ref().err().map(|refusal| format!("the command is not one plain command: {refusal}"))
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "command {:?}", self.words)?;
        if !self.exact {
            write!(f, " and then {:?}", self.args)?;
        }
        match &self.folder {
            Some(folder) => write!(f, " in {}", folder.display()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "program {:?}", self.0)
    }
}
