//! The two threads that own a server process.
//!
//! They are plain threads, since the runtime that started the server may be gone when it has to be ended. The *watcher*
//! sleeps until the process has ended and says so. The *keeper* sleeps until a shutdown is wanted, makes sure that the
//! process and its group end, reaps it, and sweeps what it left behind. Both end by themselves: a shutdown is wanted at
//! the latest when the last handle is dropped, and then nothing can hold the keeper but a process that even SIGKILL does
//! not end.

use super::life::{Departure, Life, Step};
use super::stderr::DrainSignals;
use super::sweep::{Marker, sweep};
use crate::error::ExitStatus;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

type SharedSignals = Arc<Mutex<Option<DrainSignals>>>;

/// What the threads need to know of the process, once it runs.
pub(super) struct Keeping {
    pub(super) life: Arc<Life>,
    pub(super) marker: Marker,
    pub(super) stderr: DrainSignals,
    pub(super) patience: Patience,
}

/// How a process is brought to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long it may take for each step before the next harder one.
    pub(super) step: Duration,
    /// Whether it ends by itself once its input is closed.
    pub(super) ends_with_input: bool,
}

/// Starts the threads, before there is a process: so nothing can fail any more once there is one. They begin when its id is
/// sent, and end at once if the sender is dropped instead.
pub(super) fn start(keeping: Keeping) -> std::io::Result<Start> {
    let (watcher_start, watched) = mpsc::channel();
    let (keeper_start, kept) = mpsc::channel();
    let Keeping { life, marker, stderr, patience } = keeping;
    // The watcher tells of the end, the keeper takes it to end the draining.
    let stderr: SharedSignals = Arc::new(Mutex::new(Some(stderr)));
    let (watcher_life, watcher_stderr) = (Arc::clone(&life), Arc::clone(&stderr));
    super::thread("codexkit-watcher", move || {
        let Ok(leader) = watched.recv() else { return };
        let exit = wait_without_reaping(leader);
        if let Some(stderr) = watcher_stderr.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            stderr.server_ended();
        }
        watcher_life.publish_end(exit);
    })?;
    super::thread("codexkit-keeper", move || {
        let Ok(leader) = kept.recv() else { return };
        keep(&life, leader, &marker, &stderr, patience);
    })?;
    Ok(Start { watcher: watcher_start, keeper: keeper_start })
}

/// Sets the threads to work.
pub(super) struct Start {
    watcher: mpsc::Sender<Pid>,
    keeper: mpsc::Sender<Pid>,
}

impl Start {
    pub(super) fn with(self, leader: Pid) {
        // Both threads wait for nothing else, so somebody receives.
        let _ = (self.watcher.send(leader), self.keeper.send(leader));
    }
}

/// Waits until the process has ended and leaves it in the system's table, so that its number stays its own. `None` if
/// somebody else has reaped it (a handler that waits for all children, or `SIGCHLD` being ignored).
fn wait_without_reaping(leader: Pid) -> Option<ExitStatus> {
    let status = loop {
        match waitid(WaitId::Pid(leader), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Err(Errno::INTR) => {}
            result => break result.ok().flatten()?,
        }
    };
    let code = status.exit_status().map(ExitStatus::Code);
    code.or_else(|| status.terminating_signal().map(ExitStatus::Signal))
}

fn keep(life: &Life, leader: Pid, marker: &Marker, stderr: &SharedSignals, patience: Patience) {
    life.wait_for_shutdown_wanted();
    let last_step = climb(life, patience);
    let ended = life.has_ended();
    if ended {
        life.reap();
    }
    let swept = sweep(marker, patience.step);
    let stderr = stderr.lock().unwrap_or_else(PoisonError::into_inner).take();
    stderr.into_iter().for_each(DrainSignals::finish);
    let exit = life.exit();
    tracing::debug!(pid = leader.as_raw_pid(), ?exit, step = ?last_step, swept, "the codex server is gone");
    life.publish_departure(Departure { exit, step: last_step, swept });
    if !ended {
        tracing::warn!(pid = leader.as_raw_pid(), "SIGKILL has not ended the codex server yet");
        life.wait_for_end();
        life.reap();
    }
}

/// Presses harder until nobody of the group lives. Whoever wanted the shutdown has closed the server's input, or does so
/// now. A group whose leader was killed (the npm wrapper, with the server proper behind it) is given the same time.
///
/// A server that listens knows of no input. At the first SIGTERM it waits for its turns to end, at the second one no more.
fn climb(life: &Life, patience: Patience) -> Step {
    let Patience { step, ends_with_input } = patience;
    let at_once = if ends_with_input { step } else { Duration::ZERO };
    if life.wait_for_empty_group(at_once) {
        return Step::CloseStdin;
    }
    for _ in 0..if ends_with_input { 1 } else { 2 } {
        life.signal_group(Signal::TERM);
        if life.wait_for_empty_group(step) {
            return Step::Terminate;
        }
    }
    life.signal_group(Signal::KILL);
    life.wait_for_empty_group(step);
    Step::Kill
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_our_child_any_more_has_ended_with_an_unknown_status() {
        let parent = rustix::process::getppid().unwrap();
        assert_eq!(wait_without_reaping(parent), None);
    }
}
