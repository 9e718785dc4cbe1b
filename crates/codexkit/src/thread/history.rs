//! What a thread has been through.

use super::Thread;
use crate::error::{Error, ErrorKind, Result};
use crate::page::Listing;
use crate::protocol::types::{
    self, ThreadItemsListParams, ThreadReadParams, ThreadRevertParams, ThreadRollbackParams,
    ThreadTurnsListParams, TurnItemsView,
};
use crate::protocol::{Request, TurnId};

impl Thread {
    /// What the server knows about the thread by now, without its turns. Uses `thread/read`. Cancel safe.
    ///
    /// # Errors
    ///
    /// `ThreadNotFound`, `Closed` and the like.
    pub async fn read(&self) -> Result<types::Thread> {
        Ok(self.codex.call(&ThreadReadParams::new(self.id())).await?.thread)
    }

    /// The turns, the newest first, with a summary of their items each. An ephemeral thread has none to list. Uses
    /// `thread/turns/list`; for other orders and views, give [`Codex::list`](crate::Codex::list) the request.
    pub fn turns(&self) -> Listing<ThreadTurnsListParams> {
        self.codex.list(ThreadTurnsListParams::new(self.id()))
    }

    /// The items of all turns, the oldest first. Uses `thread/items/list`, which servers before codex 0.154 do not support.
    pub fn items(&self) -> Listing<ThreadItemsListParams> {
        self.codex.list(ThreadItemsListParams::new(self.id()))
    }

    /// Forgets a turn and all that came after it. Files are not touched. Uses `thread/revert`.
    ///
    /// Cancel safe, but the turns may be forgotten.
    ///
    /// # Errors
    ///
    /// `Incompatible` before codex 0.154; `Busy` while a turn runs.
    pub async fn revert(&self, before: impl Into<TurnId>) -> Result<()> {
        self.not_busy().await?;
        let params = ThreadRevertParams::new(self.id(), before);
        self.codex.call(&params).await.map(drop).map_err(|error| error.with_thread(self.id()))
    }

    /// Forgets the last `count` turns. Files are not touched. Uses `thread/turns/list` and `thread/revert`, or
    /// `thread/rollback` with a codex that has no `thread/revert`. Cancel safe, but the turns may be forgotten.
    ///
    /// # Errors
    ///
    /// `Usage` when the thread has not so many turns; `Busy` while a turn runs.
    pub async fn rollback(&self, count: u32) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        self.not_busy().await?;
        let newest_first =
            ThreadTurnsListParams::new(self.id()).items_view(TurnItemsView::NotLoaded).limit(count.min(100));
        let mut turns = self.codex.list(newest_first);
        let mut first = None;
        for listed in 0..count {
            // Some servers take any number and forget all there is.
            let Some(turn) = turns.try_next().await? else {
                let text = format!("{count} turns cannot be forgotten: the thread has {listed}");
                return Err(Error::new(ErrorKind::Usage, text).with_thread(self.id()));
            };
            first = Some(turn.id);
        }
        let since = ThreadRevertParams::METHOD.since;
        if self.codex.server_info().version.is_some_and(|version| version < since) {
            let params = ThreadRollbackParams::new(self.id(), count);
            return self.codex.call(&params).await.map(drop).map_err(|error| error.with_thread(self.id()));
        }
        match first {
            Some(turn) => self.revert(turn).await,
            None => Ok(()),
        }
    }

    async fn not_busy(&self) -> Result<()> {
        self.codex.client.not_busy(self.id()).await
    }
}
