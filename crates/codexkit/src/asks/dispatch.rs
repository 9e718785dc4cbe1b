//! From a request of the server to its one owner, and back with the answer.

use super::elicitation::Elicited;
use super::handlers::{Handler, Handlers};
use super::kind::{Answer, Question, refuse, write};
use super::open::{Ask, OpenAsk};
use super::owners::{Owners, TurnOwner};
use super::{
    Approval, AttestationRequest, Elicitation, McpToolApproval, PermissionRequest, TimeRequest, TokenRefresh,
    UserInputRequest,
};
use crate::client::{AskAnswer, AskFuture, AskHandler, Incoming, Notification};
use crate::event::Event;
use crate::protocol::types::{DynamicToolCallParams, FileUpdateChange, ThreadItem};
use crate::protocol::{Answerable, RawRequest, ServerRequest, ThreadId};
use std::sync::Arc;

/// Has each request answered by its owner.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    owners: Arc<Owners>,
}

/// A question that an agent can ask, and so a turn or a thread can own.
trait AgentQuestion: Question {
    fn handler(handlers: &Handlers) -> Option<&Handler<Self, Self::Answer>>
    where
        Self: Sized;

    fn open(ask: OpenAsk<Self>) -> Ask
    where
        Self: Sized;
}

macro_rules! agent_question {
    ($($question:ident, $field:ident, $variant:ident;)+) => {$(
        impl AgentQuestion for $question {
            fn handler(handlers: &Handlers) -> Option<&Handler<Self, Self::Answer>> {
                handlers.$field.as_ref()
            }

            fn open(ask: OpenAsk<Self>) -> Ask {
                Ask::$variant(ask)
            }
        }
    )+};
}

agent_question! {
    Approval, approval, Approval;
    PermissionRequest, permissions, Permissions;
    UserInputRequest, user_input, UserInput;
    Elicitation, elicitation, Elicitation;
    McpToolApproval, mcp_tool, McpTool;
}

impl Dispatcher {
    pub(crate) fn new(owners: Arc<Owners>) -> Self {
        Self { owners }
    }

    /// Has a question of an agent answered by the turn, the thread, or the connection, whichever is the first to care.
    fn ask<Q: AgentQuestion>(&self, question: Q, thread: Option<&ThreadId>) -> AskFuture {
        let owners = self.owners.clone();
        let turn = thread.and_then(|thread| owners.of_turn(thread));
        let of_thread = thread.and_then(|thread| owners.of_thread(thread));
        Box::pin(async move {
            let turn = match turn {
                None => None,
                // A turn that ends without a word leaves the decision to the others.
                Some(mut owner) => {
                    let decided = owner.wait_for(|owner| !matches!(owner, TurnOwner::Undecided(_))).await;
                    decided.ok().map(|owner| owner.clone())
                }
            };
            let of_turn = match turn {
                Some(TurnOwner::Stream(asks)) => {
                    let safe = question.safe_answer();
                    let (ask, answer) = OpenAsk::new(question);
                    let _ = asks.send(Q::open(ask)).await;
                    return answer.await.unwrap_or(safe);
                }
                Some(TurnOwner::Handlers(handlers) | TurnOwner::Undecided(handlers)) => Some(handlers),
                None => None,
            };
            let of_connection = owners.of_connection();
            let mut candidates =
                [of_turn.as_ref(), of_thread.as_ref(), Some(of_connection)].into_iter().flatten();
            let handler = candidates.find_map(Q::handler).cloned();
            answered(question, handler).await
        })
    }

    /// Has a question to the whole program answered.
    fn ask_host<Q: Question>(&self, question: Q, handler: Option<&Handler<Q, Q::Answer>>) -> AskFuture {
        Box::pin(answered(question, handler.cloned()))
    }
}

async fn answered<Q: Question>(question: Q, handler: Option<Handler<Q, Q::Answer>>) -> AskAnswer {
    let safe = question.safe_answer();
    match handler {
        None => safe,
        Some(handler) => handler(question).await.map_or(safe, Answer::write),
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
    fn answer(&self, Incoming { request, about }: Incoming) -> AskFuture {
        self.owners.observers().tell(&request);
        let connection = self.owners.of_connection();
        match Asked::new(&request, about.as_deref()) {
            Asked::Approval(ask) => {
                let thread = ask.thread().cloned();
                self.ask(ask, thread.as_ref())
            }
            Asked::Permissions(ask) => {
                let thread = ask.origin.thread.clone();
                self.ask(ask, thread.as_ref())
            }
            Asked::UserInput(ask) => {
                let thread = ask.origin.thread.clone();
                self.ask(ask, thread.as_ref())
            }
            Asked::Elicitation(ask) => {
                let thread = ask.origin.thread.clone();
                self.ask(ask, thread.as_ref())
            }
            Asked::McpTool(ask) => {
                let thread = ask.origin.thread.clone();
                self.ask(ask, thread.as_ref())
            }
            Asked::Tokens(ask) => self.ask_host(ask, connection.tokens.as_ref()),
            Asked::Attestation(ask) => self.ask_host(ask, connection.attestation.as_ref()),
            Asked::Time(ask) => self.ask_host(ask, connection.time.as_ref()),
            Asked::Unknown => match &connection.raw {
                Some(handler) => handler(request),
                None => at_once(super::answers::unknown(&request)),
            },
            Asked::ToolCall(params) => {
                let answer = self.owners.tools().call(*params);
                Box::pin(async move { write(&answer.await) })
            }
            Asked::Undecodable => at_once(self.safe_answer(&request)),
        }
    }

    fn keeps_time(&self, request: &RawRequest) -> bool {
        // Each tool has a deadline of its own, and lateness is one of its answers.
        &*request.method == DynamicToolCallParams::METHOD
    }

    fn safe_answer(&self, request: &RawRequest) -> AskAnswer {
        match Asked::new(request, None) {
            Asked::Approval(ask) => ask.safe_answer(),
            Asked::Permissions(ask) => ask.safe_answer(),
            Asked::UserInput(ask) => ask.safe_answer(),
            Asked::Elicitation(ask) => ask.safe_answer(),
            Asked::McpTool(ask) => ask.safe_answer(),
            Asked::Tokens(ask) => ask.safe_answer(),
            Asked::Attestation(ask) => ask.safe_answer(),
            Asked::Time(ask) => ask.safe_answer(),
            Asked::ToolCall(_) => super::answers::no_such_tool(),
            Asked::Unknown => super::answers::unknown(request),
            Asked::Undecodable => refuse("this client did not understand the parameters"),
        }
    }
}
