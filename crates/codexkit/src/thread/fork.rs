//! A new thread with the history of another one.

use super::Thread;
use super::options::{Given, thread_option_setters};
use crate::asks::agent_ask_setters;
use crate::budget::Budget;
use crate::codex::Codex;
use crate::error::Result;
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, SandboxMode, ThreadForkParams, ThreadSource,
};
use crate::protocol::{Patch, ThreadId, TurnId};
use crate::tool::{Tool, ToolSet};
use serde_json::Value;
use std::future::IntoFuture;

/// A thread that is about to be forked; await it for the new one. Uses `thread/fork`.
///
/// The server takes the model and the other settings from its configuration, not from the source; so
/// [`Thread::fork`](crate::Thread::fork) sets the source's model, and [`Codex::fork_thread`](crate::Codex::fork_thread),
/// which does not know it, leaves it to the server.
///
/// Not cancel safe: the server may have made a thread whose id nobody knows.
///
/// # Errors
///
/// `ThreadNotFound` when the server has not stored the source; `Usage` for tools that the server would not take; otherwise as
/// for [`Codex::call`].
#[derive(Clone, Debug)]
#[must_use = "a thread is forked when this is awaited"]
pub struct ForkThread {
    codex: Codex,
    params: ThreadForkParams,
    given: Given,
}

impl ForkThread {
    pub(crate) fn new(codex: Codex, source: ThreadId) -> Self {
        // An ephemeral fork is only to be had without its turns, and nobody reads them here.
        let params = ThreadForkParams::new(source).exclude_turns(true);
        Self { codex, params, given: Given::default() }
    }

    thread_option_setters!(ThreadForkParams);

    forward_to_params! {
        /// Whether the fork is not stored.
        plain ephemeral: bool;
        /// Leaves this turn out and all that came after it. Experimental.
        into before_turn_id: TurnId;
        /// Leaves out all that came after this turn.
        into last_turn_id: TurnId;
        /// What the fork was started by.
        into thread_source: ThreadSource;
    }

    /// Answers the calls of a tool that the source was started with: a fork has its tools, but not its functions.
    pub fn tool(self, tool: Tool) -> Self {
        self.tools(tool)
    }
}

impl IntoFuture for ForkThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let of = self.params.thread_id.clone();
        self.given.open(self.codex, self.params, of)
    }
}
