//! What a command writes.

use crate::base64;
use crate::protocol::DecodeError;
use std::borrow::Cow;

/// Where a command has written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputStream {
    /// Its standard output, or its terminal.
    Stdout,
    /// Its standard error.
    Stderr,
}

/// What happens to a command that is streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecEvent {
    /// It has written something.
    Output {
        /// Where to.
        stream: OutputStream,
        /// What, byte for byte.
        bytes: Vec<u8>,
        /// Whether the cap of this stream is reached: the server passes nothing more on.
        cap_reached: bool,
    },
    /// Here, pieces of output were left out because they were not read in time.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// It has ended. The last event.
    Exited {
        /// Its exit code; 124 after a timeout, 137 when it was terminated.
        code: i32,
    },
}

/// What a command gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecOutput {
    /// Its exit code; 124 after a timeout, 137 when it was terminated.
    pub exit_code: i32,
    /// What it wrote to its standard output, or its terminal.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
    /// Whether output was cut off at the cap. Only a streamed command tells.
    pub cap_reached: bool,
    /// Pieces of output that were left out because they were not read in time. Only when it was streamed.
    pub missed: u64,
}

impl ExecOutput {
    /// Whether the exit code is 0.
    pub fn success(&self) -> bool {
        self.exit_code == 0
    }

    /// The standard output as text; what is no UTF-8 is replaced.
    pub fn stdout_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// The standard error as text; what is no UTF-8 is replaced.
    pub fn stderr_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }

    pub(super) fn add(&mut self, event: ExecEvent) {
        match event {
            ExecEvent::Output { stream, bytes, cap_reached } => {
                self.cap_reached |= cap_reached;
                match stream {
                    OutputStream::Stdout => self.stdout.extend(bytes),
                    OutputStream::Stderr => self.stderr.extend(bytes),
                }
            }
            ExecEvent::Lagged { missed } => self.missed += missed,
            ExecEvent::Exited { code } => self.exit_code = code,
        }
    }
}

/// A piece of output as it came. Whatever is not the standard error counts as standard output.
pub(super) fn piece(stream: &str, base_64: &str, cap_reached: bool) -> Result<ExecEvent, DecodeError> {
    let bytes = base64::decode(base_64).ok_or_else(|| DecodeError::new("no base 64").under("deltaBase64"))?;
    let stream = if stream == "stderr" { OutputStream::Stderr } else { OutputStream::Stdout };
    Ok(ExecEvent::Output { stream, bytes, cap_reached })
}
