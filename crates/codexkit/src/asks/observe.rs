//! Watching what is asked, without a say in it.

use crate::protocol::{RawRequest, ServerRequest};
use tokio::sync::broadcast::{self, error::RecvError};

/// How many requests an observer may be behind.
const PLACES: usize = 64;

/// Tells observers what is asked.
#[derive(Debug)]
pub(super) struct Observers(broadcast::Sender<RawRequest>);

impl Default for Observers {
    fn default() -> Self {
        Self(broadcast::Sender::new(PLACES))
    }
}

impl Observers {
    pub(super) fn tell(&self, request: &RawRequest) {
        if self.0.receiver_count() > 0 {
            // The last observer may have gone in this very moment.
            let _ = self.0.send(request.clone());
        }
    }

    pub(super) fn observe(&self) -> AskObserver {
        AskObserver(self.0.subscribe())
    }
}

/// What the server asks from now on, as copies: others answer. From [`Codex::observe_asks`](crate::Codex::observe_asks).
#[derive(Debug)]
pub struct AskObserver(broadcast::Receiver<RawRequest>);

/// What an observer sees.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ObservedAsk {
    /// A request of the server, typed; one that this SDK does not know or that does not decode is kept as it came.
    Asked(Box<ServerRequest>),
    /// Here, the observer was too slow and so many were left out.
    Missed(u64),
}

impl AskObserver {
    /// The next request; none once the connection has ended. Cancel safe.
    pub async fn next(&mut self) -> Option<ObservedAsk> {
        match self.0.recv().await {
            Ok(request) => {
                let decoded = ServerRequest::decode(&request);
                Some(ObservedAsk::Asked(Box::new(decoded.unwrap_or(ServerRequest::Unrecognized(request)))))
            }
            Err(RecvError::Lagged(missed)) => Some(ObservedAsk::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}
