//! The unread notifications of one subscription, in order, and how they are made smaller.
//!
//! Each notification is looked at once for joining and once for leaving out, so that a consumer that never reads costs
//! the connection no more for each notification than one that does.

use super::policy::{Fate, Held, LatestKey};
use super::text::TextRun;
use crate::client::notification::Notification;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Bytes that wait. Completions have bounds of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) completions: usize,
    pub(super) others: usize,
}

impl Size {
    fn of(held: &Held) -> Self {
        match held.cost() {
            cost if held.is_completion() => Self { completions: cost, others: 0 },
            cost => Self { completions: 0, others: cost },
        }
    }

    pub(super) fn total(self) -> usize {
        self.completions + self.others
    }

    fn add(&mut self, size: Self) {
        self.completions += size.completions;
        self.others += size.others;
    }

    fn subtract(&mut self, size: Self) {
        self.completions -= size.completions;
        self.others -= size.others;
    }
}

/// What waits for a consumer.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    held: VecDeque<Held>,
    size: Size,
    /// So many at the front have been looked at for joining.
    joined: usize,
    /// So many at the front have been looked at for leaving out; never more than `joined`.
    thinned: usize,
    /// Where the latest ones are among the thinned, counted from the first that ever waited here; some of
    /// these have been taken meanwhile.
    latest: HashMap<LatestKey, u64>,
    /// How many have been taken.
    gone: u64,
    /// How many of the thinned were superseded since all were last thinned.
    holes: usize,
}

/// How many entries a consumer takes at once, and about how many bytes.
const TAKEN_ENTRIES: usize = 1024;
const TAKEN_BYTES: usize = 256 * 1024;

/// With fewer entries than this it is not worth looking at all of them again.
const FEW: usize = 64;

impl Backlog {
    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn push(&mut self, notification: Arc<Notification>) {
        self.append(Held::Whole(notification));
    }

    /// Joins neighbouring pieces of one text, among those that came since it was last done. Nothing is lost by it.
    pub(super) fn join_texts(&mut self) {
        for held in self.cut(self.joined) {
            match held {
                Held::Whole(piece) if self.continues(&piece) => {}
                held => self.append(held),
            }
        }
        self.joined = self.held.len();
    }

    /// Joins texts and leaves out what may be left out, with a mark in each place where something is missing.
    pub(super) fn thin(&mut self) {
        self.join_texts();
        if self.holes > FEW + self.held.len() / 2 || self.latest.len() > FEW + self.held.len() {
            self.thinned = 0;
        }
        if self.thinned == 0 {
            self.latest.clear();
            self.holes = 0;
        }
        for held in self.cut(self.thinned) {
            match held.fate() {
                Fate::Kept => self.append(held),
                Fate::LeftOut { missed } => self.mark(missed),
                Fate::Superseded(key) => {
                    let earlier = self.latest.remove(&key);
                    earlier.into_iter().for_each(|at| self.supersede(at));
                    self.latest.insert(key, self.gone + self.held.len() as u64);
                    self.append(held);
                }
            }
        }
        self.thinned = self.held.len();
        self.joined = self.held.len();
    }

    /// Moves as much to `taken` as a consumer should take at once, and says how large it is.
    pub(super) fn take(&mut self, taken: &mut VecDeque<Held>) -> Size {
        let mut size = Size::default();
        let mut count = 0;
        while count < TAKEN_ENTRIES
            && size.total() < TAKEN_BYTES
            && let Some(held) = self.held.pop_front()
        {
            size.add(Size::of(&held));
            taken.push_back(held);
            count += 1;
        }
        self.size.subtract(size);
        self.joined = self.joined.saturating_sub(count);
        self.thinned = self.thinned.saturating_sub(count);
        self.gone += count as u64;
        if self.held.is_empty() {
            self.held.shrink_to(TAKEN_ENTRIES);
        }
        size
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.iter()
    }

    fn append(&mut self, held: Held) {
        self.size.add(Size::of(&held));
        self.held.push_back(held);
    }

    /// Takes off what is at `from` and behind it.
    fn cut(&mut self, from: usize) -> VecDeque<Held> {
        let cut = self.held.split_off(from);
        cut.iter().for_each(|held| self.size.subtract(Size::of(held)));
        cut
    }

    /// Joins a piece to the text before it, if it continues that.
    fn continues(&mut self, piece: &Notification) -> bool {
        let Some(last) = self.held.back_mut() else { return false };
        let before = Size::of(last);
        let continues = match last {
            Held::Gap { .. } => false,
            Held::Text(run) => run.take(piece),
            Held::Whole(first) => match TextRun::of(first, piece) {
                None => false,
                Some(run) => {
                    *last = Held::Text(Box::new(run));
                    true
                }
            },
        };
        if continues {
            self.size.subtract(before);
            self.size.add(Size::of(last));
        }
        continues
    }

    fn mark(&mut self, more: u64) {
        match self.held.back_mut() {
            Some(Held::Gap { missed }) => *missed += more,
            _ => self.append(Held::Gap { missed: more }),
        }
    }

    /// Leaves out an entry that a later one stands for, unless it was read.
    fn supersede(&mut self, at: u64) {
        let index = at.checked_sub(self.gone).and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index < self.held.len()) else { return };
        if index + 1 == self.held.len() {
            self.cut(index);
            self.mark(1);
        } else {
            let hole = Held::Gap { missed: 1 };
            self.size.add(Size::of(&hole));
            let superseded = std::mem::replace(&mut self.held[index], hole);
            self.size.subtract(Size::of(&superseded));
            self.holes += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RawNotification;
    use serde_json::value::to_raw_value;
    use serde_json::{Value, json};

    fn notification(sequence: u64, method: &str, turn: &str, params: &Value) -> Arc<Notification> {
        let raw = RawNotification::new(method, to_raw_value(params).unwrap());
        Arc::new(Notification { sequence, raw, thread: None, turn: Some(turn.into()) })
    }

    fn text(sequence: u64, item: &str, delta: &str) -> Arc<Notification> {
        notification(sequence, "item/agentMessage/delta", "u", &json!({ "itemId": item, "delta": delta }))
    }

    fn output(sequence: u64) -> Arc<Notification> {
        notification(sequence, "item/commandExecution/outputDelta", "u", &json!({ "delta": "o" }))
    }

    fn diff(sequence: u64, turn: &str) -> Arc<Notification> {
        notification(sequence, "turn/diff/updated", turn, &json!({}))
    }

    fn holding(notifications: impl IntoIterator<Item = Arc<Notification>>) -> Backlog {
        let mut backlog = Backlog::default();
        notifications.into_iter().for_each(|notification| backlog.push(notification));
        backlog
    }

    fn shown(backlog: &Backlog) -> Vec<String> {
        let show = |held: &Held| match held {
            Held::Gap { missed } => format!("{missed} missing"),
            Held::Whole(n) => format!("{} {}", n.sequence, n.method()),
            Held::Text(_) => "joined".to_owned(),
        };
        assert_eq!(backlog.size.total(), backlog.held.iter().map(Held::cost).sum::<usize>());
        backlog.held.iter().map(show).collect()
    }

    #[test]
    fn neighbouring_pieces_of_one_item_become_one() {
        let started = notification(4, "item/started", "u", &json!({}));
        let mut backlog =
            holding([text(1, "a", "x"), text(2, "a", "\n"), text(3, "b", "y"), started, text(5, "b", "z")]);
        backlog.join_texts();
        let rest = ["3 item/agentMessage/delta", "4 item/started", "5 item/agentMessage/delta"];
        assert_eq!(shown(&backlog)[1..], rest);
        assert_eq!(shown(&backlog)[0], "joined");

        backlog.push(text(6, "b", "!"));
        backlog.join_texts();
        assert_eq!(shown(&backlog)[3..], ["joined"], "what comes later is joined to what was there");
    }

    #[test]
    fn output_goes_and_leaves_one_mark_in_its_place() {
        let mut backlog = holding([output(1), output(2), text(3, "a", "x"), diff(4, "u"), diff(5, "u")]);
        backlog.thin();
        let kept = ["2 missing", "3 item/agentMessage/delta", "1 missing", "5 turn/diff/updated"];
        assert_eq!(shown(&backlog), kept);

        backlog.push(output(6));
        backlog.push(output(7));
        backlog.thin();
        backlog.push(output(8));
        backlog.thin();
        assert_eq!(shown(&backlog)[3..], ["5 turn/diff/updated", "3 missing"]);
    }

    #[test]
    fn only_the_latest_of_a_turn_stays_wherever_it_stands() {
        let mut backlog = holding([diff(1, "u"), text(2, "a", "x"), diff(3, "v")]);
        backlog.thin();
        backlog.push(diff(4, "u"));
        backlog.thin();
        let kept = ["1 missing", "2 item/agentMessage/delta", "3 turn/diff/updated", "4 turn/diff/updated"];
        assert_eq!(shown(&backlog), kept);

        let mut taken = VecDeque::new();
        backlog.take(&mut taken);
        assert_eq!((taken.len(), backlog.is_empty()), (4, true));
        backlog.push(diff(5, "u"));
        backlog.thin();
        assert_eq!(shown(&backlog), ["5 turn/diff/updated"], "what was read is not missing");
    }

    #[test]
    fn superseded_ones_in_a_row_leave_one_mark() {
        let mut backlog = holding((1..=4).map(|sequence| diff(sequence, "u")));
        backlog.thin();
        assert_eq!(shown(&backlog), ["3 missing", "4 turn/diff/updated"]);
    }

    #[test]
    fn the_latest_is_found_after_a_part_was_taken() {
        let started = |sequence| notification(sequence, "item/started", "u", &json!({}));
        let entries = TAKEN_ENTRIES as u64;
        let mut backlog = holding((0..entries).map(started));
        backlog.push(diff(entries, "u"));
        backlog.push(started(entries + 1));
        backlog.thin();
        backlog.take(&mut VecDeque::new());
        backlog.push(diff(entries + 2, "u"));
        backlog.thin();
        let [started, latest] = [entries + 1, entries + 2];
        assert_eq!(
            shown(&backlog),
            [
                "1 missing".to_owned(),
                format!("{started} item/started"),
                format!("{latest} turn/diff/updated")
            ]
        );
    }

    #[test]
    fn marks_of_superseded_ones_do_not_pile_up() {
        let mut backlog = Backlog::default();
        for sequence in 0..10_000 {
            backlog.push(diff(2 * sequence, "u"));
            backlog.push(diff(2 * sequence + 1, "v"));
            backlog.thin();
        }
        assert!(backlog.held.len() < 3 * FEW, "{}", backlog.held.len());
        let missing = |held: &Held| if let Held::Gap { missed } = held { *missed } else { 0 };
        assert_eq!(backlog.held.iter().map(missing).sum::<u64>(), 2 * 9_999);
    }

    #[test]
    fn what_is_known_of_turns_does_not_pile_up() {
        let mut backlog = Backlog::default();
        let mut taken = VecDeque::new();
        for turn in 0..1000 {
            // One always stays unread, so that the backlog is never empty.
            for sequence in [0, 1] {
                backlog.push(diff(sequence, &turn.to_string()));
            }
            backlog.thin();
            backlog.push(output(2));
            backlog.thin();
            backlog.take(&mut taken);
            backlog.push(output(3));
        }
        assert!(backlog.latest.len() < 3 * FEW, "{}", backlog.latest.len());
    }

    #[test]
    fn a_consumer_takes_a_bounded_part() {
        let mut backlog = holding((0..3000).map(output));
        let all = backlog.size();
        let mut taken = VecDeque::new();
        let size = backlog.take(&mut taken);
        assert_eq!((taken.len(), size.total() + backlog.size().total()), (TAKEN_ENTRIES, all.total()));

        let large = "x".repeat(TAKEN_BYTES);
        let mut backlog = holding((0..3).map(|sequence| text(sequence, "a", &large)));
        taken.clear();
        backlog.take(&mut taken);
        assert_eq!(taken.len(), 1, "at least one, however large");
    }
}
