//! Going on with a thread that exists.

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
    ApprovalsReviewer, AskForApproval, Personality, SandboxMode, ThreadResumeParams,
};
use crate::protocol::{Patch, ThreadId};
use crate::tool::{Tool, ToolSet};
use serde_json::Value;
use std::future::IntoFuture;

/// A thread that is about to be resumed; await it. What is not set stays as it was. Uses `thread/resume`. Cancel safe.
///
/// # Errors
///
/// `ThreadNotFound` when the server has not stored such a thread; `Usage` for one that is
/// [archived](crate::Thread::archive), and for tools that the server would not take; otherwise as for [`Codex::call`].
#[derive(Clone, Debug)]
#[must_use = "a thread is resumed when this is awaited"]
pub struct ResumeThread {
    codex: Codex,
    params: ThreadResumeParams,
    given: Given,
}

impl ResumeThread {
    pub(crate) fn new(codex: Codex, thread: ThreadId) -> Self {
        let params = ThreadResumeParams::new(thread).exclude_turns(true);
        Self { codex, params, given: Given::default() }
    }

    thread_option_setters!(ThreadResumeParams);

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
}

impl IntoFuture for ResumeThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let of = self.params.thread_id.clone();
        self.given.open(self.codex, self.params, of)
    }
}
