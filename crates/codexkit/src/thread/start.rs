//! Starting a thread.

use super::Thread;
use super::options::{Given, thread_option_setters};
use crate::asks::agent_ask_setters;
use crate::budget::Budget;
use crate::codex::Codex;
use crate::error::Result;
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, DynamicToolSpec, MultiAgentMode, Personality, SandboxMode,
    SelectedCapabilityRoot, ThreadHistoryMode, ThreadSource, ThreadStartParams, ThreadStartSource,
    TurnEnvironmentParams,
};
use crate::tool::{Tool, ToolSet};
use serde_json::Value;
use std::future::IntoFuture;

/// A thread that is about to be started; await it. What is not set follows the server's configuration. Uses `thread/start`.
///
/// Not cancel safe: the server may have started a thread whose id nobody knows.
///
/// # Errors
///
/// `Usage` for tools that the server would not take, before anything is sent; `Incompatible` for what this server does not
/// know; otherwise as for [`Codex::call`].
#[derive(Clone, Debug)]
#[must_use = "a thread is started when this is awaited"]
pub struct StartThread {
    codex: Codex,
    params: ThreadStartParams,
    given: Given,
}

impl StartThread {
    pub(crate) fn new(codex: Codex) -> Self {
        Self { codex, params: ThreadStartParams::new(), given: Given::default() }
    }

    thread_option_setters!(ThreadStartParams);

    forward_to_params! {
        /// Whether the thread is not stored.
        plain ephemeral: bool;
        /// A name for the service on whose behalf the thread runs.
        into service_name: String;
        /// What the session was started by.
        into session_start_source: ThreadStartSource;
        /// What the thread was started by.
        into thread_source: ThreadSource;
        /// How the thread is stored. Experimental.
        into history_mode: ThreadHistoryMode;
        /// Whether the raw items of the model are notified, too. Experimental.
        plain experimental_raw_events: bool;
        /// Whether the agent may start agents of its own. Experimental.
        into multi_agent_mode: MultiAgentMode;
        /// Whether another provider may be used when the model is not to be had. Experimental.
        plain allow_provider_model_fallback: bool;
        /// The project that the thread belongs to. Experimental.
        into project_id: String;
        /// The `daybreakEnabled` option of the server. Experimental.
        plain daybreak_enabled: bool;
        /// Tools that the server is told of, and whose calls this program does not answer: the model is told that they
        /// are not available. See [`tool`](Self::tool) for functions as tools. Experimental.
        list dynamic_tools: DynamicToolSpec;
        /// Where commands run. Experimental.
        list environments: TurnEnvironmentParams;
        /// Folders with capabilities that the thread may use. Experimental.
        list selected_capability_roots: SelectedCapabilityRoot;
    }

    /// Gives the agent a function of this program as a tool. Experimental.
    ///
    /// The server keeps the names of the tools with the thread. The functions answer as long as a handle of the thread, or
    /// of a turn of it, is there; then the model is told that the tool is not available.
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

impl IntoFuture for StartThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { codex, mut params, given } = self;
            given.check()?;
            if !given.tools.is_empty() {
                given.tools.check_for(codex.server_info().version)?;
                params.dynamic_tools.get_or_insert_default().extend(given.tools.specs());
            }
            let started = codex.call(&params).await?;
            Ok(Thread::new(codex, started.into(), given))
        })
    }
}
