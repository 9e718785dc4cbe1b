//! What a turn gave.

use crate::budget::BudgetCap;
use crate::protocol::types::{MessagePhase, ThreadItem, TurnError, TurnStatus};
use crate::protocol::{ThreadId, TurnId};
use crate::usage::TurnUsage;
use std::time::{Duration, SystemTime};

/// What a turn gave, whole or as far as it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TurnOutput {
    /// The thread.
    pub thread: ThreadId,
    /// The turn.
    pub turn: TurnId,
    /// How it ended; `InProgress` if its end was not seen.
    pub status: TurnStatus,
    /// The completed items, in the order of their completion. Those of a failed attempt that the server repeated are
    /// left out.
    pub items: Vec<ThreadItem>,
    /// Items that were started and never completed, as after an interrupt.
    pub open_items: Vec<ThreadItem>,
    /// Why it failed.
    pub error: Option<TurnError>,
    /// If it failed for a usage limit: when the account can be used again, as far as the server has told. It tells by
    /// `account/rateLimits/updated`, which the model provider has to feed.
    pub limit_resets_at: Option<SystemTime>,
    /// Who had it interrupted, if it was.
    pub interrupted_by: Option<InterruptedBy>,
    /// What it has used, if the server told.
    pub usage: Option<TurnUsage>,
    /// The cap of a budget that it could not keep. A turn that was completed nevertheless is completed.
    pub budget_exceeded: Option<BudgetCap>,
    /// Whether it ran before and only got more input: then what it gave before is not in here.
    pub joined: bool,
    /// The changes to files in this turn, as a unified diff.
    pub diff: Option<String>,
    /// When it ran.
    pub timings: Timings,
    /// The text as it was streamed: the pieces of all messages, commentary included, one after the other with nothing between
    /// them. It survives an interrupt. The answer alone is [`text`](Self::text).
    pub streamed_text: String,
}

/// Who had a turn interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InterruptedBy {
    /// The program, through [`TurnControl::interrupt`](crate::TurnControl::interrupt).
    Program,
    /// The policy that the program had set with [`Run::on_event`](crate::Run::on_event).
    Policy,
    /// A clock of the turn.
    Clock,
    /// A budget of the turn or of its thread.
    Budget,
    /// The server, by itself, for a declined ask, or for another client.
    Server,
}

/// When a turn ran, by the server's clock, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// When it began.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub completed_at: Option<SystemTime>,
    /// How long it took, to the millisecond.
    pub duration: Option<Duration>,
}

impl TurnOutput {
    pub(crate) fn new(thread: ThreadId, turn: TurnId) -> Self {
        Self {
            thread,
            turn,
            status: TurnStatus::InProgress,
            items: Vec::new(),
            open_items: Vec::new(),
            error: None,
            limit_resets_at: None,
            interrupted_by: None,
            usage: None,
            budget_exceeded: None,
            joined: false,
            diff: None,
            timings: Timings::default(),
            streamed_text: String::new(),
        }
    }

    /// The final answer of the agent; empty when it gave none.
    pub fn text(&self) -> &str {
        self.final_text().unwrap_or_default()
    }

    /// The final answer of the agent: the last message that is marked as the final answer, or else the last without
    /// any mark. Commentary is none.
    pub fn final_text(&self) -> Option<&str> {
        let messages = || {
            self.items.iter().rev().filter_map(|item| match item {
                ThreadItem::AgentMessage(message) => Some(message),
                _ => None,
            })
        };
        let marked = messages().find(|message| message.phase == Some(MessagePhase::FinalAnswer));
        let message = marked.or_else(|| messages().find(|message| message.phase.is_none()))?;
        Some(&message.text)
    }
}
