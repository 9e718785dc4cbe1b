//! Naming, putting away, and what else is done with a thread as a whole.

use super::Thread;
use crate::error::{Error, ErrorKind, Result};
use crate::page::Listing;
use crate::protocol::Request;
use crate::protocol::types::{
    ThreadArchiveParams, ThreadBackgroundTerminalsCleanParams, ThreadBackgroundTerminalsListParams,
    ThreadBackgroundTerminalsTerminateParams, ThreadDeleteParams, ThreadInjectItemsParams,
    ThreadSetNameParams, ThreadUnarchiveParams,
};
use serde_json::Value;

impl Thread {
    /// Gives the thread a name. Uses `thread/name/set`. Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// `ThreadNotFound`, `Closed` and the like, as for all calls.
    pub async fn set_name(&self, name: impl Into<String>) -> Result<()> {
        self.tell(&ThreadSetNameParams::new(self.id(), name)).await
    }

    /// Puts the thread away, until [`unarchive`](Self::unarchive). A turn that runs is ended by it. Uses `thread/archive`.
    ///
    /// Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// `Usage` for an ephemeral thread, which is not stored; `ThreadNotFound` for one that is put away already; as for all
    /// calls.
    pub async fn archive(&self) -> Result<()> {
        if self.info().ephemeral {
            let text =
                "an ephemeral thread is not stored, so it cannot be put away; start it without `ephemeral`";
            return Err(self.own(Error::new(ErrorKind::Usage, text)));
        }
        self.tell(&ThreadArchiveParams::new(self.id())).await
    }

    /// Fetches the thread back. The next turn loads it. Uses `thread/unarchive`. Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls.
    pub async fn unarchive(&self) -> Result<()> {
        self.tell(&ThreadUnarchiveParams::new(self.id())).await
    }

    /// Deletes the thread for good. Uses `thread/delete`. Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls; while a fork of it exists; `Incompatible` before codex 0.144.
    pub async fn delete(&self) -> Result<()> {
        self.tell(&ThreadDeleteParams::new(self.id())).await
    }

    /// Adds items to the history that the model is given, in the form of the Responses API. Uses `thread/inject_items`.
    ///
    /// Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls; `InvalidParams` for an item that is none.
    pub async fn inject(&self, items: impl IntoIterator<Item = Value>) -> Result<()> {
        self.tell(&ThreadInjectItemsParams::new(self.id(), items)).await
    }

    /// Commands of the agent that run on in the background. Uses `thread/backgroundTerminals/list`, which is experimental.
    pub fn background_terminals(&self) -> Listing<ThreadBackgroundTerminalsListParams> {
        self.codex.list(ThreadBackgroundTerminalsListParams::new(self.id()))
    }

    /// Ends a command that runs in the background, and says whether there was one to end. Uses
    /// `thread/backgroundTerminals/terminate`, which is experimental. Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls.
    pub async fn terminate_background_terminal(&self, process_id: impl Into<String>) -> Result<bool> {
        let params = ThreadBackgroundTerminalsTerminateParams::new(self.id(), process_id);
        Ok(self.codex.call(&params).await.map_err(|error| self.own(error))?.terminated)
    }

    /// Ends all commands that run in the background. Uses `thread/backgroundTerminals/clean`, which is experimental.
    ///
    /// Cancel safe, but it may have happened.
    ///
    /// # Errors
    ///
    /// As for all calls.
    pub async fn clean_background_terminals(&self) -> Result<()> {
        self.tell(&ThreadBackgroundTerminalsCleanParams::new(self.id())).await
    }

    /// Makes a call whose answer says nothing more.
    pub(super) async fn tell<R: Request>(&self, request: &R) -> Result<()> {
        self.codex.call(request).await.map(drop).map_err(|error| self.own(error))
    }

    /// An error with the name of the thread.
    pub(super) fn own(&self, error: Error) -> Error {
        error.with_thread(self.id())
    }
}
