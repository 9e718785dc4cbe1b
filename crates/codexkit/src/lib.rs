//! Drive OpenAI's Codex coding agent through `codex app-server`: start agents, watch them work, decide what they may do,
//! and stop them; one agent, or many on one server.
//!
//! ```no_run
//! use codexkit::Codex;
//!
//! #[tokio::main]
//! async fn main() -> codexkit::Result<()> {
//!     let codex = Codex::start().await?;
//!     let thread = codex.start_thread().cwd(".").await?;
//!     let output = thread.run("Summarise src/ in three sentences").await?;
//!     println!("{}", output.text());
//!     Ok(())
//! }
//! ```
//!
//! Builders do nothing before they are awaited. All of it is async, on tokio, and there once more without async, as
//! `codexkit::blocking`.
//!
//! # The way through
//!
//! 1. A [`Codex`] is a connection: to a server of its own, by [`Codex::start`], or to one that runs, by [`Codex::connect`].
//!    [`Codex::builder`] has the settings.
//! 2. A [`Thread`] is a conversation: [started](Codex::start_thread), [resumed](Codex::resume_thread) or
//!    [forked](Codex::fork_thread).
//! 3. A [`Run`] is a piece of work that is about to begin, from [`Thread::run`]. Await it for its [`TurnOutput`], end it with
//!    [`outcome`](Run::outcome) to get failures as values, or with [`stream`](Run::stream) to watch it.
//! 4. A [`Turn`] is the work while it is done: a stream of [`Event`]s, with a [`TurnControl`] to steer and stop it. Dropping
//!    it interrupts it.
//!
//! # Where things are
//!
//! | for | see | guide |
//! |---|---|---|
//! | starting, finding and installing codex | [`CodexBuilder`], [`Provision`] | [`getting_started`](guide::getting_started) |
//! | a server that runs | [`Codex::connect`], [`Endpoint`], [`Reconnect`] | [`getting_started`](guide::getting_started) |
//! | inputs and outputs | [`Input`], [`ExternalMessage`], [`TurnOutput`], [`TurnUsage`] | [`getting_started`](guide::getting_started) |
//! | threads: history, rollback, archive, queue | [`Thread`], [`ThreadSettings`], [`Listing`] | [`getting_started`](guide::getting_started) |
//! | watching, steering, stopping | [`Turn`], [`Event`], [`Steps`], [`TurnControl`], [`Notifications`] | [`streaming`](guide::streaming) |
//! | deciding what the agent may do | [`Sandbox`], [`Approvals`], [`Approval`], [`Ask`], [`rules`] | [`approvals`](guide::approvals) |
//! | functions as tools | [`Tool`], [`ToolReply`], [`ToolSet`], [`Namespace`] | [`tools`](guide::tools) |
//! | answers as values | [`Run::json_schema`], [`Structured`], [`StrictSchema`] | |
//! | work that goes on by itself | [`Thread::pursue`], [`GoalRun`] | |
//! | reviews, compaction, commands of the user | [`Thread::review`], [`Thread::compact`], [`Thread::shell_command`] | |
//! | what is dropped, and picking up again | [`Turn::detach`], [`Continuation`], [`Codex::cancel`] | [`cancellation`](guide::cancellation) |
//! | what went wrong, trying again | [`Error`], [`ErrorKind`], [`RetryPolicy`] | [`errors`](guide::errors) |
//! | clocks, bounds, caps | [`Limits`], [`Idle`], [`Budget`] | [`timeouts`](guide::timeouts) |
//! | login, account, configuration | [`Codex::account`], [`Codex::config`] | |
//! | commands and files without an agent | [`Codex::exec`], [`Codex::spawn_process`], [`Codex::files`] | |
//! | every method of the server | [`Codex::call`], [`Codex::list`], [`protocol`] | [`compatibility`](guide::compatibility) |
//! | transports of one's own | [`transport`] | |
//! | tests without a login | the crate `codexkit-testkit` | [`testing`](guide::testing) |
//! | programs without async | `blocking` | [`faq`](guide::faq) |
//! | coming from another SDK | | [`migrating`](guide::migrating) |
//! | questions and pitfalls | | [`faq`](guide::faq) |
//!
//! # Features
//!
//! None is on by default. `blocking`: the same without async. `schema`: tools and answers whose schema is that of a Rust type. `tls`: `wss://` addresses.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod asks;
mod base64;
#[cfg(feature = "blocking")]
pub mod blocking;
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
pub mod guide;
mod input;
mod json_read;
mod launch;
mod limits;
mod output;
mod page;
mod path;
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
