//! A program in a terminal, and what it writes there.

use crate::error::{Error, Result};
use rustix::pty::OpenptFlags;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

/// What the quickstart ends its question with.
const QUESTION: &str = "[y/N] ";
/// What is typed then.
pub(super) const ANSWER: &str = "y";

/// What was written in one go, by the program or by whoever sits at the terminal.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) is_answer: bool,
}

/// Runs a program to its end, with the answer `y` to its question.
///
/// It has a terminal: with a pipe instead, it would show no colours and ask nobody.
pub(super) fn record(program: &Path) -> Result<Vec<Said>> {
    let failed = |error| Error::new(format!("the terminal could not be used: {error}"));
    let mut quickstart = Command::new(program);
    quickstart.env_remove("NO_COLOR");
    let mut terminal = terminal(&mut quickstart).map_err(failed)?;
    let mut running = quickstart.spawn().map_err(failed)?;
    // It has the other end of the terminal. Without it, reading ends when the program does.
    drop(quickstart);

    let (mut said, mut asked): (Vec<Said>, bool) = (Vec::new(), false);
    let (mut buffer, mut rest) = ([0; 4096], Vec::new());
    // At the end, Linux gives an error, others nothing.
    while let Ok(length @ 1..) = terminal.read(&mut buffer) {
        rest.extend_from_slice(&buffer[..length]);
        let Some(text) = whole_text(&mut rest) else { continue };
        match said.last_mut() {
            // The echo of what was typed, and what follows.
            Some(typed) if typed.is_answer && typed.text.is_empty() => {
                let after = text.strip_prefix(ANSWER).unwrap_or(&text).to_owned();
                ANSWER.clone_into(&mut typed.text);
                said.push(Said { text: after, is_answer: false });
            }
            _ => said.push(Said { text, is_answer: false }),
        }
        if !asked && said.last().is_some_and(|last| last.text.ends_with(QUESTION)) {
            asked = true;
            terminal.write_all(format!("{ANSWER}\n").as_bytes()).map_err(failed)?;
            said.push(Said { text: String::new(), is_answer: true });
        }
    }
    let status = running.wait().map_err(failed)?;
    if status.success() { Ok(said) } else { Err(Error::new(format!("the quickstart ended with {status}"))) }
}

/// Gives a program a terminal, and returns the end at which somebody sits.
fn terminal(program: &mut Command) -> io::Result<File> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = rustix::pty::openpt(flags)?;
    rustix::pty::grantpt(&ours)?;
    rustix::pty::unlockpt(&ours)?;
    let name = rustix::pty::ptsname(&ours, Vec::new())?;
    let theirs = File::options().read(true).write(true).open(OsStr::from_bytes(name.as_bytes()))?;
    program.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    Ok(File::from(ours))
}

/// Takes what is whole: a character, or the code of a colour, may be cut by the end of a read.
fn whole_text(bytes: &mut Vec<u8>) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_cut = text.rfind('\x1b').is_some_and(|at| !text[at..].contains('m'));
    if is_cut {
        return None;
    }
    let text = text.to_owned();
    bytes.clear();
    Some(text)
}
