//! The way of frames to the writer: calls wait for a place, control messages have places of their own.

use tokio::sync::mpsc::{self, error::TrySendError};

/// A frame on its way to the server.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) frame: String,
    /// The call that waits for the answer. The frame is left out when nobody waits any more.
    pub(super) call: Option<i64>,
}

impl Outgoing {
    pub(super) fn call(id: i64, frame: String) -> Self {
        Self { frame, call: Some(id) }
    }

    pub(super) fn message(frame: String) -> Self {
        Self { frame, call: None }
    }
}

/// The places for frames.
#[derive(Debug)]
pub(super) struct Outbox {
    calls: mpsc::Sender<Outgoing>,
    control: mpsc::Sender<Outgoing>,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct OutboxReceiver {
    pub(super) calls: mpsc::Receiver<Outgoing>,
    pub(super) control: mpsc::Receiver<Outgoing>,
}

/// Answers, refusals and interrupts that can wait. More means that the server no longer reads.
const CONTROL_PLACES: usize = 1024;

/// The control messages have no place left.
#[derive(Debug)]
pub(super) struct OutboxFull;

impl Outbox {
    pub(super) fn new(calls: usize) -> (Self, OutboxReceiver) {
        let (calls, calls_receiver) = mpsc::channel(calls.max(1));
        let (control, control_receiver) = mpsc::channel(CONTROL_PLACES);
        (Self { calls, control }, OutboxReceiver { calls: calls_receiver, control: control_receiver })
    }

    /// Waits for a place. An error means that the connection has ended; the caller knows why.
    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<(), WriterGone> {
        self.calls.send(outgoing).await.map_err(|_| WriterGone)
    }

    /// Waits for a place among the control messages.
    pub(super) async fn send_control(&self, outgoing: Outgoing) -> Result<(), WriterGone> {
        self.control.send(outgoing).await.map_err(|_| WriterGone)
    }

    /// Takes a place among the control messages at once. It does not matter when the writer has ended.
    pub(super) fn push_control(&self, outgoing: Outgoing) -> Result<(), OutboxFull> {
        match self.control.try_send(outgoing) {
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(OutboxFull),
        }
    }
}

/// The writer has ended, and the connection with it; its state knows why.
#[derive(Debug)]
pub(super) struct WriterGone;
