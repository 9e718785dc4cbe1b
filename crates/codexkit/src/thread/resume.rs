//! Going on with a thread that exists.

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
    ApprovalsReviewer, AskForApproval, Personality, SandboxMode, ThreadResumeParams,
};
use crate::protocol::{Patch, ThreadId};
use crate::tool::{Tool, ToolSet};
use serde_json::Value;
use std::future::IntoFuture;

/// A thread that is about to be resumed; await it. What is not set stays as it was. Uses `thread/resume`.
///
/// # Errors
///
/// `ThreadNotFound` when the server has not stored such a thread.
#[derive(Clone, Debug)]
#[must_use = "a thread is resumed when this is awaited"]
pub struct ResumeThread {
    codex: Codex,
    params: ThreadResumeParams,
    handlers: Handlers,
    tools: ToolSet,
    budget: Budget,
}

impl ResumeThread {
    pub(crate) fn new(codex: Codex, thread: ThreadId) -> Self {
        let params = ThreadResumeParams::new(thread).exclude_turns(true);
        Self { codex, params, handlers: Handlers::default(), tools: ToolSet::new(), budget: Budget::new() }
    }

    thread_option_setters!();

    /// Brings back the function of a tool that the thread was started with. The server remembers the tools of a thread, but
    /// not across programs who answers their calls.
    pub fn tool(self, tool: Tool) -> Self {
        self.tools(tool)
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(mut self, personality: impl Into<Personality>) -> Self {
        self.params = self.params.personality(personality);
        self
    }

    /// Changes the parameters as they go to the server, for options that have no setter here.
    pub fn params(mut self, change: impl FnOnce(ThreadResumeParams) -> ThreadResumeParams) -> Self {
        self.params = change(self.params);
        self
    }
}

impl IntoFuture for ResumeThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.tools.check()?;
            let params = self.params;
            let resumed =
                self.codex.call(&params).await.map_err(|error| error.with_thread(&params.thread_id))?;
            let settings = ThreadSettings::from(&resumed);
            Ok(Thread::new(self.codex, resumed.thread, settings, self.handlers, self.tools, self.budget))
        })
    }
}
