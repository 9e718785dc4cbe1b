//! The task that has the requests of the server answered, each by a task of its own.
//!
//! A handler may therefore call the client freely, take its time, fail or panic; nobody else notices.

use super::changes::Incoming;
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
    /// Begins to answer a request. It is called on the connection's task, so the work belongs into the future.
    fn answer(&self, incoming: Incoming) -> AskFuture;

    /// Whether the future of the answer ends in time by itself, so that the deadline of all asks is not put on it.
    fn keeps_time(&self, _request: &RawRequest) -> bool {
        false
    }

    /// The answer that permits nothing, for when the handler has panicked or has taken too long.
    fn safe_answer(&self, request: &RawRequest) -> AskAnswer;
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
            tracing::error!(method = %request.method, "the handler of a request panicked; the safe answer is given");
            handler.safe_answer(&request)
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
    let request = incoming.request.clone();
    let (handler, asked, deadline) = (handler.clone(), request.clone(), core.limits.ask_deadline);
    let task = running.spawn(async move {
        let answer = handler.answer(incoming);
        if handler.keeps_time(&asked) {
            return answer.await;
        }
        match tokio::time::timeout(deadline, answer).await {
            Ok(answer) => answer,
            Err(_) => {
                tracing::warn!(method = %asked.method, ?deadline, "nobody answered in time; the safe answer is given");
                handler.safe_answer(&asked)
            }
        }
    });
    let id = task.id();
    if core.update(|state, _| state.asks.handled_by(&request.id, task.clone())) {
        requests.insert(id, request);
    } else {
        task.abort();
    }
}

async fn respond(core: &Core, id: &RequestId, answer: AskAnswer) {
    if !core.update(|state, _| state.asks.close(id)) {
        return;
    }
    let outgoing = match &answer {
        Err(error) => refusal(id, error),
        Ok(result) => match (Outbound::Response { id, result: &**result }).encode() {
            Ok(frame) => Outgoing::message(frame),
            Err(error) => refusal(id, &RpcError::new(RpcError::INTERNAL_ERROR, error.to_string())),
        },
    };
    // Without a writer the connection has ended, and with it the request.
    let _ = core.outbox.send_control(outgoing).await;
}
