//! Starting a thread.

use super::Thread;
use crate::asks::{Handlers, agent_ask_setters};
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

/// A thread that is about to be started; await it. What is not set follows the server's configuration.
#[derive(Clone, Debug)]
#[must_use = "a thread is started when this is awaited"]
pub struct StartThread {
    codex: Codex,
    params: ThreadStartParams,
    handlers: Handlers,
    tools: ToolSet,
}

impl StartThread {
    pub(crate) fn new(codex: Codex) -> Self {
        Self { codex, params: ThreadStartParams::new(), handlers: Handlers::default(), tools: ToolSet::new() }
    }

    forward_to_params! {
        /// The model.
        into model: String;
        /// The model provider, by its name in the configuration.
        into model_provider: String;
        /// The working directory. A relative one is meant from the server's; it need not exist.
        into cwd: String;
        /// When the agent has to ask before it acts. See [`approvals`](Self::approvals) for the usual choices.
        into approval_policy: AskForApproval;
        /// Who answers when the agent asks: this program, or a model that reviews.
        into approvals_reviewer: ApprovalsReviewer;
        /// What replaces the instructions that the server gives to the model.
        into base_instructions: String;
        /// Instructions in addition to those of the server.
        into developer_instructions: String;
        /// Whether the thread is not stored.
        plain ephemeral: bool;
        /// A name for the service on whose behalf the thread runs.
        into service_name: String;
        /// The class of service that the model provider is asked for.
        into service_tier: Patch<String>;
        /// What the session was started by.
        into session_start_source: ThreadStartSource;
        /// What the thread was started by.
        into thread_source: ThreadSource;
        /// The name of a permission profile. Experimental.
        into permissions: String;
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
        /// Further folders that count as the workspace; absolute. Experimental.
        list runtime_workspace_roots: String;
        /// Folders with capabilities that the thread may use. Experimental.
        list selected_capability_roots: SelectedCapabilityRoot;
    }

    /// Overrides a value of the configuration, for this thread alone. `key` is a dotted path. An unknown key gives a
    /// `warning` notification.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.config.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    /// What commands may touch.
    ///
    /// With anything but [`Sandbox::ReadOnly`] the server writes the working directory as trusted into the user's
    /// `config.toml`.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.params = self.params.sandbox(SandboxMode::from(sandbox));
        self
    }

    /// Who decides what the agent may do.
    pub fn approvals(mut self, approvals: Approvals) -> Self {
        self.params = match approvals {
            Approvals::Server => self.params,
            Approvals::Deny => self.params.approval_policy(AskForApproval::Never),
            Approvals::AutoReview => self
                .params
                .approval_policy(AskForApproval::OnRequest)
                .approvals_reviewer(ApprovalsReviewer::AutoReview),
            Approvals::Ask => self
                .params
                .approval_policy(AskForApproval::OnRequest)
                .approvals_reviewer(ApprovalsReviewer::User),
        };
        self
    }

    agent_ask_setters!();

    /// Gives the agent a function of this program as a tool. Experimental.
    ///
    /// The server keeps the names of the tools with the thread. The functions answer as long as a handle of the thread, or
    /// of a turn of it, is there; then the model is told that the tool is not available.
    pub fn tool(self, tool: Tool) -> Self {
        self.tools(tool)
    }

    /// Gives the agent tools, or a namespace of tools. As [`tool`](Self::tool).
    pub fn tools(mut self, tools: impl Into<ToolSet>) -> Self {
        self.tools = self.tools.merge(tools);
        self
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(mut self, personality: impl Into<Personality>) -> Self {
        self.params = self.params.personality(personality);
        self
    }

    /// Changes the parameters as they go to the server, for options that have no setter here.
    pub fn params(mut self, change: impl FnOnce(ThreadStartParams) -> ThreadStartParams) -> Self {
        self.params = change(self.params);
        self
    }
}

impl IntoFuture for StartThread {
    type Output = Result<Thread>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (mut params, tools) = (self.params, self.tools);
            if !tools.is_empty() {
                tools.check()?;
                params.dynamic_tools.get_or_insert_default().extend(tools.specs());
            }
            let started = self.codex.call(&params).await?;
            Ok(Thread::new(self.codex, started, self.handlers, tools))
        })
    }
}
