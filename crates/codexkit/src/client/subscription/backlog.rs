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
    pub(super) fn of(held: &Held) -> Self {
        match held.cost() {
            cost if held.is_completion() => Self { completions: cost, others: 0 },
            cost => Self { completions: 0, others: cost },
        }
    }

    fn add(&mut self, held: &Held) {
        let size = Self::of(held);
        self.completions += size.completions;
        self.others += size.others;
    }

    fn subtract(&mut self, held: &Held) {
        let size = Self::of(held);
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
    /// Where the latest ones are among the thinned, counted from the first that ever waited here.
    latest: HashMap<LatestKey, u64>,
    /// How many were taken, or removed from the front, before the first.
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

    /// Leaves out what may be left out, with a mark in each place where something is missing.
    pub(super) fn thin(&mut self) {
        if self.holes.max(self.latest.len()) > FEW + self.held.len() / 2 {
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
        let before = self.size;
        let enough = before.completions + before.others;
        let enough = enough.saturating_sub(TAKEN_BYTES);
        for _ in 0..TAKEN_ENTRIES {
            let Some(held) = self.held.pop_front() else { break };
            self.size.subtract(&held);
            taken.push_back(held);
            self.gone += 1;
            self.joined = self.joined.saturating_sub(1);
            self.thinned = self.thinned.saturating_sub(1);
            if self.size.completions + self.size.others < enough {
                break;
            }
        }
        if self.held.is_empty() {
            self.held.shrink_to(TAKEN_ENTRIES);
        }
        Size {
            completions: before.completions - self.size.completions,
            others: before.others - self.size.others,
        }
    }

    fn append(&mut self, held: Held) {
        self.size.add(&held);
        self.held.push_back(held);
    }

    /// Takes off what is at `from` and behind it.
    fn cut(&mut self, from: usize) -> VecDeque<Held> {
        let cut = self.held.split_off(from);
        cut.iter().for_each(|held| self.size.subtract(held));
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
            self.size.others -= before.others;
            self.size.add(last);
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
            let superseded = std::mem::replace(&mut self.held[index], Held::Gap { missed: 1 });
            self.size.subtract(&superseded);
            self.size.add(&Held::Gap { missed: 1 });
            self.holes += 1;
        }
    }
}
