//! Permissions that the agent asks for, beyond those of its sandbox.

use super::kind::{Answer, Question, write};
use super::origin::Origin;
use crate::client::AskAnswer;
use crate::protocol::types::{
    GrantedPermissionProfile, PermissionGrantScope, PermissionsRequestApprovalParams,
    PermissionsRequestApprovalResponse, RequestPermissionProfile,
};
use crate::rules::Subject;

/// Permissions that the agent asks for. From `item/permissions/requestApproval`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PermissionRequest {
    /// Where it comes from.
    pub origin: Origin,
    /// All that the server says about it.
    pub params: Box<PermissionsRequestApprovalParams>,
}

/// What a [`PermissionRequest`] is answered with; made by its methods.
#[derive(Clone, Debug)]
#[must_use = "the server waits for the answer"]
pub struct PermissionAnswer(PermissionsRequestApprovalResponse);

impl PermissionRequest {
    pub(super) fn new(params: Box<PermissionsRequestApprovalParams>) -> Self {
        let environment = params.environment_id.as_ref();
        let origin = Origin::of_item(&params.thread_id, &params.turn_id, &params.item_id, environment);
        Self { origin, params }
    }

    /// What is asked for.
    pub fn requested(&self) -> &RequestPermissionProfile {
        &self.params.permissions
    }

    /// Why the agent wants it, in its own words.
    pub fn reason(&self) -> Option<&str> {
        self.params.reason.as_deref()
    }

    /// Grants all that is asked for, until the turn ends.
    pub fn grant(&self) -> PermissionAnswer {
        self.grant_only(self.whole())
    }

    /// Grants all that is asked for, until the session ends.
    pub fn grant_for_session(&self) -> PermissionAnswer {
        let PermissionAnswer(answer) = self.grant();
        PermissionAnswer(answer.scope(PermissionGrantScope::Session))
    }

    /// Grants this much, until the turn ends. It has to be part of what is asked for.
    pub fn grant_only(&self, permissions: GrantedPermissionProfile) -> PermissionAnswer {
        PermissionAnswer(PermissionsRequestApprovalResponse::new(permissions))
    }

    /// Grants nothing. The turn goes on.
    pub fn deny(&self) -> PermissionAnswer {
        self.grant_only(GrantedPermissionProfile::new())
    }

    fn whole(&self) -> GrantedPermissionProfile {
        let mut granted = GrantedPermissionProfile::new();
        granted.file_system = self.requested().file_system.clone();
        granted.network = self.requested().network.clone();
        granted
    }
}

impl Question for PermissionRequest {
    type Answer = PermissionAnswer;

    fn what(&self) -> Option<String> {
        Some(Subject::from(&*self.params).to_string())
    }

    fn origin(&self) -> Option<&Origin> {
        Some(&self.origin)
    }

    fn safe_answer(&self) -> AskAnswer {
        self.deny().write()
    }
}

impl Answer for PermissionAnswer {
    fn permits(&self) -> bool {
        self.0.permissions.file_system.is_some() || self.0.permissions.network.is_some()
    }

    fn write(self) -> AskAnswer {
        write(&self.0)
    }
}
