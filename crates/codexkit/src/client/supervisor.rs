//! The task that decides why the connection has ended, and takes it down.

use super::core::{Core, Phase};
use super::outbox::OutboxReceiver;
use super::reader::{self, broken};
use super::relink::{self, Redial};
use super::state::State;
use super::writer;
use crate::error::{CloseReason, Closed, Error};
use crate::launch::ServerProcess;
use crate::transport::Link;
use std::future::{Future, pending};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The end of the process and the end of its output come one after the other, in either order, and one of them may
/// never come: a grandchild can hold the output open, and a server can close it without ending.
const SETTLE: Duration = Duration::from_millis(500);

/// The tasks of a connection, and the server if it is ours.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) io: Io,
    pub(super) asks: JoinHandle<()>,
    pub(super) process: Option<ServerProcess>,
    /// How the connection is made anew when it breaks, if it is.
    pub(super) redial: Option<Redial>,
    /// Whether there is a link.
    pub(super) linked: bool,
}

/// The two tasks at a link.
#[derive(Debug)]
pub(super) struct Io {
    reader: JoinHandle<CloseReason>,
    writer: JoinHandle<io::Result<()>>,
    give_up: Arc<Notify>,
    outbox: oneshot::Receiver<OutboxReceiver>,
}

impl Io {
    /// Puts the tasks to work at a link.
    pub(super) fn start(core: &Arc<Core>, link: Link, outbox: OutboxReceiver) -> Self {
        let give_up = Arc::new(Notify::new());
        let (hand_back, handed_back) = oneshot::channel();
        let writing = writer::run(core.clone(), link.sink, outbox, give_up.clone(), hand_back);
        let reader = tokio::spawn(reader::run(core.clone(), link.source));
        Self { reader, writer: tokio::spawn(writing), give_up, outbox: handed_back }
    }

    /// Gives the link up. Returns what waits to be written.
    async fn give_up(&mut self) -> Option<OutboxReceiver> {
        self.reader.abort();
        self.give_up.notify_one();
        (&mut self.outbox).await.ok()
    }
}

/// Waits for the first sign of the end, then takes everything down in order.
pub(super) async fn run(core: Arc<Core>, mut parts: Parts) {
    let mut unfinished = Unfinished(Some(core.clone()));
    let reason = loop {
        let reason = first_cause(&core, &mut parts).await;
        match mend(&core, &mut parts, reason).await {
            Ok(()) => {}
            Err(reason) => break reason,
        }
    };

    let mut closed = Closed::new(reason);
    if let Some(process) = &parts.process {
        closed.exit = process.try_exit();
        if closed.exit.is_some() {
            process.settled_stderr().await;
        }
        closed.stderr_tail = process.stderr_tail();
    }
    let why = Error::closed(closed.clone());
    parts.asks.abort();
    if closed.reason == CloseReason::ByUs && parts.process.is_none() && parts.linked {
        // The server goes on without us, and so would our turns.
        core.update(|state, effects| state.close_after_turns(why, effects));
        let _ = timeout(core.limits.shutdown_step, stopped(&core, &mut parts)).await;
    } else {
        core.update(|state, effects| state.close(why, effects));
    }

    // The writer sends what was decided on and closes the server's input.
    core.begin_close(closed.reason.clone());
    core.finish_writing();
    if !parts.io.writer.is_finished()
        && timeout(core.limits.shutdown_step, &mut parts.io.writer).await.is_err()
    {
        parts.io.writer.abort();
    }
    if let Some(process) = &parts.process {
        // The reader goes on meanwhile: a server that cannot write would not end.
        process.shut_down();
        closed.exit = process.closed().await.exit;
        closed.stderr_tail = process.stderr_tail();
    }
    parts.io.reader.abort();
    core.ended(closed);
    unfinished.0 = None;
}

/// Waits until no turn has to be stopped any more, or none can be.
async fn stopped(core: &Core, parts: &mut Parts) {
    tokio::select! {
        () = core.stopped() => {}
        _ = &mut parts.io.reader => {}
        // It is finished, so nobody waits for it again.
        _ = &mut parts.io.writer => {}
    }
}

/// Makes the connection anew if that is wished for and may help. An error is why it has ended for good.
async fn mend(core: &Arc<Core>, parts: &mut Parts, reason: CloseReason) -> Result<(), CloseReason> {
    let Some(redial) = parts.redial.clone().filter(|_| relink::can_mend(&reason)) else { return Err(reason) };
    let Some(outbox) = parts.io.give_up().await else { return Err(reason) };
    parts.linked = false;
    let what = Closed::new(reason).to_string();
    tracing::warn!(reason = what, "the connection broke and is made anew");
    core.update(State::lose_link);
    let mut phase = core.phase();
    let linked = tokio::select! {
        reason = asked_to_close(&mut phase) => return Err(reason),
        linked = redial.link(core) => linked,
    };
    let (link, resynced) =
        linked.map_err(|error| CloseReason::Io(format!("{what}, and it could not be made anew: {error}")))?;
    core.update(|state, effects| state.relink(resynced, effects)).map_err(CloseReason::Protocol)?;
    parts.io = Io::start(core, link, outbox);
    parts.linked = true;
    Ok(())
}

async fn first_cause(core: &Core, parts: &mut Parts) -> CloseReason {
    let mut phase = core.phase();
    let is_ours = parts.process.is_some();
    let exited = exited(parts.process.as_ref());
    tokio::pin!(exited);
    tokio::select! {
        biased;
        reason = asked_to_close(&mut phase) => reason,
        end = &mut parts.io.reader => match end {
            Ok(reason @ (CloseReason::Eof | CloseReason::Io(_))) if is_ours => exit_or(exited, reason).await,
            Ok(reason) => reason,
            Err(error) => CloseReason::Io(error.to_string()),
        },
        _ = &mut exited => {
            // What the server still had to say is in the pipe.
            let _ = timeout(SETTLE, &mut parts.io.reader).await;
            CloseReason::Exited
        }
        end = &mut parts.io.writer => {
            let reason = match end {
                Ok(Ok(())) => CloseReason::ByUs,
                Ok(Err(error)) => broken(&error),
                Err(error) => CloseReason::Io(error.to_string()),
            };
            let _ = timeout(SETTLE, &mut parts.io.reader).await;
            match is_ours {
                true => exit_or(exited, reason).await,
                false => reason,
            }
        }
    }
}

async fn asked_to_close(phase: &mut watch::Receiver<Phase>) -> CloseReason {
    match phase.wait_for(|phase| !matches!(phase, Phase::Open)).await.as_deref() {
        Ok(Phase::Closing(reason)) => reason.clone(),
        _ => CloseReason::ByUs,
    }
}

async fn exited(process: Option<&ServerProcess>) {
    match process {
        Some(process) => drop(process.exited().await),
        None => pending().await,
    }
}

/// The end of the process explains everything else, if it comes soon.
async fn exit_or(exited: impl Future<Output = ()>, otherwise: CloseReason) -> CloseReason {
    match timeout(SETTLE, exited).await {
        Ok(()) => CloseReason::Exited,
        Err(_) => otherwise,
    }
}

/// Ends the waits of everybody when the runtime drops the supervisor before it has finished.
struct Unfinished(Option<Arc<Core>>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(core) = &self.0 {
            let reason = CloseReason::Io("the runtime that carried the connection has ended".into());
            let closed = Closed::new(reason);
            core.update(|state, effects| state.close(Error::closed(closed.clone()), effects));
            core.ended(closed);
        }
    }
}
