//! Processes outside of the sandbox.

use super::control::{ExecControl, Family};
use super::running::RunningExec;
use crate::client::Filter;
use crate::codex::Codex;
use crate::error::Result;
use crate::future::BoxFuture;
use crate::path::{self, Refused};
use crate::protocol::Patch;
use crate::protocol::types::{ProcessSpawnParams, ProcessTerminalSize};
use std::future::IntoFuture;
use std::path::Path;
use std::time::Duration;

/// A process that the server is about to start, without any sandbox; await it for a stream of its events. Made by
/// [`Codex::spawn_process`].
#[derive(Clone, Debug)]
#[must_use = "a process is started when this is awaited"]
pub struct SpawnProcess {
    codex: Codex,
    params: ProcessSpawnParams,
    refused: Refused,
}

impl Codex {
    /// Has the server start a process on its machine, in an absolute folder. It may do whatever the server may: for commands
    /// in a sandbox there is [`exec`](Self::exec). Uses `process/spawn`, which is experimental.
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// let mut server = codex.spawn_process(["python3", "-m", "http.server"], "/srv/files").no_timeout().await?;
    /// while let Some(event) = server.try_next().await? {
    ///     println!("{event:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_process(
        &self,
        command: impl IntoIterator<Item = impl Into<String>>,
        cwd: impl AsRef<Path>,
    ) -> SpawnProcess {
        let mut refused = Refused::default();
        let cwd = path::text(cwd.as_ref()).unwrap_or_else(|error| {
            refused.keep(error);
            String::new()
        });
        // The server's name for it is given when it is started.
        SpawnProcess { codex: self.clone(), params: ProcessSpawnParams::new(command, cwd, ""), refused }
    }
}

impl SpawnProcess {
    /// Sets an environment variable, over the server's own environment.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.env.get_or_insert_default().insert(name.into(), Some(value.into()));
        self
    }

    /// Keeps a variable of the server's environment from it.
    pub fn env_remove(mut self, name: impl Into<String>) -> Self {
        self.params.env.get_or_insert_default().insert(name.into(), None);
        self
    }

    /// How long it may run, to the millisecond. Default: the server's.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.params.timeout_ms = Patch::Set(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
        self
    }

    /// Lets it run as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.params.timeout_ms = Patch::Clear;
        self
    }

    /// How many bytes of each output the server passes on. Default: the server's.
    pub fn output_cap(mut self, bytes: u64) -> Self {
        self.params.output_bytes_cap = Patch::Set(bytes);
        self
    }

    /// Has the server pass on all output, however much.
    pub fn no_output_cap(mut self) -> Self {
        self.params.output_bytes_cap = Patch::Clear;
        self
    }

    /// Lets this program write to its standard input. Default: it has no input.
    pub fn open_stdin(mut self) -> Self {
        self.params.stream_stdin = Some(true);
        self
    }

    /// Runs it on a terminal of this size, for input and output. Both outputs come as one.
    pub fn tty(mut self, rows: u16, cols: u16) -> Self {
        self.params.tty = Some(true);
        self.params.size = Some(ProcessTerminalSize::new(cols, rows));
        self
    }

    async fn start(mut self) -> Result<RunningExec> {
        self.refused.check()?;
        let client = self.codex.client;
        let stdin = self.params.tty == Some(true) || self.params.stream_stdin == Some(true);
        let control = ExecControl::new(client.clone(), Family::Process, stdin);
        let subscription = client.subscribe(Filter::Process(control.id().into()))?;
        self.params.process_handle = control.id().to_owned();
        self.params.stream_stdout_stderr = Some(true);
        // Dropped from here on, the process is killed.
        let running = RunningExec::process(control, subscription);
        match client.call(&self.params).await {
            Ok(_) => Ok(running),
            Err(error) => {
                running.detach();
                Err(error)
            }
        }
    }
}

/// Cancel safe: dropped, the process is killed. Fails as [`Codex::call`] does; `Rpc` when the process cannot be started.
impl IntoFuture for SpawnProcess {
    type Output = Result<RunningExec>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}
