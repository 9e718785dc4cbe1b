//! How a connection ended.

use std::fmt;

/// How a connection ended, with what the server last wrote to its standard error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Closed {
    /// The first cause.
    pub reason: CloseReason,
    /// How the server process ended, when it was ours and has ended.
    pub exit: Option<ExitStatus>,
    /// The end of what the server wrote to its standard error, at most 64 KiB; invalid UTF-8 is replaced.
    pub stderr_tail: String,
}

impl Closed {
    pub(crate) fn new(reason: CloseReason) -> Self {
        Self { reason, exit: None, stderr_tail: String::new() }
    }
}

/// The first cause of the end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The program closed it, or dropped its last handle.
    ByUs,
    /// The server process ended by itself.
    Exited,
    /// The server closed its side.
    Eof,
    /// The transport was there, and nothing was heard of the server for too long: no answer to a sign of life either.
    Silent,
    /// Reading or writing failed.
    Io(String),
    /// The server broke the rules of the protocol.
    Protocol(String),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExitStatus {
    /// It ended by itself with this code.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
}

impl ExitStatus {
    /// Whether it ended by itself and without complaint.
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            CloseReason::ByUs => f.write_str("the connection was closed by this program")?,
            CloseReason::Exited => f.write_str("the codex server ended")?,
            CloseReason::Eof => f.write_str("the codex server closed its output")?,
            CloseReason::Silent => f.write_str("nothing was heard of the codex server for too long")?,
            CloseReason::Io(error) => write!(f, "the connection to the codex server broke: {error}")?,
            CloseReason::Protocol(problem) => write!(f, "the connection was given up: {problem}")?,
        }
        if let Some(exit) = &self.exit {
            write!(f, " ({exit})")?;
        }
        match self.stderr_tail.trim_end().lines().next_back() {
            Some(line) if self.reason != CloseReason::ByUs => write!(f, "; its last words: {line}"),
            _ => Ok(()),
        }
    }
}
