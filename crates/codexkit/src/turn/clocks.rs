//! The clocks that end the wait for a turn. Plain state: what was heard when, and what is due.

use crate::event::Event;
use crate::protocol::types::{ThreadItem, ThreadStatus};
use crate::protocol::{ItemId, ServerNotification};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;

/// What happens when a clock of a turn runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idle {
    /// The wait ends with an error, and the turn runs on.
    Report,
    /// The wait ends with an error, and the turn is interrupted.
    Interrupt,
}

/// How long a turn may take, in three ways. `None` switches a clock off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TurnLimits {
    /// Without any event of its own.
    pub(crate) idle: Option<Duration>,
    /// With nothing but notices that the server tries again.
    pub(crate) network: Option<Duration>,
    /// In all.
    pub(crate) total: Option<Duration>,
}

/// Which clock has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing was heard of the turn.
    Idle,
    /// The server does nothing but try again.
    Network,
    /// It took too long in all.
    Total,
}

/// What the clocks have heard of a turn.
#[derive(Clone, Debug)]
pub(super) struct Clocks {
    limits: TurnLimits,
    started: Instant,
    last_heard: Instant,
    last_method: Option<Box<str>>,
    /// Since when there was nothing but notices that the server tries again.
    retrying_since: Option<Instant>,
    /// Whether the agent waits for somebody's answer.
    asking: bool,
    /// Commands, tools and agents at work, which may be silent for as long as they like.
    at_work: HashSet<ItemId>,
}

impl Clocks {
    pub(super) fn new(limits: TurnLimits, now: Instant) -> Self {
        Self {
            limits,
            started: now,
            last_heard: now,
            last_method: None,
            retrying_since: None,
            asking: false,
            at_work: HashSet::new(),
        }
    }

    /// An event of the turn, or of its thread as a whole, has come.
    pub(super) fn heard(&mut self, event: &Event, method: Option<&str>, of_turn: bool, now: Instant) {
        match event {
            Event::Retrying(_) => {
                self.retrying_since.get_or_insert(now);
                return;
            }
            Event::Notification(notification) => {
                if let ServerNotification::ThreadStatusChanged(changed) = notification.as_ref() {
                    let flags = match &changed.status {
                        ThreadStatus::Active(active) => active.active_flags.len(),
                        _ => 0,
                    };
                    // An answer that was waited for is a sign of life, too.
                    self.last_heard = if self.asking { now } else { self.last_heard };
                    self.asking = flags > 0;
                }
            }
            Event::ItemStarted(item) if works_silently(item) => self.at_work.extend(item.id().cloned()),
            Event::ItemCompleted(item) => {
                if let Some(id) = item.id() {
                    self.at_work.remove(id);
                }
            }
            _ => {}
        }
        if of_turn {
            self.last_heard = now;
            self.retrying_since = None;
            self.last_method = method.map(Into::into);
        }
    }

    /// When the first clock runs out, and which it is.
    pub(super) fn due(&self) -> Option<(Instant, Due)> {
        let clocks = [
            self.limits.idle.and_then(|limit| Some((self.last_heard.checked_add(limit)?, Due::Idle))),
            self.limits
                .network
                .and_then(|limit| Some((self.retrying_since?.checked_add(limit)?, Due::Network))),
            self.limits.total.and_then(|limit| Some((self.started.checked_add(limit)?, Due::Total))),
        ];
        clocks.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Whether silence is to be expected.
    pub(super) fn is_excused(&self) -> bool {
        self.asking || !self.at_work.is_empty()
    }

    /// The wait begins anew, with other limits.
    pub(super) fn set(&mut self, limits: TurnLimits, now: Instant) {
        self.limits = limits;
        self.begin_anew(now);
    }

    /// The wait begins anew, as after its end was told.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.started = now;
        self.last_heard = now;
        self.retrying_since = self.retrying_since.map(|_| now);
    }

    /// How long nothing was heard of the turn.
    pub(super) fn silent_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_heard)
    }

    /// The method of the turn's last event.
    pub(super) fn last_method(&self) -> Option<&str> {
        self.last_method.as_deref()
    }
}

/// Whether the item is somebody at work who need not say anything meanwhile.
fn works_silently(item: &ThreadItem) -> bool {
    matches!(
        item,
        ThreadItem::CommandExecution(_)
            | ThreadItem::McpToolCall(_)
            | ThreadItem::DynamicToolCall(_)
            | ThreadItem::CollabAgentToolCall(_)
            | ThreadItem::ImageGeneration(_)
            | ThreadItem::WebSearch(_)
            | ThreadItem::Sleep(_)
    )
}
