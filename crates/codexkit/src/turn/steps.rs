//! A turn as a stream of what was completed, for those who do not want every piece of it.

use super::stream::Turn;
use crate::error::Result;
use crate::event::Event;
use crate::output::TurnOutput;
use crate::protocol::types::{ThreadItem, UserInput};
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A step of a turn: an item that was completed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// What kind of step it is.
    pub kind: StepKind,
    /// What there is to read in it: a message, a thought, a command with its output, paths; empty if nothing.
    pub text: String,
    /// The item.
    pub item: ThreadItem,
}

/// What kind of step an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// What the user said.
    User,
    /// What the agent says, plans included.
    Agent,
    /// What the model thinks.
    Thinking,
    /// A command.
    Command,
    /// A change of files.
    FileChange,
    /// A call of a tool, of a search, or of another agent.
    Tool,
    /// Something else.
    Other,
}

/// The steps of a turn; made by [`Turn::steps`]. Dropping it is dropping the turn.
#[derive(Debug)]
#[must_use = "dropping the steps interrupts the turn"]
pub struct Steps(Turn);

impl Turn {
    /// The completed items of the turn, one by one, as they are completed from here on.
    pub fn steps(self) -> Steps {
        Steps(self)
    }
}

impl Steps {
    /// The next step; none after the end of the turn. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Turn::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<Step>> {
        while let Some(event) = self.0.try_next().await? {
            if let Event::ItemCompleted(item) = event {
                return Ok(Some(Step::from(item)));
            }
        }
        Ok(None)
    }

    /// The turn, to steer it or to read the rest of it in full.
    pub fn turn(&mut self) -> &mut Turn {
        &mut self.0
    }

    /// Reads to the end and returns what the turn gave in all. As [`Turn::finish`].
    ///
    /// Not cancel safe: dropping the future interrupts the turn.
    ///
    /// # Errors
    ///
    /// As for [`Turn::finish`].
    pub async fn finish(self) -> Result<TurnOutput> {
        self.0.finish().await
    }
}

impl Stream for Steps {
    type Item = Result<Step>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(Pin::new(&mut self.0).poll_next(context)) {
                Some(Ok(Event::ItemCompleted(item))) => return Poll::Ready(Some(Ok(item.into()))),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl From<ThreadItem> for Step {
    fn from(item: ThreadItem) -> Self {
        let (kind, text) = describe(&item);
        Self { kind, text, item }
    }
}

/// What kind of step an item is, and what there is to read in it.
pub(super) fn describe(item: &ThreadItem) -> (StepKind, String) {
    match item {
        ThreadItem::UserMessage(message) => (StepKind::User, lines(message.content.iter().filter_map(said))),
        ThreadItem::AgentMessage(message) => (StepKind::Agent, message.text.clone()),
        ThreadItem::Plan(plan) => (StepKind::Agent, plan.text.clone()),
        ThreadItem::Reasoning(thoughts) => {
            let parts = if thoughts.summary.is_empty() { &thoughts.content } else { &thoughts.summary };
            (StepKind::Thinking, lines(parts.iter().map(String::as_str)))
        }
        ThreadItem::CommandExecution(command) => {
            let output = command.aggregated_output.as_deref().unwrap_or_default();
            (StepKind::Command, lines([command.command.as_str(), output.trim_end()]))
        }
        ThreadItem::FileChange(change) => {
            (StepKind::FileChange, lines(change.changes.iter().map(|change| change.path.as_str())))
        }
        ThreadItem::McpToolCall(call) => (StepKind::Tool, format!("{}.{}", call.server, call.tool)),
        ThreadItem::DynamicToolCall(call) => (StepKind::Tool, call.tool.clone()),
        ThreadItem::WebSearch(search) => (StepKind::Tool, search.query.clone()),
        ThreadItem::CollabAgentToolCall(call) => (StepKind::Tool, call.prompt.clone().unwrap_or_default()),
        _ => (StepKind::Other, String::new()),
    }
}

fn said(input: &UserInput) -> Option<&str> {
    match input {
        UserInput::Text(text) => Some(&text.text),
        _ => None,
    }
}

fn lines<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}
