//! The usual choices, by names that say what they do.

use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, DangerFullAccessSandboxPolicy, ReadOnlySandboxPolicy, SandboxMode,
    SandboxPolicy, WorkspaceWriteSandboxPolicy,
};

/// What commands of the agent may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sandbox {
    /// They may read.
    ReadOnly,
    /// They may write in the working directory and in temporary folders.
    WorkspaceWrite,
    /// They may do whatever the user may.
    FullAccess,
}

impl Sandbox {
    /// The kind that a policy is of; none if it is of no such kind.
    pub(crate) fn of(policy: &SandboxPolicy) -> Option<Self> {
        match policy {
            SandboxPolicy::ReadOnly(_) => Some(Self::ReadOnly),
            SandboxPolicy::WorkspaceWrite(_) => Some(Self::WorkspaceWrite),
            SandboxPolicy::DangerFullAccess(_) => Some(Self::FullAccess),
            _ => None,
        }
    }
}

impl From<Sandbox> for SandboxMode {
    fn from(sandbox: Sandbox) -> Self {
        match sandbox {
            Sandbox::ReadOnly => Self::ReadOnly,
            Sandbox::WorkspaceWrite => Self::WorkspaceWrite,
            Sandbox::FullAccess => Self::DangerFullAccess,
        }
    }
}

impl From<Sandbox> for SandboxPolicy {
    fn from(sandbox: Sandbox) -> Self {
        match sandbox {
            Sandbox::ReadOnly => Self::ReadOnly(ReadOnlySandboxPolicy::new()),
            Sandbox::WorkspaceWrite => Self::WorkspaceWrite(WorkspaceWriteSandboxPolicy::new()),
            Sandbox::FullAccess => Self::DangerFullAccess(DangerFullAccessSandboxPolicy::new()),
        }
    }
}

/// Who decides when the agent wants to do what its sandbox forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Approvals {
    /// Whoever the server's configuration names.
    Server,
    /// Nobody: what the sandbox forbids stays forbidden, and the agent cannot ask.
    Deny,
    /// A model that reviews. It must be to be had from the model provider.
    AutoReview,
    /// This program, through [`on_approval`](crate::CodexBuilder::on_approval). Without a handler the answer is no.
    Ask,
}

impl Approvals {
    /// Writes down what the server is told: when the agent has to ask, and who answers.
    pub(crate) fn put(self, policy: &mut Option<AskForApproval>, reviewer: &mut Option<ApprovalsReviewer>) {
        let (ask, who) = match self {
            Self::Server => return,
            Self::Deny => (AskForApproval::Never, None),
            Self::AutoReview => (AskForApproval::OnRequest, Some(ApprovalsReviewer::AutoReview)),
            Self::Ask => (AskForApproval::OnRequest, Some(ApprovalsReviewer::User)),
        };
        *policy = Some(ask);
        if who.is_some() {
            *reviewer = who;
        }
    }
}
