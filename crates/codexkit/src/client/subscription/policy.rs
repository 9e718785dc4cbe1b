//! What may happen to notifications that nobody reads in time.

use crate::client::notification::Notification;
use crate::protocol::{Delivery, RawNotification};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

/// What waits in a queue.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A notification.
    Notification(Arc<Notification>),
    /// Here, this many notifications were left out.
    Lagged { missed: u64 },
}

impl Entry {
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Notification(notification) => notification.cost(),
            Self::Lagged { .. } => size_of::<Self>(),
        }
    }

    fn delivery(&self) -> Delivery {
        match self {
            Self::Notification(notification) => Delivery::of(notification.method()),
            Self::Lagged { .. } => Delivery::Keep,
        }
    }
}

/// Whether a notification ends something that a consumer waits for.
pub(super) fn is_completion(method: &str) -> bool {
    matches!(method, "turn/completed" | "item/completed")
}

/// Joins neighbouring pieces of one text into one piece. Nothing is lost by it.
pub(super) fn merge_texts(entries: VecDeque<Entry>) -> VecDeque<Entry> {
    let mut merged = VecDeque::new();
    let mut run: Option<TextRun> = None;
    for entry in entries {
        let piece = match &entry {
            Entry::Notification(notification) if entry.delivery() == Delivery::Merge => Some(notification),
            _ => None,
        };
        if let (Some(run), Some(piece)) = (&mut run, piece)
            && run.take(piece)
        {
            continue;
        }
        merged.extend(run.take().map(TextRun::finish));
        run = piece.and_then(TextRun::start);
        if run.is_none() {
            merged.push_back(entry);
        }
    }
    merged.extend(run.map(TextRun::finish));
    merged
}

/// Pieces of one text that came one after the other.
struct TextRun {
    first: Arc<Notification>,
    last: Arc<Notification>,
    text: String,
    /// Whether there is more than the first piece.
    grown: bool,
}

impl TextRun {
    fn start(piece: &Arc<Notification>) -> Option<Self> {
        let text = Delta::parse(piece)?.text.into_owned();
        Some(Self { first: piece.clone(), last: piece.clone(), text, grown: false })
    }

    /// Takes a piece if it continues the same text.
    fn take(&mut self, piece: &Arc<Notification>) -> bool {
        let same = piece.method() == self.first.method()
            && match (Delta::parse(&self.first), Delta::parse(piece)) {
                (Some(first), Some(next)) if first.has_same_place(&next) => {
                    self.text.push_str(&next.text);
                    true
                }
                _ => false,
            };
        if same {
            self.last = piece.clone();
            self.grown = true;
        }
        same
    }

    fn finish(self) -> Entry {
        let merged = self.grown.then(|| Delta::parse(&self.first)?.with_text(&self.text)).flatten();
        Entry::Notification(match merged {
            None => self.first,
            Some(params) => {
                let mut raw = RawNotification::new(self.first.raw.method.clone(), params);
                raw.emitted_at_ms = self.last.raw.emitted_at_ms;
                Arc::new(Notification { raw, ..Notification::clone(&self.last) })
            }
        })
    }
}

/// The parameters of a piece of text: `delta`, and the fields that say to which text it belongs.
struct Delta<'a> {
    text: Cow<'a, str>,
    place: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

impl<'a> Delta<'a> {
    fn parse(piece: &'a Notification) -> Option<Self> {
        let mut place: BTreeMap<Cow<'a, str>, &'a RawValue> =
            serde_json::from_str(piece.raw.params.get()).ok()?;
        let text = serde_json::from_str(place.remove("delta")?.get()).ok()?;
        Some(Self { text: Cow::Owned(text), place })
    }

    fn has_same_place(&self, other: &Self) -> bool {
        self.place.len() == other.place.len()
            && self
                .place
                .iter()
                .zip(&other.place)
                .all(|(one, two)| one.0 == two.0 && one.1.get() == two.1.get())
    }

    fn with_text(self, text: &str) -> Option<Box<RawValue>> {
        let text = to_raw_value(text).ok()?;
        let mut fields: BTreeMap<&str, &RawValue> =
            self.place.iter().map(|(name, value)| (&**name, *value)).collect();
        fields.insert("delta", &text);
        to_raw_value(&fields).ok()
    }
}

/// Leaves out what may be left out, with a mark in each place where something is missing.
pub(super) fn drop_output(entries: VecDeque<Entry>) -> VecDeque<Entry> {
    let mut latest_seen = HashSet::new();
    let superseded: HashSet<usize> = entries
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(at, entry)| match entry {
            Entry::Notification(n) if entry.delivery() == Delivery::Latest => {
                (!latest_seen.insert((n.method().to_owned(), n.thread.clone(), n.turn.clone()))).then_some(at)
            }
            _ => None,
        })
        .collect();

    let mut kept: VecDeque<Entry> = VecDeque::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let missed = match &entry {
            Entry::Lagged { missed } => *missed,
            _ if entry.delivery() == Delivery::Drop || superseded.contains(&at) => 1,
            _ => 0,
        };
        match kept.back_mut() {
            _ if missed == 0 => kept.push_back(entry),
            Some(Entry::Lagged { missed: total }) => *total += missed,
            _ => kept.push_back(Entry::Lagged { missed }),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(sequence: u64, method: &str, params: serde_json::Value) -> Entry {
        let raw = RawNotification::new(method, serde_json::value::to_raw_value(&params).unwrap());
        let turn = params["turnId"].as_str().map(Into::into);
        Entry::Notification(Arc::new(Notification { sequence, raw, thread: None, turn }))
    }

    fn text(sequence: u64, item: &str, delta: &str) -> Entry {
        entry(sequence, "item/agentMessage/delta", json!({ "turnId": "u", "itemId": item, "delta": delta }))
    }

    fn shown(entries: VecDeque<Entry>) -> Vec<String> {
        let show = |entry| match entry {
            Entry::Lagged { missed } => format!("lagged {missed}"),
            Entry::Notification(n) => {
                let params: serde_json::Value = serde_json::from_str(n.raw.params.get()).unwrap();
                format!("{} {} {}", n.sequence, n.method(), params["delta"].as_str().unwrap_or_default())
            }
        };
        entries.into_iter().map(show).collect()
    }

    #[test]
    fn neighbouring_pieces_of_one_item_become_one() {
        let started = entry(4, "item/started", json!({}));
        let queue = [text(1, "a", "x"), text(2, "a", "\n"), text(3, "b", "y"), started, text(5, "b", "z")];
        assert_eq!(
            shown(merge_texts(queue.into())),
            [
                "2 item/agentMessage/delta x\n",
                "3 item/agentMessage/delta y",
                "4 item/started ",
                "5 item/agentMessage/delta z"
            ]
        );
    }

    #[test]
    fn output_goes_and_leaves_one_mark_in_its_place() {
        let output = |n| entry(n, "item/commandExecution/outputDelta", json!({ "delta": "o" }));
        let diff = |n| entry(n, "turn/diff/updated", json!({ "turnId": "u" }));
        let queue = [
            output(1),
            output(2),
            text(3, "a", "x"),
            diff(4),
            diff(5),
            Entry::Lagged { missed: 3 },
            output(7),
        ];
        assert_eq!(
            shown(drop_output(queue.into())),
            ["lagged 2", "3 item/agentMessage/delta x", "lagged 1", "5 turn/diff/updated ", "lagged 4"]
        );
    }
}
