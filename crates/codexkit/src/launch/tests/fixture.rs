//! What the tests share.

use crate::launch::life::Departure;
use crate::launch::process::Spawned;
use crate::launch::{Launch, ServerProcess, spawn};
use crate::limits::Limits;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::unix::pipe;

/// So long that a test which depends on it has failed.
pub(in crate::launch) const NEVER: Duration = Duration::from_secs(60);

/// A "server" that is this shell script. It gets `-c` overrides and `app-server` as arguments, which it ignores.
pub(super) fn script(text: &str) -> Launch {
    Launch { args: vec!["-c".into(), text.into()], ..Launch::new("/bin/sh") }
}

/// Bounds whose shutdown steps take that long.
pub(super) fn steps_of(shutdown_step: Duration) -> Limits {
    Limits { shutdown_step, ..Limits::default() }
}

/// A running script.
pub(super) struct Server {
    pub(super) stdin: pipe::Sender,
    pub(super) process: ServerProcess,
    output: Lines<BufReader<pipe::Receiver>>,
}

impl Server {
    pub(super) fn start(text: &str, step: Duration) -> Self {
        let Spawned { stdin, stdout, process } = spawn(&script(text), &steps_of(step)).unwrap();
        Self { stdin, process, output: BufReader::new(stdout).lines() }
    }

    /// The next line of the output; `None` at its end.
    pub(super) async fn line(&mut self) -> Option<String> {
        self.output.next_line().await.unwrap()
    }

    /// The next line, which is the id of a process.
    pub(super) async fn pid(&mut self) -> u32 {
        self.line().await.unwrap().parse().unwrap()
    }

    pub(super) async fn say(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// As a connection does it: closes the input, wants the end, waits for it.
    pub(super) async fn close(self) -> Departure {
        drop(self.stdin);
        self.process.shut_down();
        self.process.closed().await
    }
}

/// Whether a process lives; one that has ended and was not reaped does not.
pub(in crate::launch) fn lives(pid: u32) -> bool {
    let status = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&status.stdout);
    !state.trim().is_empty() && !state.trim_start().starts_with('Z')
}

/// Whether this process still has a child of that id, ended or not.
pub(super) fn is_our_child(pid: u32) -> bool {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid), options).is_ok()
}

/// A folder that goes away with the test.
pub(in crate::launch) struct Scratch(PathBuf);

impl Scratch {
    pub(in crate::launch) fn new() -> Self {
        use std::hash::{BuildHasher as _, RandomState};
        let name = format!("codexkit-test-{:016x}", RandomState::new().hash_one(0));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub(in crate::launch) fn path(&self) -> &Path {
        &self.0
    }

    pub(in crate::launch) fn folder(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub(in crate::launch) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// An executable file. Another process writes it: while this one has it open for writing, a process that some other test
    /// starts at that moment would hold it open too, and it could not be executed ("text file busy").
    pub(in crate::launch) fn executable(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let written = Command::new("/bin/sh")
            .args(["-c", r#"printf %s "$1" >"$2" && chmod 755 "$2""#, "sh", content])
            .arg(&path)
            .status();
        assert!(written.unwrap().success());
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
