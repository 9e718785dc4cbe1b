//! Ends what a server left behind: commands of the agent that outlived it.
//!
//! Each command runs in a session of its own, so a signal to the server's process group does not reach it, and a
//! `setsid nohup` one survives even a clean end. All of them inherit the server's environment, and with it a marker that
//! is different for each server. A command whose environment was replaced (`env -i`, or a codex configured with
//! `shell_environment_policy.inherit = "none"`) carries no marker and is not found.
//!
//! Only Linux shows the environment of other processes; elsewhere nothing is swept.

use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher as _, RandomState};

/// The variable that carries the marker. Its name has none of the words (`KEY`, `SECRET`, `TOKEN`) for which codex
/// takes variables out of the environment of its commands.
pub(super) const MARKER: &str = "CODEXKIT_SERVER";

/// What tells the processes of one server from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker(String);

impl Marker {
    /// A new one, like no other. It begins with the id of this process, to help whoever looks at a process list.
    pub(super) fn new() -> Self {
        Self(format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(0)))
    }

    /// The value for the server's environment: our own marker behind that of the server we may be running under, so that
    /// both can find what descends from both.
    pub(super) fn env_value(&self) -> OsString {
        self.after(std::env::var_os(MARKER).as_deref())
    }

    fn after(&self, outer: Option<&OsStr>) -> OsString {
        let mut value = OsString::new();
        if let Some(outer) = outer.filter(|outer| !outer.is_empty()) {
            value.push(outer);
            value.push(":");
        }
        value.push(&self.0);
        value
    }

    /// Whether an environment, as the kernel shows it (`NAME=value` texts, each ended by a zero byte), carries the marker.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "nothing is swept there"))]
    fn is_in(&self, environ: &[u8]) -> bool {
        let values = environ.split(|byte| *byte == 0).filter_map(|variable| {
            variable.strip_prefix(MARKER.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
        });
        values.flat_map(|value| value.split(|byte| *byte == b':')).any(|part| part == self.0.as_bytes())
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::sweep;

/// Nothing can be found here.
#[cfg(not(target_os = "linux"))]
pub(super) fn sweep(_marker: &Marker, _patience: std::time::Duration) -> usize {
    0
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Marker;
    use crate::launch::procfs;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fd::OwnedFd;
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    use std::time::{Duration, Instant};

    /// A command may start another one while it is being killed, so one look is not enough. Each round kills all that it
    /// sees; what outruns this many of them is a fork bomb.
    const ROUNDS: usize = 16;

    /// How soon a process has become the program that it is about to become.
    const CLEAR_SOON: Duration = Duration::from_millis(1);

    /// How long that is waited for in all. Some systems never tell whether a process has an environment.
    const CLEAR_AT_LAST: Duration = Duration::from_millis(250);

    /// Kills every process that carries the marker and waits until they have ended, at most for `patience`.
    /// Returns how many were killed.
    pub(in crate::launch) fn sweep(marker: &Marker, patience: Duration) -> usize {
        let deadline = Instant::now() + patience;
        let mut killed = 0;
        for _ in 0..ROUNDS {
            let mut look = Look::at_all(marker);
            let clear_by = deadline.min(Instant::now() + CLEAR_AT_LAST);
            while look.killed.is_empty() && look.unclear && Instant::now() < clear_by {
                std::thread::sleep(CLEAR_SOON);
                look = Look::at_all(marker);
            }
            let dying = look.killed;
            if dying.is_empty() {
                break;
            }
            killed += dying.len();
            if !all_ended(&dying, deadline) {
                break;
            }
        }
        killed
    }

    /// One look at all processes.
    #[derive(Default)]
    struct Look {
        /// Those that were killed, and are about to end.
        killed: Vec<OwnedFd>,
        /// Whether there is one of which it could not be seen what it carries.
        unclear: bool,
    }

    impl Look {
        fn at_all(marker: &Marker) -> Self {
            let mut look = Self::default();
            procfs::processes().filter(|pid| *pid != rustix::process::getpid()).for_each(|pid| {
                look.at(pid, marker);
            });
            look
        }

        /// The id may pass to another process at any moment. The descriptor holds on to one process; the environment is
        /// read after it was opened, so what is signalled is what carried the marker, or has ended already.
        fn at(&mut self, pid: Pid, marker: &Marker) -> Option<()> {
            self.carries(pid, marker)?;
            let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
            self.carries(pid, marker)?;
            pidfd_send_signal(&process, Signal::KILL).ok()?;
            self.killed.push(process);
            Some(())
        }

        /// Nothing if a process does not carry the marker, or if that cannot be seen.
        fn carries(&mut self, pid: Pid, marker: &Marker) -> Option<()> {
            let environ = procfs::environ(pid)?;
            self.unclear |= environ.is_empty() && procfs::has_environment(pid);
            marker.is_in(&environ).then_some(())
        }
    }

    /// Waits until all have ended. A descriptor of a process becomes readable when it does.
    fn all_ended(processes: &[OwnedFd], deadline: Instant) -> bool {
        processes.iter().all(|process| {
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                let Ok(left) = Timespec::try_from(left) else { return false };
                match poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&left)) {
                    Err(rustix::io::Errno::INTR) => {}
                    ready => return ready.is_ok_and(|count| count > 0),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_marker_is_its_own() {
        assert_ne!(Marker::new(), Marker::new());
    }

    #[test]
    fn a_marker_is_found_alone_and_behind_that_of_an_outer_server() {
        let (outer, own, other) = (Marker::new(), Marker::new(), Marker::new());
        let value = own.after(Some(&outer.after(None)));
        let environ = format!("A=1\0{MARKER}={}\0B=2\0", value.to_string_lossy());
        assert!(own.is_in(environ.as_bytes()) && outer.is_in(environ.as_bytes()));
        assert!(!other.is_in(environ.as_bytes()));
    }

    #[test]
    fn a_marker_in_another_variable_or_as_a_part_of_a_value_does_not_count() {
        let marker = Marker("7-ab".into());
        for environ in
            ["X=7-ab\0", "XCODEXKIT_SERVER=7-ab\0", "CODEXKIT_SERVER=7-abc\0", "CODEXKIT_SERVER\0", ""]
        {
            assert!(!marker.is_in(environ.as_bytes()), "{environ:?}");
        }
    }
}
