//! The task that owns the writing half. What it has begun to write it finishes, whoever gives up meanwhile.

use super::core::{Core, Phase};
use super::outbox::{OutboxReceiver, Outgoing};
use crate::transport::ErasedSink;
use std::io;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

/// Frames that are written before the server is sure to get them.
const BURST: usize = 64;

/// What a turn of the writer begins with.
enum Next {
    Frame(Outgoing),
    /// The transport has something of its own to send.
    Flush,
}

/// What the writer hands back when it has ended, for the writer of another link.
pub(super) type HandBack = oneshot::Sender<OutboxReceiver>;

/// Writes until nothing more is to go out, writing fails, or the link is given up.
///
/// When it returns, the writing half is dropped, which closes the server's input.
pub(super) async fn run(
    core: Arc<Core>,
    sink: Box<dyn ErasedSink>,
    mut outbox: OutboxReceiver,
    given_up: Arc<Notify>,
    hand_back: HandBack,
) -> io::Result<()> {
    let written = tokio::select! {
        written = write_all(&core, sink, &mut outbox) => written,
        () = given_up.notified() => Ok(()),
    };
    // Without another link, nobody wants it.
    let _ = hand_back.send(outbox);
    written
}

async fn write_all(
    core: &Core,
    mut sink: Box<dyn ErasedSink>,
    outbox: &mut OutboxReceiver,
) -> io::Result<()> {
    let mut phase = core.phase();
    loop {
        let next = tokio::select! {
            biased;
            Some(control) = outbox.control.recv() => Next::Frame(control),
            _ = phase.wait_for(Phase::is_last) => break,
            Some(call) = outbox.calls.recv() => Next::Frame(call),
            () = sink.wants_flush() => Next::Flush,
        };
        if let Next::Frame(frame) = next {
            write(core, &mut sink, frame).await?;
        }
        for next in std::iter::from_fn(|| next_waiting(outbox)).take(BURST) {
            write(core, &mut sink, next).await?;
        }
        sink.flush().await?;
    }
    // Interrupts and answers that were decided on still go out.
    while let Ok(control) = outbox.control.try_recv() {
        write(core, &mut sink, control).await?;
    }
    sink.flush().await?;
    sink.close().await
}

fn next_waiting(outbox: &mut OutboxReceiver) -> Option<Outgoing> {
    outbox.control.try_recv().or_else(|_| outbox.calls.try_recv()).ok()
}

/// Writes a frame unless it is a call that nobody waits for any more.
async fn write(core: &Core, sink: &mut Box<dyn ErasedSink>, outgoing: Outgoing) -> io::Result<()> {
    if let Some(call) = outgoing.call
        && !core.update(|state, _| state.pending.claim(call))
    {
        return Ok(());
    }
    sink.write(&outgoing.frame).await
}
