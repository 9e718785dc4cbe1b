//! The task that has the requests of the server answered, each by a task of its own.
//!
//! A handler may therefore call the client freely, take its time, fail or panic; nobody else notices.

use super::context::Incoming;
use super::core::Core;
use super::outbox::Outgoing;
use super::state::refusal;
use crate::future::BoxFuture;
use crate::protocol::envelope::Outbound;
use crate::protocol::{RawRequest, RequestId, RpcError};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

/// What a request of the server is answered with.
pub(crate) type AskAnswer = Result<Box<RawValue>, RpcError>;

/// A handler at work.
pub(crate) type AskFuture = BoxFuture<'static, AskAnswer>;

/// Who answers the requests of the server.
pub(crate) trait AskHandler: Send + Sync + 'static {
    /// Begins to answer a request, in its own time. It is called on the request's task.
    ///
    /// The future is dropped when the server withdraws the request. Should it panic, the request is refused.
    fn answer(&self, incoming: Incoming) -> AskFuture;
}

impl fmt::Debug for dyn AskHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AskHandler")
    }
}

/// Has requests answered until the connection ends.
pub(super) async fn run(core: Arc<Core>, handler: Arc<dyn AskHandler>, mut asks: mpsc::Receiver<Incoming>) {
    let mut running: JoinSet<AskAnswer> = JoinSet::new();
    let mut requests: HashMap<Id, RawRequest> = HashMap::new();
    loop {
        let (task, answer) = tokio::select! {
            ask = asks.recv() => match ask {
                Some(ask) => {
                    start(&core, &handler, &mut running, &mut requests, ask);
                    continue;
                }
                None => return,
            },
            Some(finished) = running.join_next_with_id() => match finished {
                Ok((task, answer)) => (task, Some(answer)),
                Err(error) => (error.id(), None),
            },
        };
        let Some(request) = requests.remove(&task) else { continue };
        let answer = answer.unwrap_or_else(|| {
            tracing::error!(method = %request.method, "the handler of a request panicked; it is refused");
            Err(RpcError::new(RpcError::INTERNAL_ERROR, "the handler of this client broke down"))
        });
        respond(&core, &request.id, answer).await;
    }
}

fn start(
    core: &Core,
    handler: &Arc<dyn AskHandler>,
    running: &mut JoinSet<AskAnswer>,
    requests: &mut HashMap<Id, RawRequest>,
    incoming: Incoming,
) {
    let (handler, request) = (handler.clone(), incoming.request.clone());
    let task = running.spawn(async move { handler.answer(incoming).await });
    let id = task.id();
    if core.update(|state, _| state.asks.handled_by(&request.id, task.clone())) {
        requests.insert(id, request);
    } else {
        task.abort();
    }
}

async fn respond(core: &Core, id: &RequestId, answer: AskAnswer) {
    let outgoing = match &answer {
        Err(error) => refusal(id, error),
        Ok(result) => match (Outbound::Response { id, result: &**result }).encode() {
            Ok(frame) => match core.check_size(&frame) {
                Ok(()) => Outgoing::message(frame),
                Err(error) => {
                    tracing::error!(%error, "an answer cannot be sent; the request is refused");
                    refusal(id, &RpcError::new(RpcError::INTERNAL_ERROR, "the answer is too large"))
                }
            },
            Err(error) => refusal(id, &RpcError::new(RpcError::INTERNAL_ERROR, error.to_string())),
        },
    };
    if core.update(|state, _| state.asks.answer(id, &outgoing)) {
        // Without a writer the connection has ended, and with it the request.
        let _ = core.outbox.send_control(outgoing).await;
    }
}
