//! Events, added up to the output of a turn.

#[cfg(test)]
mod properties;

use super::meter::Meter;
use crate::budget::BudgetCap;
use crate::client::Entry;
use crate::event::Event;
use crate::output::{Timings, TurnOutput};
use crate::protocol::types::{ThreadItem, ThreadTokenUsage, Turn, TurnStatus};
use crate::protocol::{ItemId, ThreadId, TurnId};
use crate::usage::TokenUsage;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The output of a turn while it grows.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    output: TurnOutput,
    /// Up to here, items belong to answers of the model that came to their end.
    settled_items: usize,
    /// The streamed messages; their texts make the streamed text.
    messages: Vec<(ItemId, String)>,
    /// Up to here, messages belong to answers of the model that came to their end.
    settled_messages: usize,
    meter: Meter,
    /// Whether pieces of text may be missing, because the connection was made anew.
    pieces_missing: bool,
}

impl Fold {
    pub(super) fn new(thread: ThreadId, turn: TurnId, meter: Meter) -> Self {
        let output = TurnOutput::new(thread, turn);
        Self {
            output,
            settled_items: 0,
            messages: Vec::new(),
            settled_messages: 0,
            meter,
            pieces_missing: false,
        }
    }

    /// The thread and the turn.
    pub(super) fn ids(&self) -> (ThreadId, TurnId) {
        (self.output.thread.clone(), self.output.turn.clone())
    }

    /// All that was added, leaving nothing.
    pub(super) fn take(&mut self) -> Self {
        let (thread, turn) = self.ids();
        std::mem::replace(self, Self::new(thread, turn, self.meter.clone()))
    }

    pub(super) fn add(&mut self, event: &Event) {
        match event {
            Event::ItemStarted(item) => self.output.open_items.push(item.clone()),
            Event::ItemCompleted(item) => self.complete(item),
            Event::TextDelta { item, text } => match self.messages.last_mut() {
                Some((last, message)) if last == item => message.push_str(text),
                _ => self.messages.push((item.clone(), text.clone())),
            },
            Event::Usage(usage) => self.count(usage),
            Event::Diff(diff) => self.output.diff = Some(diff.clone()),
            Event::Retrying(_) => self.forget_attempt(),
            Event::Lagged { .. } => self.meter.miss(),
            Event::Failed(error) => self.output.error = Some(error.as_ref().clone()),
            Event::TurnCompleted(turn) => self.end(turn),
            _ => {}
        }
    }

    pub(super) fn finish(mut self) -> TurnOutput {
        self.output.streamed_text = self.messages.into_iter().map(|(_, text)| text).collect();
        self.output.usage = self.meter.usage(self.output.status == TurnStatus::Completed);
        self.output
    }

    /// Whether an item was completed.
    pub(super) fn is_done(&self, id: &ItemId) -> bool {
        self.output.items.iter().any(|item| item.id() == Some(id))
    }

    /// The items that were completed.
    pub(super) fn done(&self) -> impl Iterator<Item = &ThreadItem> {
        self.output.items.iter()
    }

    /// The messages that were streamed and not completed, with what was streamed of them.
    pub(super) fn begun_messages(&self) -> impl Iterator<Item = (ItemId, String)> {
        let begun = self.messages.iter().filter(|(id, _)| !self.is_done(id));
        begun.map(|(id, text)| (id.clone(), text.clone()))
    }

    /// An item that was completed is known by another id from now on.
    pub(super) fn rename(&mut self, from: &ItemId, to: &ItemId) {
        let known = self.output.items.iter_mut().find(|item| item.id() == Some(from));
        known.into_iter().for_each(|item| rename(item, to.clone()));
        self.messages.iter_mut().filter(|(id, _)| id == from).for_each(|(id, _)| *id = to.clone());
    }

    /// Whether an item was started and not completed.
    pub(super) fn is_open(&self, id: &ItemId) -> bool {
        self.output.open_items.iter().any(|item| item.id() == Some(id))
    }

    /// What was streamed of a message.
    pub(super) fn streamed(&self, id: &ItemId) -> String {
        self.messages.iter().filter(|(message, _)| message == id).map(|(_, text)| text.as_str()).collect()
    }

    /// Pieces of text are missing. The completed messages tell how they should be.
    pub(super) fn miss_pieces(&mut self) {
        self.pieces_missing = true;
    }

    /// Something of another turn on the thread; it may tell the totals from before this one.
    pub(super) fn hear_of_others(&mut self, entry: &Entry) {
        if let Entry::Notification(told) = entry
            && told.method() == "thread/tokenUsage/updated"
            && let Event::Usage(usage) = Event::decode(told)
        {
            self.meter.count_before(&usage);
        }
    }

    /// How many tokens in how many answers of the model.
    pub(super) fn spent(&self) -> (u64, u32) {
        self.meter.usage(true).map_or((0, 0), |usage| (usage.turn.total, usage.model_calls))
    }

    /// What the agents on whose behalf the turn runs have used, by their totals of now.
    pub(super) fn agents(&self, now: Vec<(ThreadId, ThreadTokenUsage)>) -> TokenUsage {
        self.meter.agents(now)
    }

    /// The budget is used up.
    pub(super) fn exceed(&mut self, cap: BudgetCap) {
        self.output.budget_exceeded.get_or_insert(cap);
    }

    /// The server reports usage after each answer of the model. After one that broke off it repeats the counts of before.
    fn count(&mut self, usage: &ThreadTokenUsage) {
        if self.meter.count(usage) {
            self.settled_items = self.output.items.len();
            self.settled_messages = self.messages.len();
        }
    }

    fn complete(&mut self, item: &ThreadItem) {
        if let Some(id) = item.id() {
            self.output.open_items.retain(|open| open.id() != Some(id));
        }
        if self.pieces_missing
            && let ThreadItem::AgentMessage(message) = item
            && self.streamed(&message.id) != message.text
        {
            self.messages.retain(|(known, _)| *known != message.id);
            self.messages.push((message.id.clone(), message.text.clone()));
            self.settled_messages = self.settled_messages.min(self.messages.len() - 1);
        }
        self.output.items.push(item.clone());
    }

    /// The server asks the model once more: what the broken answer said comes again, what it did stays done.
    fn forget_attempt(&mut self) {
        let mut at = 0;
        let settled = self.settled_items;
        self.output.items.retain(|item| {
            at += 1;
            at <= settled || !is_said(item)
        });
        self.output.open_items.retain(|item| !is_said(item));
        self.messages.truncate(self.settled_messages);
    }

    fn end(&mut self, turn: &Turn) {
        self.output.status = turn.status.clone();
        if turn.error.is_some() {
            self.output.error = turn.error.clone();
        }
        self.output.timings = Timings {
            started_at: turn.started_at.and_then(from_unix),
            completed_at: turn.completed_at.and_then(from_unix),
            duration: turn.duration_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
        };
        // A summary of the items comes with the end; it helps when some were missed.
        for item in &turn.items {
            let known = self.output.items.iter().any(|known| known.id() == item.id());
            if !known {
                self.complete(item);
            }
        }
    }
}

/// Gives a message another id.
pub(super) fn rename(item: &mut ThreadItem, id: ItemId) {
    match item {
        ThreadItem::UserMessage(message) => message.id = id,
        ThreadItem::AgentMessage(message) => message.id = id,
        _ => {}
    }
}

/// Whether the item is words of the model, which come again when an answer is repeated.
fn is_said(item: &ThreadItem) -> bool {
    matches!(item, ThreadItem::AgentMessage(_) | ThreadItem::Reasoning(_) | ThreadItem::Plan(_))
}

fn from_unix(seconds: i64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}
