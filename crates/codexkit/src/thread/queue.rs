//! Inputs that wait for their turn on the server.

use super::{Thread, unique_id};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::page::Listing;
use crate::protocol::types::{
    QueuedSubmission, ThreadQueueAddParams, ThreadQueueDeleteParams, ThreadQueueListParams,
};

impl Thread {
    /// Has the server start a turn with this input once the thread is free, whether or not this program is still there. The
    /// turn shows up in [`Codex::subscribe`](crate::Codex::subscribe). Uses `thread/queue/add`, which is experimental.
    ///
    /// To wait for the thread here, start the turn with [`Busy::Wait`](crate::Busy::Wait).
    ///
    /// Not cancel safe: the input may be in the queue, and nobody knows its id.
    ///
    /// # Errors
    ///
    /// `Usage` for an external message, which can only start a turn; as for all calls.
    pub async fn enqueue(&self, input: impl Into<Input>) -> Result<QueuedSubmission> {
        let input = input.into().into_user_inputs().ok_or_else(|| {
            Error::new(ErrorKind::Usage, "an external message cannot be queued; start a turn with it")
        })?;
        let params = ThreadQueueAddParams::new(self.id(), unique_id(), input);
        Ok(self.codex.call(&params).await.map_err(|error| self.own(error))?.queued_submission)
    }

    /// The inputs that wait. Uses `thread/queue/list`, which is experimental.
    pub fn queue(&self) -> Listing<ThreadQueueListParams> {
        self.codex.list(ThreadQueueListParams::new(self.id()))
    }

    /// Takes an input out of the queue. Uses `thread/queue/delete`, which is experimental.
    ///
    /// Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls.
    pub async fn dequeue(&self, submission: &QueuedSubmission) -> Result<()> {
        self.tell(&ThreadQueueDeleteParams::new(self.id(), &submission.id)).await
    }
}
