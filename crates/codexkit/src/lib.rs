//! Drive OpenAI's Codex coding agent through `codex app-server`.

mod asks;
mod budget;
mod builder;
mod client;
mod codex;
mod config_value;
mod connect;
mod continuation;
mod error;
mod event;
mod forward;
mod future;
mod input;
mod launch;
mod limits;
mod output;
mod page;
mod presets;
pub mod rules;
mod sync;
mod thread;
mod tool;
pub mod transport;
mod turn;
mod usage;

pub use asks::{
    AccountTokens, Approval, ApprovalAnswer, Ask, AskObserver, Asks, Attestation, AttestationRequest,
    CommandApproval, CurrentTime, Elicitation, ElicitationAnswer, FileChangeApproval, IntoAnswer,
    McpToolAnswer, McpToolApproval, ObservedAsk, OpenAsk, Origin, PermissionAnswer, PermissionRequest,
    TimeRequest, TokenRefresh, UserInputAnswers, UserInputRequest,
};
pub use budget::{Budget, BudgetCap};
pub use builder::CodexBuilder;
pub use client::ServerInfo;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use client::fuzzing;
pub use codex::Codex;
pub use codexkit_protocol as protocol;
pub use config_value::ConfigValue;
pub use continuation::Continuation;
pub use error::{Clock, CloseReason, Closed, Error, ErrorKind, ExitStatus, Result, Stalled};
pub use event::{Event, Notifications};
pub use input::{ExternalMessage, Input};
pub use launch::{MINIMUM_CODEX, Provision, ProvisionProgress, TESTED_CODEX};
pub use limits::Limits;
pub use output::{InterruptedBy, Timings, TurnOutput};
pub use page::{Listing, Paged};
pub use presets::{Approvals, Sandbox};
pub use protocol::types::ReasoningEffort as Effort;
pub use thread::{
    ForkThread, Goal, GoalControl, GoalOutput, GoalRun, ResumeThread, StartThread, Thread, ThreadSettings,
    UpdateSettings,
};
pub use tool::{Namespace, Tool, ToolCall, ToolError, ToolReply, ToolSet};
pub use transport::Endpoint;
pub use turn::{
    Busy, Cancelled, Compaction, Idle, Outcome, Review, Run, ShellCommand, Step, StepKind, Steps, Turn,
    TurnControl,
};
pub use usage::{TokenUsage, TurnUsage};
