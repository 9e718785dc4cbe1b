//! The requests of the server that wait for our answer.

use crate::protocol::RequestId;
use std::collections::HashMap;
use tokio::task::AbortHandle;

/// The requests of the server that wait for our answer. Each has one owner and is answered once.
#[derive(Debug)]
pub(super) struct OpenAsks {
    asks: HashMap<RequestId, Option<AbortHandle>>,
    limit: usize,
    refused: u64,
}

impl OpenAsks {
    pub(super) fn new(limit: usize) -> Self {
        Self { asks: HashMap::new(), limit, refused: 0 }
    }

    /// Takes a request in, unless there are too many already.
    pub(super) fn open(&mut self, id: &RequestId) -> bool {
        if self.asks.len() >= self.limit {
            self.refused += 1;
            tracing::warn!(refused = self.refused, "more requests of the server are open than allowed");
            return false;
        }
        self.asks.insert(id.clone(), None);
        true
    }

    /// Its handler runs now. `false` when the request was withdrawn in the meantime.
    pub(super) fn handled_by(&mut self, id: &RequestId, handler: AbortHandle) -> bool {
        match self.asks.get_mut(id) {
            Some(slot) => {
                *slot = Some(handler);
                true
            }
            None => false,
        }
    }

    /// Closes a request because it is about to be answered. `false` when it was withdrawn.
    pub(super) fn close(&mut self, id: &RequestId) -> bool {
        self.asks.remove(id).is_some()
    }

    /// The server no longer wants an answer; the handler is stopped.
    pub(super) fn withdraw(&mut self, id: &RequestId) {
        if let Some(Some(handler)) = self.asks.remove(id) {
            handler.abort();
        }
    }

    /// Withdraws all.
    pub(super) fn clear(&mut self) {
        for handler in std::mem::take(&mut self.asks).into_values().flatten() {
            handler.abort();
        }
    }
}
