//! From a request of the server to its one owner, and back with the answer.

use super::agent::AgentQuestion;
use super::decide::{self, Decided};
use super::elicitation::Elicited;
use super::handlers::Handler;
use super::kind::{Question, refuse, write};
use super::owners::Owners;
use super::record::OpenRecord;
use super::{
    Approval, AttestationRequest, Elicitation, McpToolApproval, PermissionRequest, TimeRequest, TokenRefresh,
    UserInputRequest,
};
use crate::client::{AskAnswer, AskFuture, AskHandler, Incoming, Notification};
use crate::event::Event;
use crate::protocol::types::{DynamicToolCallParams, FileUpdateChange, ThreadItem};
use crate::protocol::{RawRequest, RpcError, ServerRequest, ThreadId};
use std::sync::Arc;
use std::time::Duration;

/// Has each request answered by its owner.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    owners: Arc<Owners>,
    /// How long an answer may take. Tools keep time by themselves.
    deadline: Duration,
}

impl Dispatcher {
    pub(crate) fn new(owners: Arc<Owners>, deadline: Duration) -> Self {
        Self { owners, deadline }
    }

    /// Has a question of an agent answered by the turn, the thread, or the connection, whichever is the first to care; or
    /// by those on whose behalf the agent runs.
    fn ask<Q: AgentQuestion>(
        &self,
        mut question: Q,
        agent: Option<String>,
        ancestors: Vec<ThreadId>,
    ) -> AskFuture {
        if let Some(origin) = question.origin_mut() {
            (origin.agent, origin.ancestors) = (agent, ancestors);
        }
        let origin = question.origin();
        let threads = origin.into_iter().flat_map(|origin| origin.thread.iter().chain(&origin.ancestors));
        let candidates = self.owners.candidates(threads);
        let (safe, record) = (question.safe_answer(), OpenRecord::new(self.owners.audit(), &question));
        let deciding = async move { decide::for_agent(question, candidates.decided().await).await };
        Box::pin(decide::in_time(self.deadline, safe, record, Box::pin(deciding)))
    }

    /// Has a question to the whole program answered.
    fn ask_host<Q: Question>(&self, question: Q, handler: Option<&Handler<Q, Q::Answer>>) -> AskFuture {
        let (safe, record) = (question.safe_answer(), OpenRecord::new(self.owners.audit(), &question));
        let deciding = decide::by_handler(question, handler.cloned());
        Box::pin(decide::in_time(self.deadline, safe, record, Box::pin(deciding)))
    }

    /// Has a request answered that this SDK does not know.
    fn ask_raw(&self, request: RawRequest) -> AskFuture {
        let refused = Err(RpcError::new(RpcError::METHOD_NOT_FOUND, "this client does not know the method"));
        let Some(handler) = self.owners.of_connection().raw.clone() else {
            tracing::warn!(method = %request.method, "the server asked for something that this SDK does not know");
            return at_once(refused);
        };
        let record = OpenRecord::of(self.owners.audit(), format!("answer `{}`", request.method));
        let deciding = async move { Decided::raw(handler(request).await) };
        Box::pin(decide::in_time(self.deadline, refused, record, Box::pin(deciding)))
    }
}

/// The changes of the item that was started.
fn changes(started: &Notification) -> Vec<FileUpdateChange> {
    match Event::decode(started) {
        Event::ItemStarted(ThreadItem::FileChange(change)) => change.changes.clone(),
        _ => Vec::new(),
    }
}

fn at_once(answer: AskAnswer) -> AskFuture {
    Box::pin(async move { answer })
}

/// A question of one of the kinds.
enum Asked {
    Approval(Approval),
    Permissions(PermissionRequest),
    UserInput(UserInputRequest),
    Elicitation(Elicitation),
    McpTool(McpToolApproval),
    Tokens(TokenRefresh),
    Attestation(AttestationRequest),
    Time(TimeRequest),
    ToolCall(Box<DynamicToolCallParams>),
    /// Nobody here knows the method.
    Unknown,
    /// The method is known, and its parameters make no sense.
    Undecodable,
}

impl Asked {
    fn new(request: &RawRequest, about: Option<&Notification>) -> Self {
        match ServerRequest::decode(request) {
            Ok(ServerRequest::CommandExecutionRequestApproval(params)) => {
                Self::Approval(Approval::command(params))
            }
            Ok(ServerRequest::FileChangeRequestApproval(params)) => {
                Self::Approval(Approval::file_change(params, about.map(changes).unwrap_or_default()))
            }
            Ok(ServerRequest::ExecCommandApproval(params)) => Self::Approval(Approval::OlderCommand(params)),
            Ok(ServerRequest::ApplyPatchApproval(params)) => {
                Self::Approval(Approval::OlderFileChange(Box::new(params)))
            }
            Ok(ServerRequest::PermissionsRequestApproval(params)) => {
                Self::Permissions(PermissionRequest::new(params))
            }
            Ok(ServerRequest::ToolRequestUserInput(params)) => Self::UserInput(UserInputRequest::new(params)),
            Ok(ServerRequest::McpServerElicitationRequest(params)) => match Elicited::new(params) {
                Elicited::Form(elicitation) => Self::Elicitation(elicitation),
                Elicited::Tool(approval) => Self::McpTool(approval),
            },
            Ok(ServerRequest::ChatgptAuthTokensRefresh(params)) => Self::Tokens(TokenRefresh { params }),
            Ok(ServerRequest::AttestationGenerate(params)) => {
                Self::Attestation(AttestationRequest { params })
            }
            Ok(ServerRequest::CurrentTimeRead(params)) => Self::Time(TimeRequest { params }),
            Ok(ServerRequest::DynamicToolCall(params)) => Self::ToolCall(params),
            Ok(_) => Self::Unknown,
            Err(error) => {
                tracing::warn!(method = %request.method, %error, "a request of the server did not decode");
                Self::Undecodable
            }
        }
    }
}

impl AskHandler for Dispatcher {
    fn answer(&self, Incoming { request, about, agent, ancestors }: Incoming) -> AskFuture {
        self.owners.observers().tell(&request);
        let connection = self.owners.of_connection();
        match Asked::new(&request, about.as_deref()) {
            Asked::Approval(ask) => self.ask(ask, agent, ancestors),
            Asked::Permissions(ask) => self.ask(ask, agent, ancestors),
            Asked::UserInput(ask) => self.ask(ask, agent, ancestors),
            Asked::Elicitation(ask) => self.ask(ask, agent, ancestors),
            Asked::McpTool(ask) => self.ask(ask, agent, ancestors),
            Asked::Tokens(ask) => self.ask_host(ask, connection.tokens.as_ref()),
            Asked::Attestation(ask) => self.ask_host(ask, connection.attestation.as_ref()),
            Asked::Time(ask) => self.ask_host(ask, connection.time.as_ref()),
            Asked::ToolCall(params) => {
                let answer = self.owners.tools().call(*params, &ancestors);
                Box::pin(async move { write(&answer.await) })
            }
            Asked::Unknown => self.ask_raw(request),
            Asked::Undecodable => at_once(refuse("this client did not understand the parameters")),
        }
    }
}
