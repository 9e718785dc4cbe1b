//! What threads take however they come about.

use super::Thread;
use super::settings::Opened;
use crate::asks::Handlers;
use crate::budget::Budget;
use crate::codex::Codex;
use crate::error::Result;
use crate::future::BoxFuture;
use crate::path::Refused;
use crate::protocol::{Request, ThreadId};
use crate::tool::ToolSet;

/// What a program gives to the handle of a thread, and not to the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) handlers: Handlers,
    pub(super) tools: ToolSet,
    pub(super) budget: Budget,
    /// What is wrong with what was set.
    pub(super) refused: Refused,
}

impl Given {
    /// Fails if something was set that the server cannot be told.
    pub(super) fn check(&self) -> Result<()> {
        self.refused.check()?;
        self.tools.check()
    }

    /// Asks the server for a thread that exists, or for one made from it, and makes a handle of it.
    pub(super) fn open<R>(self, codex: Codex, params: R, of: ThreadId) -> BoxFuture<'static, Result<Thread>>
    where
        R: Request + Send + Sync + 'static,
        R::Response: Into<Opened> + Send,
    {
        Box::pin(async move {
            self.check()?;
            let opened = codex.call(&params).await.map_err(|error| error.with_thread(&of))?;
            Ok(Thread::new(codex, opened.into(), self))
        })
    }
}

/// Setters for what starting, resuming and forking a thread have in common, for builders with `params` and `given`.
macro_rules! thread_option_setters {
    ($params:ty) => {
        forward_to_params! {
            /// The model.
            into model: String;
            /// The model provider, by its name in the configuration.
            into model_provider: String;
            /// The working directory. A relative one is meant from the server's; it need not exist.
            path cwd: String;
            /// When the agent has to ask before it acts. See [`approvals`](Self::approvals) for the usual choices.
            into approval_policy: AskForApproval;
            /// Who answers when the agent asks: this program, or a model that reviews.
            into approvals_reviewer: ApprovalsReviewer;
            /// What replaces the instructions that the server gives to the model.
            into base_instructions: String;
            /// Instructions in addition to those of the server.
            into developer_instructions: String;
            /// The class of service that the model provider is asked for.
            into service_tier: Patch<String>;
            /// The name of a permission profile. Experimental.
            into permissions: String;
            /// Further folders that count as the workspace; absolute. Experimental.
            paths runtime_workspace_roots: String;
        }

        /// Overrides a value of the configuration, for this thread alone. `key` is a dotted path. An unknown key gives a
        /// `warning` notification.
        pub fn config(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
            self.params.config.get_or_insert_default().insert(key.into(), value.into());
            self
        }

        /// What commands may touch. Default: the server's configuration.
        ///
        /// With anything but [`Sandbox::ReadOnly`] the server writes the working directory, if it is a git repository, as
        /// trusted into the `config.toml` of the user.
        pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
            self.params = self.params.sandbox(SandboxMode::from(sandbox));
            self
        }

        /// Who decides what the agent may do. Default: the server's configuration.
        pub fn approvals(mut self, approvals: Approvals) -> Self {
            approvals.put(&mut self.params.approval_policy, &mut self.params.approvals_reviewer);
            self
        }

        agent_ask_setters!(given.handlers);

        /// Keeps what is wrong with a setting for the one who awaits.
        fn refuse(&mut self, error: $crate::Error) {
            self.given.refused.keep(error);
        }

        /// How much all turns together may use that are started through the returned handle and its clones. Default:
        /// no cap.
        pub fn budget(mut self, budget: Budget) -> Self {
            self.given.budget = budget;
            self
        }

        /// Changes the parameters as they go to the server, for options that have no setter here.
        pub fn params(mut self, change: impl FnOnce($params) -> $params) -> Self {
            self.params = change(self.params);
            self
        }

        /// Gives the agent tools, or a namespace of tools. As [`tool`](Self::tool).
        pub fn tools(mut self, tools: impl Into<ToolSet>) -> Self {
            self.given.tools = self.given.tools.merge(tools);
            self
        }
    };
}

pub(super) use thread_option_setters;
