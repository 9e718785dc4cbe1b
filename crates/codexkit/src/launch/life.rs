//! What is known about one server process, shared by its handles and its threads.

use crate::error::ExitStatus;
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, waitpid};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the group is looked at when its leader is gone and others are not. There is nothing to wait on for those.
const GROUP_POLL: Duration = Duration::from_millis(10);

/// How a server ended and how hard it had to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    /// How the process that we started ended. `None` if something else in this program took its status away, or if not
    /// even SIGKILL has ended it yet (it is stuck in the kernel; it will be reaped whenever it ends).
    pub(crate) exit: Option<ExitStatus>,
    /// The last step that was taken.
    pub(crate) step: Step,
    /// How many processes that outlived the server had to be killed.
    pub(crate) swept: usize,
}

/// The steps of a shutdown, each harder than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Its input was closed, or it had ended already.
    CloseStdin,
    /// SIGTERM to its group.
    Terminate,
    /// SIGKILL to its group.
    Kill,
}

/// Whether and how the process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    Ended(Option<ExitStatus>),
}

#[derive(Debug)]
pub(super) struct Life {
    state: Mutex<State>,
    changed: Condvar,
    end: watch::Sender<End>,
    departure: watch::Sender<Option<Departure>>,
}

#[derive(Debug)]
struct State {
    /// The leader of the process group, as long as its number is ours: from its start until it is reaped. An ended
    /// process that was not reaped keeps its number, also as that of its group, from being given to others, so it is safe
    /// to signal the group until then and never after.
    group: Option<Pid>,
    shutdown_wanted: bool,
}

impl Life {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State { group: None, shutdown_wanted: false }),
            changed: Condvar::new(),
            end: watch::Sender::new(End::NotYet),
            departure: watch::Sender::new(None),
        }
    }

    pub(super) fn begin(&self, leader: Pid) {
        self.state().group = Some(leader);
    }

    /// The process has ended and waits to be reaped. Without a status, somebody else has reaped it.
    pub(super) fn publish_end(&self, exit: Option<ExitStatus>) {
        let mut state = self.state();
        if exit.is_none() {
            state.group = None;
        }
        self.end.send_replace(End::Ended(exit));
        self.changed.notify_all();
    }

    pub(super) fn publish_departure(&self, departure: Departure) {
        let _state = self.state();
        self.departure.send_replace(Some(departure));
        self.changed.notify_all();
    }

    pub(super) fn want_shutdown(&self) {
        self.state().shutdown_wanted = true;
        self.changed.notify_all();
    }

    pub(super) fn has_ended(&self) -> bool {
        *self.end.borrow() != End::NotYet
    }

    pub(super) fn exit(&self) -> Option<ExitStatus> {
        match *self.end.borrow() {
            End::Ended(exit) => exit,
            End::NotYet => None,
        }
    }

    /// Cancel safe.
    pub(super) async fn ended(&self) -> Option<ExitStatus> {
        // The sender lives in `self`, so there is always somebody to wait for.
        let _ = self.end.subscribe().wait_for(|end| *end != End::NotYet).await;
        self.exit()
    }

    /// Cancel safe.
    pub(super) async fn departed(&self) -> Departure {
        let mut departure = self.departure.subscribe();
        let departure = departure.wait_for(Option::is_some).await.ok().and_then(|departure| *departure);
        departure.unwrap_or(Departure { exit: self.exit(), step: Step::CloseStdin, swept: 0 })
    }

    pub(super) fn wait_for_shutdown_wanted(&self) {
        let mut state = self.state();
        while !state.shutdown_wanted {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn wait_for_end(&self) {
        let mut state = self.state();
        while !self.has_ended() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn wait_for_departure(&self) -> Departure {
        let mut state = self.state();
        loop {
            let departure = *self.departure.borrow();
            if let Some(departure) = departure {
                return departure;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until neither the leader nor any other member of the group lives. False if that took longer.
    pub(super) fn wait_for_empty_group(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut state = self.state();
        while !self.has_ended() {
            if left().is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left()).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        while self.group_has_members() {
            if left().is_zero() {
                return false;
            }
            std::thread::sleep(GROUP_POLL.min(left()));
        }
        true
    }

    pub(super) fn signal_group(&self, signal: Signal) {
        if let Some(group) = self.state().group {
            // It fails only if nobody is left, which is what the signal was for.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Takes the ended process out of the system's table. Its number is not ours from here on.
    pub(super) fn reap(&self) {
        if let Some(leader) = self.state().group.take() {
            let _ = waitpid(Some(leader), WaitOptions::NOHANG);
        }
    }

    fn group_has_members(&self) -> bool {
        self.state().group.is_some_and(has_living_members)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ended leader is a member of its group until it is reaped, so asking by signal 0 would always find somebody.
#[cfg(target_os = "linux")]
fn has_living_members(group: Pid) -> bool {
    super::procfs::processes().any(|pid| super::procfs::lives_in_group(pid, group))
}

/// macOS does not count processes that have ended.
#[cfg(not(target_os = "linux"))]
fn has_living_members(group: Pid) -> bool {
    rustix::process::test_kill_process_group(group).is_ok()
}
