//! Starting the server and holding on to it.

use super::checks;
use super::life::{Departure, Life};
use super::reaper::{self, Keeping, Patience};
use super::settings::Launch;
use super::stderr::StderrTail;
use super::sweep::{MARKER, Marker};
use crate::error::{Error, ErrorKind, ExitStatus, Result};
use crate::limits::Limits;
use rustix::process::Pid;
use std::fmt;
use std::io::{self, PipeReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::unix::pipe;

/// A server that was just started.
#[derive(Debug)]
pub(crate) struct Spawned {
    /// Its input. Closing (dropping) it tells the server to end.
    pub(crate) stdin: pipe::Sender,
    /// Its output.
    pub(crate) stdout: pipe::Receiver,
    pub(crate) process: ServerProcess,
}

/// A handle on a server process that we started. Cheap to clone.
///
/// When the last handle is dropped, the server is shut down as by [`shut_down`](Self::shut_down), by a thread of its own: it
/// does not matter whether there still is a runtime, and dropping never blocks.
#[derive(Clone)]
pub(crate) struct ServerProcess(Arc<Owner>);

struct Owner {
    pid: Pid,
    life: Arc<Life>,
    stderr: Arc<StderrTail>,
}

/// Starts the server in a process group of its own, so that Ctrl-C in a terminal does not hit it.
///
/// Must be called inside a tokio runtime that has its I/O enabled.
///
/// # Errors
/// `Usage`, `NotFound`, `Config` or `Spawn`, each with what to do. A server that starts and ends at once is no error here.
pub(crate) fn spawn(launch: &Launch, limits: &Limits) -> Result<Spawned> {
    check(launch)?;
    start(launch, limits.shutdown_step).map_err(|error| checks::after(launch, error))
}

/// Starts a server that listens, as [`spawn`] does one that speaks over its standard streams.
///
/// # Errors
/// As for [`spawn`].
pub(crate) fn spawn_listening(launch: &Launch, limits: &Limits) -> Result<ServerProcess> {
    check(launch)?;
    start_listening(launch, limits.shutdown_step).map_err(|error| checks::after(launch, error))
}

fn check(launch: &Launch) -> Result<()> {
    checks::before(launch)?;
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::new(ErrorKind::Usage, "codex can only be started inside a tokio runtime"));
    }
    Ok(())
}

fn start(launch: &Launch, step: Duration) -> io::Result<Spawned> {
    let (child_stdin, stdin) = io::pipe()?;
    let (stdout, child_stdout) = io::pipe()?;
    let (stderr, child_stderr) = io::pipe()?;
    // Registered before there is a process: nothing can fail any more once there is one.
    let stdin = pipe::Sender::from_owned_fd(OwnedFd::from(stdin))?;
    let stdout = pipe::Receiver::from_owned_fd(OwnedFd::from(stdout))?;
    let mut command = launch.command();
    command.stdin(child_stdin).stdout(child_stdout).stderr(child_stderr);
    let patience = Patience { step, ends_with_input: true };
    let process = ServerProcess::own(command, stderr, launch.secrets(), patience)?;
    tracing::debug!(pid = process.pid(), program = %launch.program.display(), "started the codex server");
    Ok(Spawned { stdin, stdout, process })
}

fn start_listening(launch: &Launch, step: Duration) -> io::Result<ServerProcess> {
    let (child_stdin, mut stdin) = io::pipe()?;
    let (stderr, child_stderr) = io::pipe()?;
    let mut command = launch.command();
    command.stdin(child_stdin).stdout(Stdio::null()).stderr(child_stderr);
    if let Some(token) = launch.listen.as_ref().and_then(|listen| listen.token.as_deref()) {
        // It is short, so it has room in the pipe before anybody reads it.
        stdin.write_all(token.as_bytes())?;
    }
    drop(stdin);
    let patience = Patience { step, ends_with_input: false };
    let process = ServerProcess::own(command, stderr, launch.secrets(), patience)?;
    tracing::debug!(pid = process.pid(), program = %launch.program.display(), "started a codex server that listens");
    Ok(process)
}

impl ServerProcess {
    /// Starts a command, all of whose standard streams are set, in a process group of its own and takes care of it from then
    /// on. `stderr` is the other end of its standard error.
    pub(super) fn own(
        mut command: Command,
        stderr: PipeReader,
        secrets: Vec<String>,
        patience: Patience,
    ) -> io::Result<Self> {
        let marker = Marker::new();
        command.env(MARKER, marker.env_value()).process_group(0);
        let (stderr, drain_signals) = StderrTail::drain(stderr, secrets)?;
        let life = Arc::new(Life::new());
        // The threads come before the process, so that it is never without its keeper.
        let threads =
            reaper::start(Keeping { life: Arc::clone(&life), marker, stderr: drain_signals, patience })?;
        let pid = Pid::from_child(&command.spawn()?);
        life.begin(pid);
        threads.with(pid);
        // Dropping the command here closes our copies of the child's ends; with them open, its streams would never end.
        Ok(Self(Arc::new(Owner { pid, life, stderr })))
    }

    /// The id of the process that we started (behind the npm wrapper, the server proper has another one).
    pub(crate) fn pid(&self) -> u32 {
        self.0.pid.as_raw_pid().unsigned_abs()
    }

    /// Waits until the process that we started has ended, and says how; `None` if something else in this program has taken
    /// the status away by waiting for all children. Cancel safe.
    ///
    /// Behind the npm wrapper this is the wrapper: if it alone is killed, the server proper goes on, and its output does not
    /// end. Whoever sees the end here calls [`shut_down`](Self::shut_down), which ends both.
    pub(crate) async fn exited(&self) -> Option<ExitStatus> {
        self.0.life.ended().await
    }

    /// How the process ended, if it has.
    pub(crate) fn try_exit(&self) -> Option<ExitStatus> {
        self.0.life.exit()
    }

    /// Whether the process has ended.
    pub(crate) fn has_exited(&self) -> bool {
        self.0.life.has_ended()
    }

    /// The end of what the server wrote to its standard error, at most 64 KiB, for people to read: invalid UTF-8 is
    /// replaced, colours are taken out, values of secret-looking variables and overrides are hidden.
    pub(crate) fn stderr_tail(&self) -> String {
        self.0.stderr.text()
    }

    /// Waits until the server has written something to its standard error in which `find` finds what is wanted; none if it
    /// ends without. Cancel safe.
    pub(crate) async fn says<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.0.stderr.says(find).await
    }

    /// Waits until all is read that the server wrote to its standard error before it ended, and returns the tail. Waits as
    /// long as the server lives, and no longer, even if another process holds the pipe open. Cancel safe.
    pub(crate) async fn settled_stderr(&self) -> String {
        self.0.stderr.settled().await;
        self.stderr_tail()
    }

    /// Starts the shutdown, once; further calls change nothing. Does not block.
    ///
    /// The caller closes the server's input before or right after; a server that listens has none, and gets its SIGTERM at
    /// once. If the server and its process group have not ended after
    /// [`shutdown_step`](Limits::shutdown_step), they get SIGTERM, and SIGKILL after as long again. Then the process is reaped,
    /// and commands of the agent that are still alive are killed (Linux).
    pub(crate) fn shut_down(&self) {
        self.0.life.want_shutdown();
    }

    /// Waits until a shutdown that was started is over; all that can be read of the standard error is read then. Takes at most three to four times the step. Cancel safe.
    pub(crate) async fn closed(&self) -> Departure {
        self.0.life.departed().await
    }

    /// [`closed`](Self::closed) for threads.
    pub(super) fn wait_closed(&self) -> Departure {
        self.0.life.wait_for_departure()
    }

    #[cfg(test)]
    pub(super) fn shared_with_threads(&self) -> (std::sync::Weak<Life>, std::sync::Weak<StderrTail>) {
        (Arc::downgrade(&self.0.life), Arc::downgrade(&self.0.stderr))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.life.want_shutdown();
    }
}

impl fmt::Debug for ServerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerProcess").field("pid", &self.pid()).field("exit", &self.try_exit()).finish()
    }
}
