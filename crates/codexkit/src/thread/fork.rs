//! A new thread with the history of another one.

use super::Thread;
use super::options::thread_option_setters;
use super::settings::ThreadSettings;
use crate::asks::{Handlers, agent_ask_setters};
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
#[derive(Clone, Debug)]
#[must_use = "a thread is forked when this is awaited"]
pub struct ForkThread {
    codex: Codex,
    params: ThreadForkParams,
    handlers: Handlers,
    tools: ToolSet,
    budget: Budget,
}

impl ForkThread {
    pub(crate) fn new(codex: Codex, source: ThreadId) -> Self {
        // An ephemeral fork is only to be had without its turns, and nobody reads them here.
        let params = ThreadForkParams::new(source).exclude_turns(true);
        Self { codex, params, handlers: Handlers::default(), tools: ToolSet::new(), budget: Budget::new() }
    }

    thread_option_setters!();

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

    /// Changes the parameters as they go to the server, for options that have no setter here.
    pub fn params(mut self, change: impl FnOnce(ThreadForkParams) -> ThreadForkParams) -> Self {
        self.params = change(self.params);
        self
    }
}

impl IntoFuture for ForkThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.tools.check()?;
            let params = self.params;
            let forked =
                self.codex.call(&params).await.map_err(|error| error.with_thread(&params.thread_id))?;
            let settings = ThreadSettings::from(&forked);
            Ok(Thread::new(self.codex, forked.thread, settings, self.handlers, self.tools, self.budget))
        })
    }
}
