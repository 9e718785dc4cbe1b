//! Asks as a stream, for programs that would rather read than be called.

use super::kind::Question;
use super::{Approval, Elicitation, McpToolApproval, PermissionRequest, UserInputRequest, owners::TurnClaim};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::{mpsc, oneshot};

/// What an agent asks.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ask {
    /// Leave to run a command or to change files.
    Approval(OpenAsk<Approval>),
    /// Permissions beyond those of its sandbox.
    Permissions(OpenAsk<PermissionRequest>),
    /// Answers of the user.
    UserInput(OpenAsk<UserInputRequest>),
    /// Answers of the user to an MCP server.
    Elicitation(OpenAsk<Elicitation>),
    /// Leave to run a tool of an MCP server.
    McpTool(OpenAsk<McpToolApproval>),
}

/// An ask that waits for its answer. Dropping it gives the answer that permits nothing.
pub struct OpenAsk<Q: Question> {
    question: Q,
    answer: oneshot::Sender<Q::Answer>,
}

impl<Q: Question> OpenAsk<Q> {
    pub(super) fn new(question: Q) -> (Self, oneshot::Receiver<Q::Answer>) {
        let (answer, receiver) = oneshot::channel();
        (Self { question, answer }, receiver)
    }

    /// Answers it. It does not matter if the server has withdrawn it in the meantime.
    pub fn respond(self, answer: Q::Answer) {
        let _ = self.answer.send(answer);
    }

    /// Whether the server has withdrawn it, or its deadline has passed, so that an answer would reach nobody.
    pub fn is_withdrawn(&self) -> bool {
        self.answer.is_closed()
    }

    /// Waits until an answer would reach nobody any more. Cancel safe.
    pub async fn withdrawn(&mut self) {
        self.answer.closed().await;
    }
}

impl<Q: Question> Deref for OpenAsk<Q> {
    type Target = Q;

    fn deref(&self) -> &Q {
        &self.question
    }
}

impl<Q: Question + fmt::Debug> fmt::Debug for OpenAsk<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.question.fmt(f)
    }
}

/// Where the asks of a turn come out for whoever takes them as a stream.
pub(super) type AskSender = mpsc::Sender<Ask>;

/// The asks of a turn. When it is dropped, those that come later get the answer that permits nothing.
#[derive(Debug)]
#[must_use = "asks that nobody reads are declined at their deadline"]
pub struct Asks {
    asks: mpsc::Receiver<Ask>,
}

/// The server has at most so many asks open, all owners together, unless the bound was raised.
const PLACES: usize = 64;

impl Asks {
    /// Takes the asks of a turn, unless others answer them already.
    pub(crate) fn take(claim: &TurnClaim) -> Option<Self> {
        let (sender, asks) = mpsc::channel(PLACES);
        claim.take(sender).then_some(Self { asks })
    }

    /// The next ask; none once the turn has ended and all were read. Cancel safe.
    pub async fn next(&mut self) -> Option<Ask> {
        poll_fn(|context| self.asks.poll_recv(context)).await
    }
}

impl Stream for Asks {
    type Item = Ask;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Ask>> {
        self.asks.poll_recv(context)
    }
}
