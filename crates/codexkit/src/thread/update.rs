//! Changing what a thread works with.

use super::Thread;
use super::settings::ThreadSettings;
use crate::error::{Error, Result};
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::path::Refused;
use crate::presets::{Approvals, Sandbox};
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, MultiAgentMode, ReasoningEffort, ReasoningSummary,
    SandboxPolicy, ThreadSettingsUpdateParams, TurnEnvironmentParams,
};
use crate::sync::lock;
use crate::turn::turn_setting_setters;
use std::future::IntoFuture;

/// New settings for the later turns of a thread; await it. Made by [`Thread::update_settings`].
///
/// Cancel safe, but it may have happened.
///
/// # Errors
///
/// `InvalidParams` and the like from the server; otherwise as for [`Codex::call`](crate::Codex::call).
#[derive(Clone, Debug)]
#[must_use = "settings are changed when this is awaited"]
pub struct UpdateSettings {
    thread: Thread,
    params: ThreadSettingsUpdateParams,
    refused: Refused,
}

impl Thread {
    /// Changes what later turns work with. Uses `thread/settings/update`, which is experimental.
    pub fn update_settings(&self) -> UpdateSettings {
        UpdateSettings {
            thread: self.clone(),
            params: ThreadSettingsUpdateParams::new(self.id()),
            refused: Refused::default(),
        }
    }
}

impl UpdateSettings {
    turn_setting_setters!();

    /// Keeps what is wrong with a setting for the one who awaits.
    fn refuse(&mut self, error: Error) {
        self.refused.keep(error);
    }
}

impl IntoFuture for UpdateSettings {
    type Output = Result<ThreadSettings>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let thread = self.thread;
            self.refused.check().map_err(|error| thread.own(error))?;
            thread.tell(&self.params).await?;
            let mut settings = lock(&thread.known.settings);
            settings.change(self.params);
            Ok(settings.clone())
        })
    }
}
