//! What answers for one owner, which is a connection, a thread, or a turn: its rules, and functions of the program.

use super::kind::Answer;
use super::{
    AccountTokens, Approval, ApprovalAnswer, Attestation, AttestationRequest, CurrentTime, Elicitation,
    ElicitationAnswer, McpToolAnswer, McpToolApproval, PermissionAnswer, PermissionRequest, TimeRequest,
    TokenRefresh, UserInputAnswers, UserInputRequest,
};
use crate::client::AskAnswer;
use crate::future::BoxFuture;
use crate::protocol::RawRequest;
use crate::rules::Rules;
use std::fmt;
use std::sync::Arc;

/// A function of the program that answers one kind of question, or says why it cannot.
pub(crate) type Handler<Q, A> = Arc<dyn Fn(Q) -> BoxFuture<'static, Result<A, String>> + Send + Sync>;

/// What a handler may return: an answer, or the failure to find one, which becomes the answer that permits nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer to this question",
    label = "this is what the handler gives",
    note = "an answer is made by the question, as in `ask.accept()`; a `Result` with one will do, too",
    note = "a handler of `codexkit::blocking` is a plain function, any other one an async function"
)]
pub trait IntoAnswer<A>: sealed::Sealed<A> + Send {}

pub(crate) mod sealed {
    pub trait Sealed<A> {
        fn into_answer(self) -> Result<A, String>;
    }
}

impl<A: Answer> IntoAnswer<A> for A {}

impl<A: Answer> sealed::Sealed<A> for A {
    fn into_answer(self) -> Result<A, String> {
        Ok(self)
    }
}

impl<A: Answer, E: fmt::Display + Send> IntoAnswer<A> for Result<A, E> {}

impl<A: Answer, E: fmt::Display> sealed::Sealed<A> for Result<A, E> {
    fn into_answer(self) -> Result<A, String> {
        self.map_err(|error| {
            tracing::warn!(%error, "a handler failed; the safe answer is given");
            error.to_string()
        })
    }
}

/// Makes a handler of an async function.
pub(crate) fn handler<Q, A, F, Fut>(function: F) -> Handler<Q, A>
where
    F: Fn(Q) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoAnswer<A>> + Send + 'static,
{
    Arc::new(move |question| {
        let answer = function(question);
        Box::pin(async move { sealed::Sealed::into_answer(answer.await) })
    })
}

/// The rules and handlers of one owner.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) rules: Option<Arc<Rules>>,
    pub(crate) approval: Option<Handler<Approval, ApprovalAnswer>>,
    pub(crate) permissions: Option<Handler<PermissionRequest, PermissionAnswer>>,
    pub(crate) user_input: Option<Handler<UserInputRequest, UserInputAnswers>>,
    pub(crate) elicitation: Option<Handler<Elicitation, ElicitationAnswer>>,
    pub(crate) mcp_tool: Option<Handler<McpToolApproval, McpToolAnswer>>,
    pub(crate) tokens: Option<Handler<TokenRefresh, AccountTokens>>,
    pub(crate) attestation: Option<Handler<AttestationRequest, Attestation>>,
    pub(crate) time: Option<Handler<TimeRequest, CurrentTime>>,
    pub(crate) raw: Option<Arc<dyn Fn(RawRequest) -> BoxFuture<'static, AskAnswer> + Send + Sync>>,
}

impl Handlers {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { approval, permissions, user_input, elicitation, mcp_tool, .. } = self;
        let of_agents = approval.is_none() && permissions.is_none() && user_input.is_none();
        let of_servers = elicitation.is_none() && mcp_tool.is_none();
        let Self { tokens, attestation, time, raw, rules, .. } = self;
        let of_host = tokens.is_none() && attestation.is_none() && time.is_none() && raw.is_none();
        rules.is_none() && of_agents && of_servers && of_host
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").field("any", &!self.is_empty()).finish()
    }
}

/// Setters for the questions that an agent can ask, for builders that keep [`Handlers`] in this field of theirs.
macro_rules! agent_ask_setters {
    ($($handlers:ident).+) => {
        /// Decides by rules what the agent may do, before any handler is asked: commands, changes of files, hosts, tools of
        /// MCP servers, permissions.
        ///
        /// What a rule denies here or anywhere else (turn, thread, connection) is declined. Else the owners are gone
        /// through from the turn to the connection, and in each its rules come before its handler: what a rule allows is
        /// accepted, this once; what a rule asks about is from there on a matter of handlers only.
        pub fn rules(mut self, rules: $crate::rules::Rules) -> Self {
            self.$($handlers).+.rules = Some(std::sync::Arc::new(rules));
            self
        }

        /// Decides what the agent may do: the commands and changes of files that the server asks about.
        ///
        /// The most particular handler answers: that of the turn, then of the thread, then of the connection. It runs in a
        /// task of its own, so it may take its time and call the server. If it fails, panics, or takes longer than
        /// [`Limits::ask_deadline`](crate::Limits::ask_deadline), the answer is no; without any handler, too. A handler that
        /// blocks the thread, rather than awaits, can hold up the runtime that it shares with the connection. One that
        /// holds a handle of the connection keeps the connection from being closed by the drop of all others;
        /// [`Codex::close`](crate::Codex::close) closes it all the same.
        pub fn on_approval<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::Approval) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::ApprovalAnswer>> + Send + 'static,
        {
            self.$($handlers).+.approval = Some($crate::asks::handler(handler));
            self
        }

        /// Decides about permissions beyond those of the sandbox. As [`on_approval`](Self::on_approval).
        pub fn on_permissions<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::PermissionRequest) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::PermissionAnswer>> + Send + 'static,
        {
            self.$($handlers).+.permissions = Some($crate::asks::handler(handler));
            self
        }

        /// Answers questions of the agent to the user. Without a handler they stay open. As
        /// [`on_approval`](Self::on_approval).
        pub fn on_user_input<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::UserInputRequest) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::UserInputAnswers>> + Send + 'static,
        {
            self.$($handlers).+.user_input = Some($crate::asks::handler(handler));
            self
        }

        /// Answers what MCP servers want to know of the user. As [`on_approval`](Self::on_approval).
        pub fn on_elicitation<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::Elicitation) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::ElicitationAnswer>> + Send + 'static,
        {
            self.$($handlers).+.elicitation = Some($crate::asks::handler(handler));
            self
        }

        /// Decides about calls of tools of MCP servers. As [`on_approval`](Self::on_approval).
        pub fn on_mcp_tool<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::McpToolApproval) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::McpToolAnswer>> + Send + 'static,
        {
            self.$($handlers).+.mcp_tool = Some($crate::asks::handler(handler));
            self
        }
    };
}

/// Setters for what only a whole connection is asked.
macro_rules! host_ask_setters {
    () => {
        /// Hands over new tokens of an account whose login this program keeps.
        pub fn on_token_refresh<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::TokenRefresh) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::AccountTokens>> + Send + 'static,
        {
            self.handlers.tokens = Some($crate::asks::handler(handler));
            self
        }

        /// Hands over attestations.
        pub fn on_attestation<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::AttestationRequest) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::Attestation>> + Send + 'static,
        {
            self.handlers.attestation = Some($crate::asks::handler(handler));
            self
        }

        /// Tells the server the time. Without a handler it is that of this machine.
        pub fn on_time<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::TimeRequest) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::IntoAnswer<$crate::CurrentTime>> + Send + 'static,
        {
            self.handlers.time = Some($crate::asks::handler(handler));
            self
        }

        /// Answers requests of the server that this SDK does not know. Without a handler they are refused as unknown.
        pub fn on_unknown_request<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn($crate::protocol::RawRequest) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<serde_json::Value, $crate::protocol::RpcError>> + Send + 'static,
        {
            self.handlers.raw = Some($crate::asks::raw_handler(handler));
            self
        }
    };
}

/// Makes a handler of an async function that answers in JSON.
pub(crate) fn raw_handler<F, Fut>(
    function: F,
) -> Arc<dyn Fn(RawRequest) -> BoxFuture<'static, AskAnswer> + Send + Sync>
where
    F: Fn(RawRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<serde_json::Value, crate::protocol::RpcError>> + Send + 'static,
{
    Arc::new(move |request| {
        let answer = function(request);
        Box::pin(async move { super::kind::write(&answer.await?) })
    })
}

pub(crate) use {agent_ask_setters, host_ask_setters};
