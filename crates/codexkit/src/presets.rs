//! The usual choices, by names that say what they do.

use crate::protocol::types::SandboxMode;

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

impl From<Sandbox> for SandboxMode {
    fn from(sandbox: Sandbox) -> Self {
        match sandbox {
            Sandbox::ReadOnly => Self::ReadOnly,
            Sandbox::WorkspaceWrite => Self::WorkspaceWrite,
            Sandbox::FullAccess => Self::DangerFullAccess,
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
