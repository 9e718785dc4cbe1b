//! What happens, as data.

use crate::client::{Client, Entry, Filter, Notification, RECONNECTED, Subscription};
use crate::error::{Error, Result};
use crate::protocol::types::{ThreadItem, ThreadTokenUsage, Turn, TurnError};
use crate::protocol::{DecodeError, ItemId, RawNotification, ServerNotification};
use futures_core::Stream;
use serde::Deserialize;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// What happens on a thread or a connection. Events are data: nothing is decided through them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A turn has begun.
    TurnStarted(Box<Turn>),
    /// A turn has ended. For a stream of this turn it is the last event.
    TurnCompleted(Box<Turn>),
    /// An item has begun: a message, a command, a change of files, ...
    ItemStarted(ThreadItem),
    /// An item has ended, well or not.
    ItemCompleted(ThreadItem),
    /// More text of a message of the agent.
    TextDelta {
        /// The message.
        item: ItemId,
        /// What is added to it.
        text: String,
    },
    /// More of what the model thinks, in its summary or in full.
    ReasoningDelta {
        /// The reasoning.
        item: ItemId,
        /// What is added to it.
        text: String,
    },
    /// More text of a plan.
    PlanDelta {
        /// The plan.
        item: ItemId,
        /// What is added to it.
        text: String,
    },
    /// More output of a command. Output from before the server listened is only in the completed item.
    OutputDelta {
        /// The command.
        item: ItemId,
        /// What it has written.
        output: String,
    },
    /// The token counts after an answer of the model.
    Usage(Box<ThreadTokenUsage>),
    /// All changes to files in the turn so far, as a unified diff.
    Diff(String),
    /// Something failed, and the server tries again by itself.
    Retrying(Box<TurnError>),
    /// Something failed for good; the end of the turn follows.
    Failed(Box<TurnError>),
    /// Here, output chunks and the like were left out because they were not read in time.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// Here, the connection broke and was made anew. What the server has kept of the meantime follows; pieces of text and
    /// output from that time are missing, but for what completed items bring. Only with
    /// [`CodexBuilder::reconnect`](crate::CodexBuilder::reconnect).
    Reconnected {
        /// How long there was no connection.
        gap: Duration,
    },
    /// Everything else, typed; what this SDK does not know is kept as it came.
    Notification(Box<ServerNotification>),
    /// A notification that did not have the promised form. The stream goes on.
    Undecodable {
        /// The notification as it came.
        raw: RawNotification,
        /// What was wrong with it.
        error: DecodeError,
    },
}

impl Event {
    pub(crate) fn from_entry(entry: Entry) -> Self {
        match entry {
            Entry::Lagged { missed } => Self::Lagged { missed },
            Entry::Notification(notification) => Self::decode(&notification),
        }
    }

    pub(crate) fn decode(notification: &Notification) -> Self {
        if notification.method() == RECONNECTED {
            return Self::Reconnected { gap: Resumed::read(notification).gap() };
        }
        match ServerNotification::decode(&notification.raw.method, &notification.raw.params) {
            Ok(decoded) => decoded.into(),
            Err(error) => Self::Undecodable { raw: notification.raw.clone(), error },
        }
    }
}

/// What the server knew of a thread when the connection was made anew.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Resumed {
    gap_ms: u64,
    pub(crate) turns: Vec<Turn>,
}

impl Resumed {
    /// Reads our own notification.
    pub(crate) fn read(notification: &Notification) -> Self {
        serde_json::from_str(notification.raw.params.get()).unwrap_or_default()
    }

    fn gap(&self) -> Duration {
        Duration::from_millis(self.gap_ms)
    }
}

impl From<ServerNotification> for Event {
    fn from(notification: ServerNotification) -> Self {
        use ServerNotification as N;
        match notification {
            N::TurnStarted(n) => Self::TurnStarted(Box::new(n.turn)),
            N::TurnCompleted(n) => Self::TurnCompleted(Box::new(n.turn)),
            N::ItemStarted(n) => Self::ItemStarted(n.item),
            N::ItemCompleted(n) => Self::ItemCompleted(n.item),
            N::AgentMessageDelta(n) => Self::TextDelta { item: n.item_id, text: n.delta },
            N::ReasoningTextDelta(n) => Self::ReasoningDelta { item: n.item_id, text: n.delta },
            N::ReasoningSummaryTextDelta(n) => Self::ReasoningDelta { item: n.item_id, text: n.delta },
            N::PlanDelta(n) => Self::PlanDelta { item: n.item_id, text: n.delta },
            N::CommandExecutionOutputDelta(n) => Self::OutputDelta { item: n.item_id, output: n.delta },
            N::ThreadTokenUsageUpdated(n) => Self::Usage(Box::new(n.token_usage)),
            N::TurnDiffUpdated(n) => Self::Diff(n.diff),
            N::Error(n) if n.will_retry => Self::Retrying(Box::new(n.error)),
            N::Error(n) => Self::Failed(Box::new(n.error)),
            other => Self::Notification(Box::new(other)),
        }
    }
}

/// The notifications of a connection as events, whatever thread they concern.
///
/// It ends with an error that says how the connection ended. Dropping it frees what it holds.
#[derive(Debug)]
#[must_use = "streams do nothing unless they are polled"]
pub struct Notifications {
    subscription: Subscription,
    ended: bool,
}

impl Notifications {
    pub(crate) fn all(client: &Client) -> Result<Self> {
        Ok(Self { subscription: client.subscribe(Filter::All)?, ended: false })
    }

    pub(crate) fn of_method(client: &Client, method: String) -> Result<Self> {
        Ok(Self { subscription: client.subscribe(Filter::Method(method.into()))?, ended: false })
    }

    /// The place of the last event in the order in which the connection received its notifications; 0 before the first
    /// event. Two streams of a connection can be put in order by it.
    pub fn position(&self) -> u64 {
        self.subscription.position()
    }

    /// The next event; none once the error was returned that says how it ended. Cancel safe.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended, `Lagged` when events could not be kept.
    pub async fn try_next(&mut self) -> Result<Option<Event>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl Stream for Notifications {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.subscription.poll_next(context).map(|entry| {
            self.ended = entry.is_err();
            Some(entry.map(Event::from_entry))
        })
    }
}
