//! Commands and file changes that the server wants approved.

use crate::client::AskAnswer;
use crate::protocol::types::{
    CommandExecutionApprovalDecision as CommandDecision, CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse, FileChangeApprovalDecision as FileDecision,
    FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse,
};
use crate::protocol::{ItemId, RpcError, ThreadId, TurnId};
use serde::Serialize;
use serde_json::value::to_raw_value;

/// Something that the agent wants to do and that the server asks about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Approval {
    /// A command.
    Command(CommandApproval),
    /// Changes of files.
    FileChange(FileChangeApproval),
}

/// A command that the agent wants to run. From `item/commandExecution/requestApproval`.
#[derive(Clone, Debug)]
pub struct CommandApproval {
    /// All that the server says about it. The parsed actions and the proposed amendment leave out parts of the command,
    /// so they are for display only.
    pub params: Box<CommandExecutionRequestApprovalParams>,
}

/// Changes of files that the agent wants to make. From `item/fileChange/requestApproval`.
#[derive(Clone, Debug)]
pub struct FileChangeApproval {
    /// All that the server says about it. The changes themselves are in the item that was started before.
    pub params: Box<FileChangeRequestApprovalParams>,
}

/// What an [`Approval`] is answered with; made by its methods.
#[derive(Clone, Debug)]
#[must_use = "the server waits for the answer"]
pub struct ApprovalAnswer(Decision);

#[derive(Clone, Debug)]
enum Decision {
    Command(CommandDecision),
    FileChange(FileDecision),
}

impl Approval {
    pub(super) fn command(params: impl Into<Box<CommandExecutionRequestApprovalParams>>) -> Self {
        Self::Command(CommandApproval { params: params.into() })
    }

    pub(super) fn file_change(params: impl Into<Box<FileChangeRequestApprovalParams>>) -> Self {
        Self::FileChange(FileChangeApproval { params: params.into() })
    }

    /// The thread whose agent asks.
    pub fn thread(&self) -> &ThreadId {
        match self {
            Self::Command(ask) => &ask.params.thread_id,
            Self::FileChange(ask) => &ask.params.thread_id,
        }
    }

    /// The turn in which it asks.
    pub fn turn(&self) -> &TurnId {
        match self {
            Self::Command(ask) => &ask.params.turn_id,
            Self::FileChange(ask) => &ask.params.turn_id,
        }
    }

    /// The item that it is about.
    pub fn item(&self) -> &ItemId {
        match self {
            Self::Command(ask) => &ask.params.item_id,
            Self::FileChange(ask) => &ask.params.item_id,
        }
    }

    /// The whole command, as the shell will get it.
    pub fn command_line(&self) -> Option<&str> {
        match self {
            Self::Command(ask) => ask.params.command.as_deref(),
            Self::FileChange(_) => None,
        }
    }

    /// Why the agent wants to do it, in its own words.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Command(ask) => ask.params.reason.as_deref(),
            Self::FileChange(ask) => ask.params.reason.as_deref(),
        }
    }

    /// Lets the agent do it, this once.
    pub fn accept(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Accept, FileDecision::Accept)
    }

    /// Lets the agent do it, and the same again on this thread without asking.
    pub fn accept_for_session(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::AcceptForSession, FileDecision::AcceptForSession)
    }

    /// Says no. The turn goes on, and the agent learns of it.
    pub fn decline(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Decline, FileDecision::Decline)
    }

    /// Says no and interrupts the turn.
    pub fn cancel(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Cancel, FileDecision::Cancel)
    }

    fn answer(&self, command: CommandDecision, file_change: FileDecision) -> ApprovalAnswer {
        ApprovalAnswer(match self {
            Self::Command(_) => Decision::Command(command),
            Self::FileChange(_) => Decision::FileChange(file_change),
        })
    }
}

impl ApprovalAnswer {
    pub(super) fn into_answer(self) -> AskAnswer {
        match self.0 {
            Decision::Command(decision) => write(&CommandExecutionRequestApprovalResponse::new(decision)),
            Decision::FileChange(decision) => write(&FileChangeRequestApprovalResponse::new(decision)),
        }
    }
}

fn write(answer: &impl Serialize) -> AskAnswer {
    to_raw_value(answer).map_err(|error| RpcError::new(RpcError::INTERNAL_ERROR, error.to_string()))
}
