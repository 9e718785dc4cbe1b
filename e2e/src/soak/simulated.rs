//! Sessions on simulated servers.

use super::trouble::{Tally, Trouble, ends, holds, once_free};
use crate::Simulated;
use crate::processes::{family, gone, kill};
use crate::simulator::{Act, Chaos, Ordeal, Simulator};
use codexkit::protocol::types::TurnStatus;
use codexkit::{Approval, Codex, CodexBuilder, Limits, Thread};
use std::path::PathBuf;
use std::time::Duration;

/// A server in memory: many turns, on threads side by side.
pub(super) async fn in_memory(mut chaos: Chaos) -> Result<Tally, Trouble> {
    let plan = Plan::new(&mut chaos, 4, 12);
    let mut simulator = plan.simulator();
    if chaos.below(2) == 0 {
        simulator = simulator.in_pieces_of(1 + chaos.below(2000));
    }
    let (codex, server) =
        ends("connecting", simulator.connect_with(settings(Codex::builder(), chaos.below(4)))).await??;
    let mut tally = plan.play(&codex).await?;
    tally.in_memory = 1;
    leave(codex, chaos.below(2)).await?;
    holds("a line of the client was no frame", server.rejected() == 0)?;
    Ok(tally)
}

/// A server with a process, which is left, closed or killed.
pub(super) async fn as_program(mut chaos: Chaos, host: PathBuf) -> Result<Tally, Trouble> {
    let plan = Plan::new(&mut chaos, 2, 3);
    let mut simulator = plan.simulator();
    if chaos.below(8) == 0 {
        simulator = simulator.ignores_eof();
    }
    if chaos.below(8) == 0 {
        simulator = simulator.ignores_sigterm();
    }
    let simulated = Simulated::new(host, &simulator);
    let codex = ends("starting", settings(simulated.codex(), chaos.below(4)).start()).await??;
    let processes = family(codex.pid().unwrap_or_default());
    let mut tally = plan.play(&codex).await?;
    tally.programs = 1;
    match chaos.below(3) {
        0 if plan.disaster.is_none() => {
            processes.iter().for_each(|pid| kill(*pid));
            ends("a killed server", codex.closed()).await?;
        }
        way => leave(codex, way).await?,
    }
    ends("a process", gone(&processes)).await?;
    Ok(tally)
}

/// Settings with a handler that says yes, says no, or never answers, and with short clocks for what heeds nothing.
fn settings(builder: CodexBuilder, mood: usize) -> CodexBuilder {
    let limits =
        Limits::default().ask_deadline(Duration::from_millis(20)).shutdown_step(Duration::from_millis(200));
    builder.limits(limits).on_approval(move |ask: Approval| async move {
        match mood {
            0 => std::future::pending().await,
            1 => ask.decline(),
            _ => ask.accept(),
        }
    })
}

async fn leave(codex: Codex, way: usize) -> Result<(), Trouble> {
    match way {
        0 => drop(codex),
        _ => drop(ends("closing", codex.close()).await?),
    }
    Ok(())
}

/// What is asked of one server.
struct Plan {
    /// For each thread its turns.
    threads: Vec<Vec<Task>>,
    /// How the server goes down in the end, if it does.
    disaster: Option<Act>,
}

struct Task {
    name: String,
    ordeal: Ordeal,
    give_up: Option<GiveUp>,
}

/// How a turn is not waited for.
#[derive(Clone, Copy)]
enum GiveUp {
    /// Its start is dropped after so many steps.
    Start(usize),
    /// It is dropped after so many events.
    After(usize),
    /// It is interrupted after so many events, and waited for.
    Interrupt(usize),
}

impl Plan {
    fn new(chaos: &mut Chaos, threads: usize, turns: usize) -> Self {
        let threads = (0..=chaos.below(threads))
            .map(|thread| {
                let turns = 0..=chaos.below(turns);
                turns.map(|turn| Task::new(chaos, format!("task {thread}/{turn};"))).collect()
            })
            .collect();
        let disaster = (chaos.below(4) == 0).then(|| chaos.disaster());
        Self { threads, disaster }
    }

    fn simulator(&self) -> Simulator {
        let tasks = self.threads.iter().flatten();
        let simulator = tasks.fold(Simulator::new(), |simulator, task| {
            simulator.when_asked(&*task.name, task.ordeal.act.clone())
        });
        match &self.disaster {
            Some(act) => simulator.turn(act.clone()),
            None => simulator,
        }
    }

    async fn play(&self, codex: &Codex) -> Result<Tally, Trouble> {
        let mut tally = Tally::default();
        let mut threads = Vec::new();
        for _ in &self.threads {
            threads.push(ends("starting a thread", codex.start_thread().into_future()).await??);
        }
        // Side by side, in this task: so nothing of it is left when one of them fails.
        let mut at = 0;
        while let Some(round) = self.round(at, &threads) {
            for played in join_all(round).await {
                tally += played?;
            }
            at += 1;
        }
        if self.disaster.is_some() {
            let error = match ends("a disaster", codex.ask("the end").into_future()).await? {
                Err(error) => error,
                Ok(_) => return Err(Trouble::new("a server went down in a turn that ended well")),
            };
            holds("a server that has gone down is told as closed", error.is_closed())?;
            tally.disasters += 1;
        }
        Ok(tally)
    }

    /// The turns number `at` of all threads; none when no thread has so many.
    fn round<'a>(
        &'a self,
        at: usize,
        threads: &'a [Thread],
    ) -> Option<Vec<impl Future<Output = Result<Tally, Trouble>>>> {
        let tasks =
            self.threads.iter().zip(threads).filter_map(|(tasks, thread)| Some(tasks.get(at)?.play(thread)));
        Some(tasks.collect::<Vec<_>>()).filter(|round| !round.is_empty())
    }
}

async fn join_all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if futures.iter().all(|(_, done)| done.is_some()) {
            return std::task::Poll::Ready(futures.iter_mut().filter_map(|(_, done)| done.take()).collect());
        }
        std::task::Poll::Pending
    })
    .await
}

impl Task {
    fn new(chaos: &mut Chaos, name: String) -> Self {
        let give_up = match chaos.below(8) {
            0 => Some(GiveUp::Start(chaos.below(6))),
            1 => Some(GiveUp::After(chaos.below(20))),
            2 => Some(GiveUp::Interrupt(chaos.below(20))),
            _ => None,
        };
        Self { name, ordeal: chaos.ordeal(), give_up }
    }

    async fn play(&self, thread: &Thread) -> Result<Tally, Trouble> {
        let stream = || thread.run(&*self.name).stream();
        let Some(give_up) = self.give_up else {
            let turn = once_free(stream).await?;
            let output = ends("a turn", turn.finish()).await??;
            holds("a turn has completed", output.status == TurnStatus::Completed)?;
            holds("a turn has all its text", output.streamed_text == self.ordeal.text)?;
            return Ok(Tally { turns: 1, ..Tally::default() });
        };
        match give_up {
            GiveUp::Start(steps) => {
                let mut start = Box::pin(stream());
                for _ in 0..steps {
                    tokio::select! {
                        biased;
                        _ = &mut start => break,
                        () = tokio::task::yield_now() => {}
                    }
                }
            }
            GiveUp::After(events) => {
                let mut turn = once_free(stream).await?;
                for _ in 0..events {
                    ends("an event", turn.try_next()).await??;
                }
            }
            GiveUp::Interrupt(events) => {
                let mut turn = once_free(stream).await?;
                for _ in 0..events {
                    ends("an event", turn.try_next()).await??;
                }
                turn.control().interrupt().await?;
                ends("an interrupted turn", turn.finish()).await??;
            }
        }
        Ok(Tally { given_up: 1, ..Tally::default() })
    }
}
