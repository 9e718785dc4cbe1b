//! Commands and file changes that the server wants approved.

use super::kind::{Answer, Question, refuse, write};
use super::origin::Origin;
use crate::client::AskAnswer;
use crate::protocol::types::{
    ApplyPatchApprovalParams, ApplyPatchApprovalResponse,
    CommandExecutionApprovalDecision as CommandDecision,
    CommandExecutionApprovalDecisionAcceptWithExecpolicyAmendment as ExecpolicyAmendment,
    CommandExecutionApprovalDecisionApplyNetworkPolicyAmendment as NetworkAmendment,
    CommandExecutionRequestApprovalParams, CommandExecutionRequestApprovalResponse,
    ExecCommandApprovalParams, ExecCommandApprovalResponse, FileChangeApprovalDecision as FileDecision,
    FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse, FileUpdateChange,
    NetworkPolicyAmendment, ReviewDecision,
};
use crate::protocol::{ItemId, ThreadId, TurnId};
use crate::rules::Subject;

/// Something that the agent wants to do and that the server asks about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Approval {
    /// A command, or access to the network by one. From `item/commandExecution/requestApproval`.
    Command(CommandApproval),
    /// Changes of files. From `item/fileChange/requestApproval`.
    FileChange(FileChangeApproval),
    /// A command, in the form of threads from before `turn/start` existed. From `execCommandApproval`.
    OlderCommand(Box<ExecCommandApprovalParams>),
    /// Changes of files, in the form of threads from before `turn/start` existed. From `applyPatchApproval`.
    OlderFileChange(Box<ApplyPatchApprovalParams>),
}

/// A command that the agent wants to run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CommandApproval {
    /// Where it comes from.
    pub origin: Origin,
    /// All that the server says about it. The parsed actions and the proposed amendment leave out parts of the command,
    /// so they are for display only.
    pub params: Box<CommandExecutionRequestApprovalParams>,
}

/// Changes of files that the agent wants to make.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FileChangeApproval {
    /// Where it comes from.
    pub origin: Origin,
    /// The changes, from the item that was started before. For a file that is added the diff is its whole content.
    pub changes: Vec<FileUpdateChange>,
    /// All that the server says about it.
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
    OlderCommand(Option<ReviewDecision>),
    OlderFileChange(Option<ReviewDecision>),
}

impl FileChangeApproval {
    /// What is asked for, as rules see it.
    pub(super) fn subject(&self) -> Subject<'_> {
        // The server tells paths in full.
        Subject::files(&self.changes, None, self.params.grant_root.as_deref())
    }
}

impl Approval {
    pub(super) fn command(params: Box<CommandExecutionRequestApprovalParams>) -> Self {
        let (item, environment) = (&params.item_id, params.environment_id.as_ref());
        let origin = Origin::of_item(&params.thread_id, &params.turn_id, item, environment);
        Self::Command(CommandApproval { origin, params })
    }

    pub(super) fn file_change(
        params: FileChangeRequestApprovalParams,
        changes: Vec<FileUpdateChange>,
    ) -> Self {
        let origin = Origin::of_item(&params.thread_id, &params.turn_id, &params.item_id, None);
        Self::FileChange(FileChangeApproval { origin, changes, params: Box::new(params) })
    }

    /// The thread whose agent asks; none for the older forms.
    pub fn thread(&self) -> Option<&ThreadId> {
        self.origin()?.thread.as_ref()
    }

    /// The turn in which it asks.
    pub fn turn(&self) -> Option<&TurnId> {
        self.origin()?.turn.as_ref()
    }

    /// The item that it is about.
    pub fn item(&self) -> Option<&ItemId> {
        self.origin()?.item.as_ref()
    }

    /// Where it comes from.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Command(ask) => Some(&ask.origin),
            Self::FileChange(ask) => Some(&ask.origin),
            Self::OlderCommand(_) | Self::OlderFileChange(_) => None,
        }
    }

    /// The whole command, as the shell will get it; none for changes of files.
    pub fn command_line(&self) -> Option<&str> {
        match self {
            Self::Command(ask) => ask.params.command.as_deref(),
            _ => None,
        }
    }

    /// The changes of files; none for commands.
    pub fn changes(&self) -> &[FileUpdateChange] {
        match self {
            Self::FileChange(ask) => &ask.changes,
            _ => &[],
        }
    }

    /// Why the agent wants to do it, in its own words.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Command(ask) => ask.params.reason.as_deref(),
            Self::FileChange(ask) => ask.params.reason.as_deref(),
            Self::OlderCommand(ask) => ask.reason.as_deref(),
            Self::OlderFileChange(ask) => ask.reason.as_deref(),
        }
    }

    /// Lets the agent do it, this once.
    pub fn accept(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Accept, FileDecision::Accept, Some(ReviewDecision::Approved))
    }

    /// Lets the agent do it, and the same again on this thread without asking.
    pub fn accept_for_session(&self) -> ApprovalAnswer {
        let older = Some(ReviewDecision::ApprovedForSession);
        self.answer(CommandDecision::AcceptForSession, FileDecision::AcceptForSession, older)
    }

    /// Says no. The turn goes on, and the agent learns of it.
    pub fn decline(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Decline, FileDecision::Decline, None)
    }

    /// Says no and interrupts the turn.
    pub fn cancel(&self) -> ApprovalAnswer {
        self.answer(CommandDecision::Cancel, FileDecision::Cancel, Some(ReviewDecision::Abort))
    }

    fn answer(
        &self,
        command: CommandDecision,
        file_change: FileDecision,
        older: Option<ReviewDecision>,
    ) -> ApprovalAnswer {
        ApprovalAnswer(match self {
            Self::Command(_) => Decision::Command(command),
            Self::FileChange(_) => Decision::FileChange(file_change),
            Self::OlderCommand(_) => Decision::OlderCommand(older),
            Self::OlderFileChange(_) => Decision::OlderFileChange(older),
        })
    }
}

impl CommandApproval {
    /// Lets the agent run the command, and from now on **every command that begins with these words, on all threads and in
    /// all later sessions**: the server writes it into the rules of its `CODEX_HOME`.
    ///
    /// Never take the words from the server's own proposal unseen: it leaves out what stands behind `;` and `|`.
    pub fn accept_with_amendment(
        &self,
        prefix: impl IntoIterator<Item = impl Into<String>>,
    ) -> ApprovalAnswer {
        let amendment = ExecpolicyAmendment::new(prefix);
        ApprovalAnswer(Decision::Command(CommandDecision::AcceptWithExecpolicyAmendment(amendment)))
    }

    /// Answers an ask for the network by a lasting rule for the host.
    pub fn apply_network_amendment(&self, amendment: NetworkPolicyAmendment) -> ApprovalAnswer {
        let amendment = NetworkAmendment::new(amendment);
        ApprovalAnswer(Decision::Command(CommandDecision::ApplyNetworkPolicyAmendment(amendment)))
    }
}

impl Question for Approval {
    type Answer = ApprovalAnswer;

    fn what(&self) -> Option<String> {
        Some(match self {
            Self::Command(ask) => Subject::from(&*ask.params).to_string(),
            Self::FileChange(ask) => ask.subject().to_string(),
            Self::OlderCommand(ask) => format!("run {}", ask.command.join(" ")),
            Self::OlderFileChange(ask) => {
                let paths: Vec<&str> = ask.file_changes.keys().map(String::as_str).collect();
                format!("change {}", paths.join(", "))
            }
        })
    }

    fn origin(&self) -> Option<&Origin> {
        Approval::origin(self)
    }

    fn safe_answer(&self) -> AskAnswer {
        self.decline().write()
    }
}

impl Answer for ApprovalAnswer {
    fn permits(&self) -> bool {
        match &self.0 {
            Decision::Command(decision) => {
                !matches!(decision, CommandDecision::Decline | CommandDecision::Cancel)
            }
            Decision::FileChange(decision) => {
                !matches!(decision, FileDecision::Decline | FileDecision::Cancel)
            }
            Decision::OlderCommand(decision) | Decision::OlderFileChange(decision) => {
                matches!(decision, Some(ReviewDecision::Approved | ReviewDecision::ApprovedForSession))
            }
        }
    }

    fn write(self) -> AskAnswer {
        // The form of an older refusal has changed over the versions; an error is one in all of them.
        match self.0 {
            Decision::Command(decision) => write(&CommandExecutionRequestApprovalResponse::new(decision)),
            Decision::FileChange(decision) => write(&FileChangeRequestApprovalResponse::new(decision)),
            Decision::OlderCommand(None) | Decision::OlderFileChange(None) => refuse("declined"),
            Decision::OlderCommand(Some(decision)) => write(&ExecCommandApprovalResponse::new(decision)),
            Decision::OlderFileChange(Some(decision)) => write(&ApplyPatchApprovalResponse::new(decision)),
        }
    }
}
