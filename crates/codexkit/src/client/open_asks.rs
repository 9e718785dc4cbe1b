//! The requests of the server that wait for our answer.

use crate::protocol::route::RouteKey;
use crate::protocol::{RawRequest, RequestId, TurnId};
use std::collections::HashMap;
use tokio::task::AbortHandle;

/// The requests of the server that wait for our answer. Each has one owner and is answered once.
#[derive(Debug)]
pub(super) struct OpenAsks {
    asks: HashMap<RequestId, OpenAsk>,
    limit: usize,
    refused: u64,
}

#[derive(Debug)]
struct OpenAsk {
    turn: Option<TurnId>,
    handler: Option<AbortHandle>,
}

impl OpenAsks {
    pub(super) fn new(limit: usize) -> Self {
        Self { asks: HashMap::new(), limit, refused: 0 }
    }

    /// Takes a request in, unless there are too many already.
    pub(super) fn open(&mut self, request: &RawRequest) -> bool {
        if self.asks.len() >= self.limit {
            self.refused += 1;
            tracing::warn!(refused = self.refused, "more requests of the server are open than allowed");
            return false;
        }
        let turn = RouteKey::peek(&request.params).turn.map(TurnId::new);
        self.asks.insert(request.id.clone(), OpenAsk { turn, handler: None });
        true
    }

    /// Its handler runs now. `false` when the request was withdrawn in the meantime.
    pub(super) fn handled_by(&mut self, id: &RequestId, handler: AbortHandle) -> bool {
        match self.asks.get_mut(id) {
            Some(ask) => {
                ask.handler = Some(handler);
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
        if let Some(ask) = self.asks.remove(id) {
            ask.stop();
        }
    }

    /// A turn has ended, and with it what it asked: of a call of a tool the server says no more than that.
    pub(super) fn end_turn(&mut self, turn: &TurnId) {
        for (_, ask) in self.asks.extract_if(|_, ask| ask.turn.as_ref() == Some(turn)) {
            ask.stop();
        }
    }

    /// Withdraws all.
    pub(super) fn clear(&mut self) {
        for ask in std::mem::take(&mut self.asks).into_values() {
            ask.stop();
        }
    }
}

impl OpenAsk {
    fn stop(self) {
        if let Some(handler) = self.handler {
            handler.abort();
        }
    }
}
