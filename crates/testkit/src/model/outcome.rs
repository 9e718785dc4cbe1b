//! How an answer of the model ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// How the answer to a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything that was scripted was sent.
    Finished,
    /// The client closed the connection before the end: this is what an interrupted turn looks like.
    ///
    /// Codex before 0.154 closes it only when the next event comes, so let the model go on there.
    CutByClient,
    /// The script dropped the connection.
    CutByScript,
    /// The model was dropped first.
    Stopped,
}

/// The answer to one request while it is being given. It leaves an outcome behind however it ends.
#[derive(Debug)]
pub(super) struct Answering {
    outcome: watch::Sender<Option<Outcome>>,
    stopped: Arc<AtomicBool>,
}

impl Answering {
    pub(super) fn new(outcome: watch::Sender<Option<Outcome>>, stopped: Arc<AtomicBool>) -> Self {
        Self { outcome, stopped }
    }

    pub(super) fn end(&self, outcome: Outcome) {
        self.outcome.send_if_modified(|slot| slot.is_none() && slot.replace(outcome).is_none());
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        // The server drops an answer half-way for two reasons: the client has gone, or the server itself goes.
        let stopped = self.stopped.load(Ordering::Acquire);
        self.end(if stopped { Outcome::Stopped } else { Outcome::CutByClient });
    }
}
