//! What a thread works with.

use crate::protocol::Patch;
use crate::protocol::types::{
    self, ApprovalsReviewer, AskForApproval, ReasoningEffort, SandboxPolicy, ThreadForkResponse,
    ThreadResumeResponse, ThreadSettingsUpdateParams, ThreadStartResponse,
};

/// What a thread works with, as the server said when the handle was made, or was last
/// [updated](crate::Thread::update_settings).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ThreadSettings {
    /// The model.
    pub model: String,
    /// The model provider, by its name in the configuration.
    pub model_provider: String,
    /// The working directory.
    pub cwd: String,
    /// When the agent has to ask before it acts.
    pub approval_policy: AskForApproval,
    /// Who answers when the agent asks.
    pub approvals_reviewer: ApprovalsReviewer,
    /// What commands may touch.
    pub sandbox: SandboxPolicy,
    /// How hard the model thinks; none is the model's own default.
    pub effort: Option<ReasoningEffort>,
    /// The class of service that the model provider is asked for.
    pub service_tier: Option<String>,
    /// The files that instructions were taken from.
    pub instruction_sources: Vec<String>,
}

/// What the server says about a thread that it has started, resumed or forked.
pub(crate) struct Opened {
    pub(super) info: types::Thread,
    pub(super) settings: ThreadSettings,
}

macro_rules! settings_of {
    ($($response:ty),+) => {$(
        impl From<$response> for Opened {
            fn from(response: $response) -> Self {
                Self { settings: ThreadSettings::from(&response), info: response.thread }
            }
        }

        impl From<&$response> for ThreadSettings {
            fn from(response: &$response) -> Self {
                Self {
                    model: response.model.clone(),
                    model_provider: response.model_provider.clone(),
                    cwd: response.cwd.clone(),
                    approval_policy: response.approval_policy.clone(),
                    approvals_reviewer: response.approvals_reviewer.clone(),
                    sandbox: response.sandbox.clone(),
                    effort: response.reasoning_effort.clone(),
                    service_tier: response.service_tier.clone(),
                    instruction_sources: response.instruction_sources.clone(),
                }
            }
        }
    )+};
}

settings_of!(ThreadStartResponse, ThreadResumeResponse, ThreadForkResponse);

impl ThreadSettings {
    /// The server has accepted these changes.
    pub(super) fn change(&mut self, changes: ThreadSettingsUpdateParams) {
        let change =
            |setting: &mut String, to: Option<String>| *setting = to.unwrap_or_else(|| setting.clone());
        change(&mut self.model, changes.model);
        change(&mut self.cwd, changes.cwd);
        self.approval_policy = changes.approval_policy.unwrap_or_else(|| self.approval_policy.clone());
        self.approvals_reviewer =
            changes.approvals_reviewer.unwrap_or_else(|| self.approvals_reviewer.clone());
        self.sandbox = changes.sandbox_policy.unwrap_or_else(|| self.sandbox.clone());
        self.effort = changes.effort.or_else(|| self.effort.clone());
        match changes.service_tier {
            Patch::Keep => {}
            Patch::Clear => self.service_tier = None,
            Patch::Set(tier) => self.service_tier = Some(tier),
        }
    }
}
