//! Drive OpenAI's Codex coding agent through `codex app-server`.

mod account;
mod asks;
mod base64;
mod budget;
mod builder;
mod client;
mod codex;
mod config_value;
mod configuration;
mod connect;
mod continuation;
mod error;
mod event;
mod exec;
mod files;
mod forward;
mod future;
mod input;
mod json_read;
mod launch;
mod limits;
mod output;
mod page;
mod presets;
mod reconnect;
mod retry;
pub mod rules;
#[cfg(feature = "schema")]
mod schema_of;
mod structured;
mod sync;
mod thread;
mod tool;
pub mod transport;
mod turn;
mod usage;
mod usage_limit;

pub use account::{Account, Login};
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
pub use configuration::{ConfigSnapshot, ConfigWrite, Configuration};
pub use continuation::Continuation;
pub use error::{Clock, CloseReason, Closed, Error, ErrorKind, ExitStatus, Result, Stalled};
pub use event::{Event, Notifications};
pub use exec::{Exec, ExecControl, ExecEvent, ExecOutput, OutputStream, RunningExec, SpawnProcess};
pub use files::{FileWatch, Files};
pub use input::{ExternalMessage, Input};
pub use launch::{MINIMUM_CODEX, Provision, ProvisionProgress, TESTED_CODEX};
pub use limits::Limits;
pub use output::{InterruptedBy, Timings, TurnOutput};
pub use page::{Listing, Paged};
pub use presets::{Approvals, Sandbox};
pub use protocol::types::ReasoningEffort as Effort;
pub use reconnect::Reconnect;
pub use retry::{RetryPolicy, retry_on_overload};
pub use structured::{SchemaChange, StrictSchema, Structured, StructuredRun};
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
