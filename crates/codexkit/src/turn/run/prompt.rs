//! Options of a turn that is started by a prompt.

use super::Run;
use crate::error::Error;
use crate::forward::forward_to_params;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, CyberAccessProgram, MultiAgentMode, Personality,
    ReasoningEffort, ReasoningSummary, SandboxPolicy, TurnEnvironmentParams, TurnStartParams,
};
use crate::turn::settings::turn_setting_setters;
use serde_json::Value;

/// Options of a prompt. Uses `turn/start`.
impl Run<TurnStartParams> {
    turn_setting_setters!();

    forward_to_params! {
        /// The class of service for this turn alone.
        into service_tier_for_turn: String;
        /// A JSON schema for the final answer. The server does not check the answer against it.
        into output_schema: Value;
        /// Your own id for the input, which comes back in its item as `client_id`.
        into client_user_message_id: String;
        /// What the turn was started by, as a label.
        into turn_trigger: String;
        /// The `cyberAccessProgram` option of the server. Experimental.
        into cyber_access_program: CyberAccessProgram;
        /// Further folders that count as the workspace; absolute. Experimental.
        paths runtime_workspace_roots: String;
    }

    /// Keeps what is wrong with a setting for the one who awaits.
    fn refuse(&mut self, error: Error) {
        self.watch.refused.keep(error);
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(self, personality: impl Into<Personality>) -> Self {
        self.params(|params| params.personality(personality))
    }
}
