//! Changing what a thread works with.

use super::Thread;
use super::settings::ThreadSettings;
use crate::error::Result;
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, MultiAgentMode, ReasoningEffort, ReasoningSummary,
    SandboxPolicy, ThreadSettingsUpdateParams,
};
use crate::sync::lock;
use std::future::IntoFuture;

/// New settings for the later turns of a thread; await it. Made by [`Thread::update_settings`].
#[derive(Clone, Debug)]
#[must_use = "settings are changed when this is awaited"]
pub struct UpdateSettings {
    thread: Thread,
    params: ThreadSettingsUpdateParams,
}

impl Thread {
    /// Changes what later turns work with. Uses `thread/settings/update`, which is experimental.
    pub fn update_settings(&self) -> UpdateSettings {
        UpdateSettings { thread: self.clone(), params: ThreadSettingsUpdateParams::new(self.id()) }
    }
}

impl UpdateSettings {
    forward_to_params! {
        /// The model.
        into model: String;
        /// How hard the model thinks.
        into effort: ReasoningEffort;
        /// How the model's thoughts are summarised.
        into summary: ReasoningSummary;
        /// The working directory.
        into cwd: String;
        /// When the agent has to ask before it acts.
        into approval_policy: AskForApproval;
        /// Who answers when the agent asks.
        into approvals_reviewer: ApprovalsReviewer;
        /// What commands may touch.
        into sandbox_policy: SandboxPolicy;
        /// The class of service that the model provider is asked for.
        into service_tier: Patch<String>;
        /// The name of a permission profile.
        into permissions: String;
        /// Whether the agent plans or acts, with the settings of that mode.
        into collaboration_mode: CollaborationMode;
        /// Whether the agent may start agents of its own.
        into multi_agent_mode: MultiAgentMode;
        /// Plugins that are not to be used.
        list disabled_plugin_ids: String;
    }

    /// What commands may touch, by the usual choices.
    pub fn sandbox(self, sandbox: Sandbox) -> Self {
        self.sandbox_policy(SandboxPolicy::from(sandbox))
    }

    /// Who decides what the agent may do.
    pub fn approvals(mut self, approvals: Approvals) -> Self {
        approvals.put(&mut self.params.approval_policy, &mut self.params.approvals_reviewer);
        self
    }
}

impl IntoFuture for UpdateSettings {
    type Output = Result<ThreadSettings>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let thread = self.thread;
            thread.tell(&self.params).await?;
            let mut settings = lock(&thread.known.settings);
            settings.change(self.params);
            Ok(settings.clone())
        })
    }
}
