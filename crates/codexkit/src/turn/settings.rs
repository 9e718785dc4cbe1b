//! Settings that a prompt brings along, and that can be changed between turns.

/// Setters for them, for builders with `params`.
macro_rules! turn_setting_setters {
    () => {
        forward_to_params! {
            /// The model.
            into model: String;
            /// How hard the model thinks.
            into effort: ReasoningEffort;
            /// How the model's thoughts are summarised.
            into summary: ReasoningSummary;
            /// The working directory.
            path cwd: String;
            /// When the agent has to ask before it acts. See [`approvals`](Self::approvals) for the usual choices.
            into approval_policy: AskForApproval;
            /// Who answers when the agent asks: this program, or a model that reviews.
            into approvals_reviewer: ApprovalsReviewer;
            /// What commands may touch. See [`sandbox`](Self::sandbox) for the usual choices.
            into sandbox_policy: SandboxPolicy;
            /// The class of service that the model provider is asked for.
            into service_tier: Patch<String>;
            /// Whether the agent plans or acts, with the settings of that mode. Experimental.
            into collaboration_mode: CollaborationMode;
            /// The name of a permission profile. Experimental.
            into permissions: String;
            /// Whether the agent may start agents of its own. Experimental.
            into multi_agent_mode: MultiAgentMode;
            /// Where commands run. Experimental.
            list environments: TurnEnvironmentParams;
            /// Plugins that are not to be used.
            list disabled_plugin_ids: String;
        }

        /// What commands may touch.
        ///
        /// Unlike for a thread, the server does not write the working directory as trusted into the user's `config.toml`.
        pub fn sandbox(self, sandbox: Sandbox) -> Self {
            self.sandbox_policy(SandboxPolicy::from(sandbox))
        }

        /// Who decides what the agent may do. Default: as it was set for the thread.
        pub fn approvals(mut self, approvals: Approvals) -> Self {
            approvals.put(&mut self.params.approval_policy, &mut self.params.approvals_reviewer);
            self
        }
    };
}

pub(crate) use turn_setting_setters;
