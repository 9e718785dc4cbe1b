//! Commands in the server's sandbox.

use super::control::{ExecControl, Family};
use super::output::ExecOutput;
use super::running::{RunningExec, TerminateOnDrop};
use crate::client::Filter;
use crate::codex::Codex;
use crate::error::{Error, Result};
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::path::Refused;
use crate::protocol::types::{
    CommandExecParams, CommandExecResponse, CommandExecTerminalSize, SandboxPolicy,
};
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// A command that the server is about to run; await it for its whole output, or end it with [`stream`](Self::stream). Made
/// by [`Codex::exec`].
///
/// It runs in the server's sandbox, without the agent, and without any shell: name one if you want one.
#[derive(Clone, Debug)]
#[must_use = "a command is run when this is awaited or streamed"]
pub struct Exec {
    codex: Codex,
    params: CommandExecParams,
    refused: Refused,
}

impl Codex {
    /// Has the server run a command: the program and its arguments. Uses `command/exec`.
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// use codexkit::ExecEvent;
    ///
    /// let listing = codex.exec(["ls", "-l"]).cwd("/tmp").await?;
    /// println!("{}", listing.stdout_text());
    ///
    /// let mut building = codex.exec(["make"]).no_timeout().stream().await?;
    /// while let Some(event) = building.try_next().await? {
    ///     if let ExecEvent::Output { bytes, .. } = event {
    ///         print!("{}", String::from_utf8_lossy(&bytes));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn exec(&self, command: impl IntoIterator<Item = impl Into<String>>) -> Exec {
        Exec { codex: self.clone(), params: CommandExecParams::new(command), refused: Refused::default() }
    }
}

impl Exec {
    forward_to_params! {
        /// The working directory. Default: the server's.
        path cwd: String;
        /// What it may touch. Default: the server's configuration, which is mostly read-only.
        into sandbox_policy: SandboxPolicy;
        /// The name of a permission profile instead. Experimental.
        into permission_profile: String;
    }

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

    /// How long it may run, to the millisecond; then it is killed, and its exit code is 124. Default: the server's, which
    /// is 10 s in codex 0.169.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.params.timeout_ms = Some(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
        self.params.disable_timeout = None;
        self
    }

    /// Lets it run as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.params.timeout_ms = None;
        self.params.disable_timeout = Some(true);
        self
    }

    /// How many bytes of each output the server passes on. Default: the server's, which is 1 MiB in codex 0.169.
    pub fn output_cap(mut self, bytes: u64) -> Self {
        self.params.output_bytes_cap = Some(bytes);
        self.params.disable_output_cap = None;
        self
    }

    /// Has the server pass on all output, however much.
    pub fn no_output_cap(mut self) -> Self {
        self.params.output_bytes_cap = None;
        self.params.disable_output_cap = Some(true);
        self
    }

    /// Lets this program write to its standard input, by [`ExecControl::write`]. Only when it is streamed; it runs on until
    /// it is content with what it has read. Default: it has no input.
    pub fn open_stdin(mut self) -> Self {
        self.params.stream_stdin = Some(true);
        self
    }

    /// Runs it on a terminal of this size, for input and output. Both outputs come as one.
    pub fn tty(mut self, rows: u16, cols: u16) -> Self {
        self.params.tty = Some(true);
        self.params.size = Some(CommandExecTerminalSize::new(cols, rows));
        self
    }

    /// Starts it and returns it as a stream of events.
    ///
    /// Cancel safe: dropped, the command is killed.
    ///
    /// # Errors
    ///
    /// `Closed`. What the server has against the command comes as the error of the first event: `Rpc` when it cannot be
    /// started, `InvalidParams` and the like.
    pub async fn stream(self) -> Result<RunningExec> {
        self.stream_boxed().await
    }

    fn stream_boxed(self) -> BoxFuture<'static, Result<RunningExec>> {
        Box::pin(self.start())
    }

    /// Keeps what is wrong with a setting for the one who awaits.
    fn refuse(&mut self, error: Error) {
        self.refused.keep(error);
    }

    async fn start(self) -> Result<RunningExec> {
        self.refused.check()?;
        let client = self.codex.client;
        let terminal = self.params.tty == Some(true);
        let stdin = terminal || self.params.stream_stdin == Some(true);
        let control = ExecControl::new(client.clone(), Family::Command, stdin);
        let subscription = client.subscribe(Filter::Process(control.id().into()))?;
        let params = self.params.process_id(control.id()).stream_stdout_stderr(true);

        let written = Arc::new(Notify::new());
        let telling = written.clone();
        let answer = Box::pin(async move { client.call_and_tell(&params, telling).await });
        let mut running = RunningExec::command(control, subscription, answer);
        running.is_written(&written).await;
        Ok(running)
    }

    async fn run(self) -> Result<ExecOutput> {
        if self.params.tty == Some(true) || self.params.stream_stdin == Some(true) {
            return self.start().await?.read_to_end().await;
        }
        self.refused.check()?;
        let client = self.codex.client;
        let control = ExecControl::new(client.clone(), Family::Command, false);
        let params = self.params.process_id(control.id());
        let guard = TerminateOnDrop::new(control);
        let answer = client.call(&params).await;
        guard.disarm();
        let CommandExecResponse { exit_code, stdout, stderr, .. } = answer?;
        let (stdout, stderr) = (stdout.into_bytes(), stderr.into_bytes());
        Ok(ExecOutput { exit_code, stdout, stderr, ..ExecOutput::default() })
    }
}

/// Runs the command to its end, whatever its exit code. The server turns output that is no UTF-8 into text by guessing;
/// [`Exec::stream`] gives the bytes as they are. Cancel safe: dropped, the command is
/// killed.
///
/// Fails as [`Codex::call`] does. A program that is missing is `Rpc` only where the command has no sandbox. Within the
/// sandbox, which is a program of its own, it is an exit code (101 on Linux), and the standard error tells why.
impl IntoFuture for Exec {
    type Output = Result<ExecOutput>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
