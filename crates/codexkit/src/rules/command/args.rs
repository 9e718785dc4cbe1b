//! Which further arguments a prefix allows.

use crate::rules::ground::Ground;
use crate::rules::paths;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

type Check = Arc<dyn Fn(&[&str]) -> bool + Send + Sync>;

/// Which arguments may follow the words of [`Command::starting_with`](super::Command::starting_with).
///
/// Options can make a harmless program write files or run others: `git log --output=x`, `sort -o x`,
/// `find . -delete`. So an option is allowed only when it is listed:
///
/// ```
/// use codexkit::rules::{Args, Command};
///
/// let status = Command::starting_with(["git", "status"])
///     .with_arguments(Args::plain().or(["--short", "--branch"]));
/// ```
///
/// # Programs that run what their arguments say
///
/// A shell, an interpreter, `env`, `sudo`, `xargs`, `find` and the like, or a tool such as `git` without the word that
/// says what it does, get none but the listed arguments, whatever else is given here; only [`checked`](Args::checked)
/// is believed for them too.
#[derive(Clone)]
pub struct Args {
    kind: Kind,
    listed: Vec<String>,
}

#[derive(Clone)]
enum Kind {
    None,
    Plain,
    Within(PathBuf),
    Any,
    Checked(Check),
}

impl Args {
    /// No more arguments.
    pub fn none() -> Self {
        Self::of(Kind::None)
    }

    /// Plain words, as names, paths and revisions are: letters, digits and `_ . / , : @ + % -`, beginning with a letter,
    /// a digit, `_`, `.` or `/`. So they are no options, and no assignments. This is what is meant when nothing is said.
    ///
    /// They may name any file: `cat` reads all that the sandbox lets it read. See [`within`](Self::within).
    pub fn plain() -> Self {
        Self::of(Kind::Plain)
    }

    /// Plain words, each of which, taken for a path, leads into this folder. The folder is absolute; relative words
    /// need the working directory of the command to be known.
    pub fn within(folder: impl Into<PathBuf>) -> Self {
        Self::of(Kind::Within(folder.into()))
    }

    /// Any arguments that have no metacharacter.
    ///
    /// **Dangerous**: options of most programs can write files, and options of many can run other programs.
    pub fn any() -> Self {
        Self::of(Kind::Any)
    }

    /// The arguments for which the check says yes. It gets all that follow the prefix, without quotes, and is believed
    /// for every program.
    ///
    /// ```
    /// use codexkit::rules::{Args, Command};
    ///
    /// let tests = Command::starting_with(["python3", "-m", "pytest"])
    ///     .with_arguments(Args::checked(|args| args.iter().all(|arg| arg.starts_with("tests/"))));
    /// ```
    pub fn checked(check: impl Fn(&[&str]) -> bool + Send + Sync + 'static) -> Self {
        Self::of(Kind::Checked(Arc::new(check)))
    }

    /// These words too, each as it stands. An option that takes its value after an equals sign is listed with the
    /// value.
    #[must_use]
    pub fn or(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.listed.extend(words.into_iter().map(Into::into));
        self
    }

    fn of(kind: Kind) -> Self {
        Self { kind, listed: Vec::new() }
    }

    /// Says why an argument is not allowed. `open` tells that the arguments decide what runs.
    pub(super) fn check(
        &self,
        args: &[String],
        open: bool,
        cwd: Option<&str>,
        ground: &Ground,
    ) -> Result<(), String> {
        let others: Vec<&str> =
            args.iter().filter(|arg| !self.listed.contains(arg)).map(String::as_str).collect();
        let bad = match &self.kind {
            _ if others.is_empty() && !matches!(self.kind, Kind::Checked(_)) => None,
            Kind::Checked(check) => {
                let all: Vec<&str> = args.iter().map(String::as_str).collect();
                (!check(&all)).then(|| "the arguments did not pass the check of the rule".to_owned())
            }
            _ if open => {
                Some("the arguments decide what this program runs, so each must be listed".to_owned())
            }
            Kind::None => others.first().map(|arg| format!("the argument {arg:?} is not listed")),
            Kind::Any => None,
            Kind::Plain => not_plain(&others),
            Kind::Within(folder) => not_plain(&others).or_else(|| {
                let outside = others.iter().find(|arg| !paths::leads_into(arg, cwd, folder, &*ground.files));
                outside.map(|arg| format!("the argument {arg:?} does not lead into {}", folder.display()))
            }),
        };
        bad.map_or(Ok(()), Err)
    }
}

fn not_plain(args: &[&str]) -> Option<String> {
    let plain = |arg: &str| {
        arg.starts_with(|first: char| first.is_ascii_alphanumeric() || "_./".contains(first))
            && arg.chars().all(|next| next.is_ascii_alphanumeric() || "_./,:@+%-".contains(next))
    };
    args.iter()
        .find(|arg| !plain(arg))
        .map(|arg| format!("the argument {arg:?} is no plain word and is not listed"))
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::None => f.write_str("none")?,
            Kind::Plain => f.write_str("plain words")?,
            Kind::Within(folder) => write!(f, "paths within {}", folder.display())?,
            Kind::Any => f.write_str("any")?,
            Kind::Checked(_) => return f.write_str("those that pass a check"),
        }
        if self.listed.is_empty() { Ok(()) } else { write!(f, " or one of {:?}", self.listed) }
    }
}
