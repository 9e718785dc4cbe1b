//! A long run with random load and random faults, in which nothing may grow and every wait must end.
//!
//! It goes minute by minute. In each, workers run sessions one after another: on simulated servers in memory, on simulated
//! programs, and on the real codex. Then all connections are gone, and what this program still holds is counted:
//!
//! - Descriptors, threads, tasks and child processes must be no more than after the first minute. There is nothing by chance
//!   in them: without a connection there is nothing that could hold one.
//! - Memory may be [`SPARE_MEMORY`] more than after the first minute. The allocator does not give everything back, and how much
//!   it keeps differs by up to 4 MiB from minute to minute. A leak has no such bound: there are some 7,000 turns a minute, so
//!   after a quarter of an hour 80 bytes lost with each turn are told.

mod real;
mod simulated;
mod trouble;

pub use trouble::{Tally, Trouble};

use crate::resources::Resources;
use crate::simulator::Chaos;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How much more memory may be in use than after the first minute, in KiB.
pub const SPARE_MEMORY: usize = 8 * 1024;

/// What to run.
#[derive(Clone, Debug)]
pub struct Soak {
    /// From where chance takes its course.
    pub seed: u64,
    /// For how long.
    pub minutes: u64,
    /// A program that is the simulator when its environment says so.
    pub host: PathBuf,
    /// Whether the real codex takes part.
    pub real: bool,
}

/// What a program holds between two minutes.
#[derive(Clone, Copy, Debug)]
struct Holdings {
    resources: Resources,
    tasks: usize,
}

impl Soak {
    /// Runs, and prints a line each minute.
    ///
    /// # Errors
    /// When something has grown, a wait has not ended, or an answer was wrong.
    pub async fn run(self) -> Result<(), Trouble> {
        let mut first: Option<Holdings> = None;
        let mut total = Tally::default();
        for minute in 1..=self.minutes {
            let tally = self.minute(minute).await?;
            total += tally;
            let limit = first.map(|first| first.resources);
            let now = Holdings::settled(limit).await;
            println!("minute {minute}: {tally}; holding {now}");
            now.check(first.get_or_insert(now))?;
        }
        println!("in all: {total}");
        Ok(())
    }

    /// One minute of sessions, at the end of which no connection is left.
    async fn minute(&self, minute: u64) -> Result<Tally, Trouble> {
        let end = Instant::now() + Duration::from_secs(60);
        let mut workers = JoinSet::new();
        // Two cores are busy with this, and a session on a program waits more than it computes.
        for worker in 0..2 {
            workers.spawn(repeat(self.chaos(minute, worker), end, simulated::in_memory));
        }
        let host = self.host.clone();
        workers.spawn(repeat(self.chaos(minute, 2), end, move |chaos| {
            simulated::as_program(chaos, host.clone())
        }));
        if self.real {
            workers.spawn(repeat(self.chaos(minute, 3), end, real::session));
        }
        let mut tally = Tally::default();
        while let Some(worker) = workers.join_next().await {
            tally += worker.map_err(|error| Trouble::new(error.to_string()))??;
        }
        Ok(tally)
    }

    fn chaos(&self, minute: u64, worker: u64) -> Chaos {
        Chaos::new(self.seed.wrapping_mul(1_000_003) ^ (minute << 8) ^ worker)
    }
}

/// Runs sessions until the time is over; the last one is run to its end.
async fn repeat<F: Future<Output = Result<Tally, Trouble>>>(
    mut chaos: Chaos,
    end: Instant,
    session: impl Fn(Chaos) -> F,
) -> Result<Tally, Trouble> {
    let mut tally = Tally::default();
    while Instant::now() < end {
        let seed = chaos.below(usize::MAX) as u64;
        let ended = session(Chaos::new(seed)).await;
        tally += ended.map_err(|trouble| trouble.in_session(seed))?;
    }
    Ok(tally)
}

impl Holdings {
    fn now() -> Self {
        Self { resources: Resources::now(), tasks: Handle::current().metrics().num_alive_tasks() }
    }

    /// What is left once everything had time to go that is on its way: at most some seconds.
    async fn settled(limit: Option<Resources>) -> Self {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = Self::now();
            let quiet = now.tasks == 0 && now.resources.children == 0;
            if (quiet && limit.is_none_or(|limit| now.resources.within(&limit))) || Instant::now() > until {
                return now;
            }
        }
    }

    fn check(&self, first: &Self) -> Result<(), Trouble> {
        let grown = !self.resources.within(&first.resources)
            || self.tasks > first.tasks
            || self.resources.memory > first.resources.memory + SPARE_MEMORY;
        if grown {
            Err(Trouble::new(format!("it has grown: {first} after the first minute")))
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Resources { descriptors, threads, children, memory } = self.resources;
        let (tasks, memory) = (self.tasks, memory / 1024);
        write!(
            f,
            "{memory} MiB, {descriptors} descriptors, {threads} threads, {tasks} tasks, {children} children"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_grows_is_told_and_what_shrinks_is_not() {
        let resources = Resources { descriptors: 10, threads: 3, children: 0, memory: 50_000 };
        let first = Holdings { resources, tasks: 1 };
        let with = |change: fn(&mut Holdings)| {
            let mut now = first;
            change(&mut now);
            now.check(&first).is_ok()
        };
        assert!(with(|_| {}));
        assert!(with(|now| now.resources.descriptors = 9));
        assert!(with(|now| now.resources.memory += SPARE_MEMORY));
        assert!(!with(|now| now.resources.memory += SPARE_MEMORY + 1));
        assert!(!with(|now| now.resources.descriptors += 1));
        assert!(!with(|now| now.resources.threads += 1));
        assert!(!with(|now| now.resources.children += 1));
        assert!(!with(|now| now.tasks += 1));
    }
}
