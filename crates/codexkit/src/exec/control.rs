//! A hand on a running command.

use crate::base64;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::types::{
    CommandExecResizeParams, CommandExecTerminalSize, CommandExecTerminateParams, CommandExecWriteParams,
    ProcessKillParams, ProcessResizePtyParams, ProcessTerminalSize, ProcessWriteStdinParams,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// By which methods of the server a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `command/exec`
    Command,
    /// `process/spawn`
    Process,
}

/// Writes to a running command, and stops it, while it is read. Cheap to clone. Made by
/// [`RunningExec::control`](super::RunningExec::control).
///
/// Once the command has ended, the server refuses all of it, with `Rpc`.
#[derive(Clone, Debug)]
pub struct ExecControl {
    client: Client,
    family: Family,
    id: Arc<str>,
    stdin: bool,
}

impl ExecControl {
    pub(super) fn new(client: Client, family: Family, stdin: bool) -> Self {
        Self { client, family, id: fresh_id(), stdin }
    }

    /// The name under which the server knows the command.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes to the standard input or the terminal. Uses `command/exec/write` or `process/writeStdin`. Not cancel safe:
    /// dropped, it may have been written.
    ///
    /// # Errors
    ///
    /// `Usage` when the command was not given an [open input](super::Exec::open_stdin); otherwise as for
    /// [`Codex::call`](crate::Codex::call).
    pub async fn write(&self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.send(Some(base64::encode(bytes.as_ref())), false).await
    }

    /// Closes the standard input, so that the command reads its end. On a terminal it sends the end of input. Uses the
    /// methods of [`write`](Self::write). Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    pub async fn close_stdin(&self) -> Result<()> {
        self.send(None, true).await
    }

    async fn send(&self, base_64: Option<String>, close: bool) -> Result<()> {
        if !self.stdin {
            let text =
                "the command reads no input of this program; start it with `open_stdin()` or on a terminal";
            return Err(Error::new(ErrorKind::Usage, text));
        }
        let close = close.then_some(true);
        match self.family {
            Family::Command => {
                let mut params = CommandExecWriteParams::new(&*self.id);
                (params.delta_base64, params.close_stdin) = (base_64, close);
                self.client.call(&params).await.map(drop)
            }
            Family::Process => {
                let mut params = ProcessWriteStdinParams::new(&*self.id);
                (params.delta_base64, params.close_stdin) = (base_64, close);
                self.client.call(&params).await.map(drop)
            }
        }
    }

    /// Tells the command that its terminal has another size. Uses `command/exec/resize` or `process/resizePty`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`](crate::Codex::call); `Rpc` when it has no terminal.
    pub async fn resize(&self, rows: u16, cols: u16) -> Result<()> {
        match self.family {
            Family::Command => {
                let size = CommandExecTerminalSize::new(cols, rows);
                self.client.call(&CommandExecResizeParams::new(&*self.id, size)).await.map(drop)
            }
            Family::Process => {
                let size = ProcessTerminalSize::new(cols, rows);
                self.client.call(&ProcessResizePtyParams::new(&*self.id, size)).await.map(drop)
            }
        }
    }

    /// Kills the command. Its end comes as an event. Uses `command/exec/terminate` or `process/kill`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`](crate::Codex::call).
    pub async fn terminate(&self) -> Result<()> {
        match self.family {
            Family::Command => self.client.call(&CommandExecTerminateParams::new(&*self.id)).await.map(drop),
            Family::Process => self.client.call(&ProcessKillParams::new(&*self.id)).await.map(drop),
        }
    }

    /// As [`terminate`](Self::terminate), without waiting.
    pub(super) fn abandon(&self) {
        match self.family {
            Family::Command => self.client.leave_behind(&CommandExecTerminateParams::new(&*self.id)),
            Family::Process => self.client.leave_behind(&ProcessKillParams::new(&*self.id)),
        }
    }
}

/// A name that no other command of this program has.
fn fresh_id() -> Arc<str> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    format!("codexkit-{}-{number}", std::process::id()).into()
}
