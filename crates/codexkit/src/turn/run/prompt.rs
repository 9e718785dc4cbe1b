//! Options of a turn that is started by a prompt.

use super::Run;
use crate::forward::forward_to_params;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, CyberAccessProgram, MultiAgentMode, Personality,
    ReasoningEffort, ReasoningSummary, SandboxPolicy, TurnEnvironmentParams, TurnStartParams,
};
use serde_json::Value;

/// Options of a prompt. Uses `turn/start`.
impl Run<TurnStartParams> {
    forward_to_params! {
        /// The model.
        into model: String;
        /// How hard the model thinks.
        into effort: ReasoningEffort;
        /// How the model's thoughts are summarised.
        into summary: ReasoningSummary;
        /// The working directory.
        into cwd: String;
        /// When the agent has to ask before it acts. See [`approvals`](Self::approvals) for the usual choices.
        into approval_policy: AskForApproval;
        /// Who answers when the agent asks: this program, or a model that reviews.
        into approvals_reviewer: ApprovalsReviewer;
        /// What commands may touch. See [`sandbox`](Self::sandbox) for the usual choices.
        into sandbox_policy: SandboxPolicy;
        /// The class of service that the model provider is asked for.
        into service_tier: Patch<String>;
        /// The class of service for this turn alone.
        into service_tier_for_turn: String;
        /// Whether the agent plans or acts, with the settings of that mode. Experimental.
        into collaboration_mode: CollaborationMode;
        /// A JSON schema for the final answer. The server does not check the answer against it.
        into output_schema: Value;
        /// Your own id for the input, which comes back in its item as `client_id`.
        into client_user_message_id: String;
        /// What the turn was started by, as a label.
        into turn_trigger: String;
        /// The name of a permission profile. Experimental.
        into permissions: String;
        /// Whether the agent may start agents of its own. Experimental.
        into multi_agent_mode: MultiAgentMode;
        /// The `cyberAccessProgram` option of the server. Experimental.
        into cyber_access_program: CyberAccessProgram;
        /// Where commands run. Experimental.
        list environments: TurnEnvironmentParams;
        /// Further folders that count as the workspace; absolute. Experimental.
        list runtime_workspace_roots: String;
        /// Plugins that are not to be used.
        list disabled_plugin_ids: String;
    }

    /// What commands may touch.
    ///
    /// Unlike for a thread, the server does not write the working directory as trusted into the user's `config.toml`.
    pub fn sandbox(self, sandbox: Sandbox) -> Self {
        self.sandbox_policy(SandboxPolicy::from(sandbox))
    }

    /// Who decides what the agent may do.
    pub fn approvals(mut self, approvals: Approvals) -> Self {
        approvals.put(&mut self.params.approval_policy, &mut self.params.approvals_reviewer);
        self
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(self, personality: impl Into<Personality>) -> Self {
        self.params(|params| params.personality(personality))
    }
}
