//! Installations by stand-ins for npm: shell scripts on a private `PATH`.

use super::{Provision, ProvisionProgress};
use crate::error::{Clock, Error, ErrorKind};
use crate::launch::cache::Cache;
use crate::launch::environment::Environment;
use crate::launch::tests::fixture::{NEVER, Scratch, lives};
use crate::launch::version::PINNED_CODEX;
use crate::protocol::Version;
use coverage::covers;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// What npm does, with a script as the binary: `$1` is `install`, `$2` `--prefix`, `$3` the folder.
const INSTALLS: &str = r#"
binary="$3/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"
mkdir -p "${binary%/*}" "$3/node_modules/@openai/codex" "$3/npm-cache"
printf '#!/bin/sh\necho codex-cli 0.169.0\n' > "$binary"
chmod 755 "$binary"
"#;

struct Machine {
    scratch: Scratch,
    environment: Environment,
}

impl Machine {
    fn with_npm(script: &str) -> Self {
        let machine = Self::without_npm();
        machine.scratch.executable("bin/npm", &format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}"));
        machine
    }

    fn without_npm() -> Self {
        let scratch = Scratch::new();
        let home = scratch.folder("home").into_os_string();
        let environment = Environment::of([
            ("PATH", scratch.folder("bin").into_os_string()),
            ("HOME", home),
            ("OPENAI_API_KEY", "sk-123456".into()),
            ("npm_config_x", "y".into()),
        ]);
        Self { scratch, environment }
    }

    fn cache(&self) -> Cache {
        Cache::new(self.environment.cache().unwrap())
    }

    fn best(&self) -> Option<PathBuf> {
        self.cache().best(self.environment.platform.unwrap())
    }

    async fn install(&self) -> Result<PathBuf, Error> {
        Provision::pinned().install_in(self.environment.clone()).await
    }

    /// Nothing that looks like codex, and nothing left over.
    fn assert_nothing_installed(&self) {
        assert_eq!(self.best(), None);
        assert!(!self.cache().needs_cleaning());
    }
}

#[tokio::test]
async fn a_version_is_installed_once_and_then_found() {
    covers!["001-076", "002-101", "O02"];
    // Given an npm that counts its runs
    let machine = Machine::with_npm(&format!("{INSTALLS}echo run >> \"$HOME/runs\"; env > \"$HOME/env\""));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&seen);
    let provision = Provision::pinned().on_progress(move |progress| reported.lock().unwrap().push(progress));
    // When it is installed twice
    let first = provision.install_in(machine.environment.clone()).await.unwrap();
    let second = provision.install_in(machine.environment.clone()).await.unwrap();
    // Then npm ran once, and both got the binary, in its final place
    assert!(first == second && Some(first) == machine.best());
    let home = machine.scratch.path().join("home");
    assert_eq!(std::fs::read_to_string(home.join("runs")).unwrap(), "run\n");
    let steps = [ProvisionProgress::Installing(PINNED_CODEX), ProvisionProgress::Checking(PINNED_CODEX)];
    assert_eq!(*seen.lock().unwrap(), steps);
    // And npm was not shown what is none of its business, and left no cache
    let env = std::fs::read_to_string(home.join("env")).unwrap();
    assert!(env.contains("npm_config_x=y") && !env.contains("sk-123456"), "{env}");
    assert!(!machine.cache().home_of(PINNED_CODEX).join("npm-cache").exists());
}

#[tokio::test]
async fn each_failure_is_told_and_leaves_nothing() {
    let truncated = INSTALLS.replace("printf '#!/bin/sh", "printf '\\177ELF\\002");
    let old = INSTALLS.replace("0.169.0", "0.168.0");
    let without_native = "mkdir -p $3/node_modules/@openai/codex; echo added 1 package";
    let cases = [
        ("echo 'npm error 404 no such version' >&2; exit 1".to_owned(), "npm error 404"),
        ("echo 'npm error 404 no such version' >&2; exit 1".to_owned(), "exit code 1"),
        (format!("{INSTALLS} kill -9 $$"), "signal 9"),
        (without_native.to_owned(), "optional dependency"),
        (truncated, "does not work"),
        (old, "says `codex-cli 0.168.0`"),
    ];
    for (script, part) in cases {
        let machine = Machine::with_npm(&script);
        let error = machine.install().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Provision, "{error}");
        assert!(error.to_string().contains(part), "{part}: {error}");
        machine.assert_nothing_installed();
    }
}

#[tokio::test]
async fn what_is_missing_before_npm_can_run_is_told() {
    let machine = Machine::without_npm();
    let error = machine.install().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Provision && error.to_string().contains("Node.js"), "{error}");

    let mut foreign = Machine::without_npm();
    foreign.environment.platform = None;
    let error = foreign.install().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Provision && error.to_string().contains("not built for"), "{error}");

    let error = Provision::pinned().install_in(Environment::of([("PATH", "/bin")])).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Provision && error.to_string().contains("HOME"), "{error}");

    let file = machine.scratch.file("file", "");
    let in_file = Provision::pinned().cache_dir(file.join("cache"));
    let error = in_file.install_in(machine.environment.clone()).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Provision && error.to_string().contains("cannot be written"),
        "{error}"
    );

    let too_old = Provision::pinned().version(Version::new(0, 100, 0));
    let error = too_old.install_in(machine.environment.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
}

/// An npm that writes a complete binary, then its id into `started` in its home, and then hangs and will not be ended.
fn hanging_npm() -> Machine {
    Machine::with_npm(&format!(
        r#"{INSTALLS}
        trap '' TERM
        mkfifo "$HOME/never"
        echo $$ > "$HOME/id"
        mv "$HOME/id" "$HOME/started"
        read -r nothing < "$HOME/never""#
    ))
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + NEVER;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not happen");
        std::thread::yield_now();
    }
}

fn started(machine: &Machine) -> u32 {
    let file = machine.scratch.path().join("home/started");
    wait_for(|| std::fs::read_to_string(&file).ok()).trim().parse().unwrap()
}

#[tokio::test]
async fn an_npm_that_hangs_is_ended_by_the_clock() {
    let machine = hanging_npm();
    let provision = Provision::pinned().deadline(Duration::from_millis(500));
    let error = provision.install_in(machine.environment.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Clock::Provision));
    let file = machine.scratch.path().join("home/started");
    if let Ok(pid) = std::fs::read_to_string(file) {
        assert!(!lives(pid.trim().parse().unwrap()));
    }
    machine.assert_nothing_installed();
}

#[test]
fn dropping_the_future_ends_npm_and_removes_what_it_wrote() {
    // Given an installation that is under way on a runtime
    let machine = hanging_npm();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let environment = machine.environment.clone();
    runtime.spawn(async move { Provision::pinned().install_in(environment).await });
    let npm = started(&machine);
    assert!(lives(npm) && machine.cache().needs_cleaning());
    // When the runtime goes, and the future with it
    drop(runtime);
    // Then npm ends, nothing is left, and the lock is free again
    wait_for(|| (!lives(npm)).then_some(()));
    wait_for(|| super::lock::Lock::try_acquire(&machine.cache().lock_file()));
    machine.assert_nothing_installed();
}

#[tokio::test]
async fn what_a_killed_program_left_is_removed_by_the_next_one() {
    let machine = Machine::with_npm(INSTALLS);
    std::fs::create_dir_all(machine.cache().folder()).unwrap();
    // Left behind by one that installed, and by one that came after it
    for _ in 0..2 {
        machine.cache().begin().unwrap();
        machine.install().await.unwrap();
        assert!(!machine.cache().needs_cleaning());
    }
}

#[tokio::test]
async fn of_two_that_install_one_does_and_the_other_waits() {
    // Given somebody who holds the lock
    let machine = Machine::with_npm(&format!("{INSTALLS}echo run >> \"$HOME/runs\""));
    std::fs::create_dir_all(machine.cache().folder()).unwrap();
    let held = super::lock::Lock::try_acquire(&machine.cache().lock_file()).unwrap();
    // When two others want the same version
    let (waits, waiting) = mpsc::channel();
    let provision = Provision::pinned().on_progress(move |progress| {
        if progress == ProvisionProgress::Waiting {
            let _ = waits.send(());
        }
    });
    let both = [1, 2].map(|_| {
        let (provision, environment) = (provision.clone(), machine.environment.clone());
        tokio::spawn(async move { provision.install_in(environment).await })
    });
    tokio::task::spawn_blocking(move || waiting.iter().take(2).count()).await.unwrap();
    assert_eq!(machine.best(), None);
    drop(held);
    // Then both get it, and it was installed once
    for installed in both {
        assert_eq!(installed.await.unwrap().ok(), machine.best());
    }
    let runs = machine.scratch.path().join("home/runs");
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\n");
}
