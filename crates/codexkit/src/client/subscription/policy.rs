//! What may happen to notifications that nobody reads in time.

use super::text::TextRun;
use crate::client::notification::Notification;
use crate::protocol::{Delivery, ThreadId, TurnId};
use std::sync::Arc;

/// What a consumer gets.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A notification.
    Notification(Arc<Notification>),
    /// Here, this many notifications were left out.
    Lagged { missed: u64 },
}

/// What waits for a consumer.
#[derive(Debug)]
pub(super) enum Held {
    /// A notification as it came.
    Whole(Arc<Notification>),
    /// Neighbouring pieces of one text.
    Text(Box<TextRun>),
    /// Here, this many notifications were left out.
    Gap { missed: u64 },
}

/// What may happen to what waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Kept,
    /// It may be left out, which this many notifications then are.
    LeftOut { missed: u64 },
    /// It may be left out as soon as a later one with the same key is there.
    Superseded(LatestKey),
}

/// Of notifications with the same key only the latest one counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LatestKey {
    method: Box<str>,
    thread: Option<ThreadId>,
    turn: Option<TurnId>,
}

impl Held {
    /// What it counts for against the bounds, in bytes.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Whole(notification) => notification.cost(),
            Self::Text(run) => run.cost(),
            Self::Gap { .. } => size_of::<Self>(),
        }
    }

    /// Whether it ends something that a consumer waits for.
    pub(super) fn is_completion(&self) -> bool {
        match self {
            Self::Whole(notification) => is_completion(notification.method()),
            Self::Text(_) | Self::Gap { .. } => false,
        }
    }

    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::Text(_) => Fate::Kept,
            Self::Gap { missed } => Fate::LeftOut { missed: *missed },
            Self::Whole(notification) => match Delivery::of(notification.method()) {
                Delivery::Drop => Fate::LeftOut { missed: 1 },
                Delivery::Latest => Fate::Superseded(LatestKey {
                    method: notification.raw.method.clone(),
                    thread: notification.thread.clone(),
                    turn: notification.turn.clone(),
                }),
                _ => Fate::Kept,
            },
        }
    }
}

impl From<Held> for Entry {
    fn from(held: Held) -> Self {
        match held {
            Held::Whole(notification) => Self::Notification(notification),
            Held::Text(run) => Self::Notification(run.finish()),
            Held::Gap { missed } => Self::Lagged { missed },
        }
    }
}

/// Whether a notification ends something that a consumer waits for.
pub(super) fn is_completion(method: &str) -> bool {
    matches!(method, "turn/completed" | "item/completed")
}
