//! What a soak finds, and what it has done.

use codexkit::{Error, ErrorKind};
use std::fmt;
use std::future::Future;
use std::ops::AddAssign;
use std::time::Duration;

/// How long anything may take. Only what never ends takes that long.
const PATIENCE: Duration = Duration::from_secs(120);

/// What went wrong.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn in_session(self, seed: u64) -> Self {
        Self(format!("session {seed}: {}", self.0))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self(format!("{error:?}"))
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Connections to simulated servers in memory.
    pub in_memory: usize,
    /// Connections to simulated programs.
    pub programs: usize,
    /// Connections to the real codex.
    pub real: usize,
    /// Turns that gave what they should.
    pub turns: usize,
    /// Turns that were given up or interrupted.
    pub given_up: usize,
    /// Servers that went down in the middle of a turn.
    pub disasters: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.in_memory += other.in_memory;
        self.programs += other.programs;
        self.real += other.real;
        self.turns += other.turns;
        self.given_up += other.given_up;
        self.disasters += other.disasters;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { in_memory, programs, real, turns, given_up, disasters } = self;
        write!(f, "{in_memory} connections in memory, {programs} to programs, {real} to the real codex; ")?;
        write!(f, "{turns} turns, {given_up} given up, {disasters} disasters")
    }
}

/// What must end.
pub(super) async fn ends<T>(what: &str, future: impl Future<Output = T>) -> Result<T, Trouble> {
    let ended = tokio::time::timeout(PATIENCE, future).await;
    ended.map_err(|_| Trouble::new(format!("{what} has not ended within {PATIENCE:?}")))
}

/// What must be so.
pub(super) fn holds(what: &str, so: bool) -> Result<(), Trouble> {
    if so { Ok(()) } else { Err(Trouble::new(what)) }
}

/// Tries again while a thread is still busy with a turn that was given up.
pub(super) async fn once_free<T, F: Future<Output = codexkit::Result<T>>>(
    run: impl Fn() -> F,
) -> Result<T, Trouble> {
    let tries = async {
        loop {
            match run().await {
                Err(error) if error.kind() == ErrorKind::Busy => {
                    tokio::time::sleep(Duration::from_millis(1)).await
                }
                other => return other,
            }
        }
    };
    Ok(ends("a turn on a busy thread", tries).await??)
}
