//! Not too many starts on one home at once.
//!
//! Servers that start on the same `CODEX_HOME` share its databases. The first start makes them, and starts beside it have been
//! seen to fail; many at once wait for each other inside codex, with a limit of its own. So the first start has the home for
//! itself, between processes, too, and later ones take turns with a few.

use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a start waits for others. Then it goes on all the same: codex has its own ways to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How often a lock is looked at. A lock of a file cannot be waited for without a thread.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A start on a home under way. Others may go on when it is dropped, or its process has ended.
#[derive(Debug)]
pub(crate) struct StartGate(
    #[expect(dead_code, reason = "the lock lasts as long as the folder is open")] Option<File>,
);

impl StartGate {
    /// Waits until a server may start on a home. Nothing is written there: it is the folder itself that is locked.
    ///
    /// A home that cannot be locked is no reason not to start.
    pub(crate) async fn enter(home: Option<&Path>) -> Self {
        let Some(folder) = home.and_then(|home| File::open(home).ok()) else { return Self(None) };
        let deadline = Instant::now() + LONGEST_WAIT;
        while home.is_some_and(|home| !take(&folder, is_fresh(home))) && Instant::now() < deadline {
            sleep(LOOK_AGAIN).await;
        }
        Self(Some(folder))
    }
}

/// Whether the lock was taken, or never can be.
fn take(folder: &File, alone: bool) -> bool {
    let operation = match alone {
        true => FlockOperation::NonBlockingLockExclusive,
        false => FlockOperation::NonBlockingLockShared,
    };
    flock(folder, operation) != Err(rustix::io::Errno::WOULDBLOCK)
}

/// Whether codex has yet to make its databases.
fn is_fresh(home: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(home) else { return false };
    let is_database = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "sqlite");
    !entries.flatten().any(|entry| is_database(&entry))
}

/// A time between half of `about` and one and a half of it, so that those who failed together do not return together.
pub(crate) fn jittered(about: Duration) -> Duration {
    let random = RandomState::new().hash_one(Instant::now()) % 1000;
    about / 2 + about.mul_f64(random as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::tests::fixture::Scratch;

    #[tokio::test]
    async fn a_fresh_home_is_entered_by_one_and_a_used_one_by_many() {
        let home = Scratch::new();
        let first = StartGate::enter(Some(home.path())).await;
        let second = tokio::spawn({
            let path = home.path().to_owned();
            async move { StartGate::enter(Some(&path)).await }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished(), "the home is fresh");

        std::fs::write(home.path().join("state_5.sqlite"), "").unwrap();
        drop(first);
        let _second = second.await.unwrap();
        let _third = StartGate::enter(Some(home.path())).await;
    }

    #[tokio::test]
    async fn a_home_that_is_not_there_holds_up_nobody() {
        let _one = StartGate::enter(Some(Path::new("/no/such/home"))).await;
        let _two = StartGate::enter(None).await;
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        for _ in 0..1000 {
            let time = jittered(Duration::from_secs(2));
            assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&time), "{time:?}");
        }
    }
}
