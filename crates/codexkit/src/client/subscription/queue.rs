//! The unread notifications of one subscription, bounded by their bytes.

use super::policy::{self, Entry};
use crate::client::notification::Notification;
use crate::error::{Error, ErrorKind};
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The bytes that all subscriptions of a connection may keep together.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    used: AtomicUsize,
    queues: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), queues: AtomicUsize::new(0) }
    }

    /// What each subscription may keep even when the others have used up everything.
    fn fair_share(&self) -> usize {
        self.limit / self.queues.load(Ordering::Relaxed).max(1)
    }

    fn is_exceeded(&self) -> bool {
        self.used.load(Ordering::Relaxed) > self.limit
    }
}

/// The unread notifications of one subscription. The reader pushes and never waits; the consumer takes.
#[derive(Debug)]
pub(crate) struct Queue {
    unread: Mutex<Unread>,
    budget: Arc<Budget>,
    /// Beyond these bytes, texts are merged and output is left out.
    soft_limit: usize,
}

#[derive(Debug, Default)]
struct Unread {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The bytes that the last compaction left; the next one waits until they have grown a good deal.
    compacted: usize,
    ended: Option<Error>,
    waker: Option<Waker>,
}

/// How many entries a consumer takes at once.
const TAKEN_AT_ONCE: usize = 1024;

impl Queue {
    pub(crate) fn new(soft_limit: usize, budget: Arc<Budget>) -> Self {
        budget.queues.fetch_add(1, Ordering::Relaxed);
        Self { unread: Mutex::default(), budget, soft_limit }
    }

    /// Adds notifications in their order. It makes room as the policy allows, and ends the subscription when
    /// what may not be lost does not fit.
    pub(crate) fn push(&self, notifications: impl IntoIterator<Item = Arc<Notification>>) {
        let mut unread = lock(&self.unread);
        for notification in notifications {
            if unread.ended.is_some() {
                break;
            }
            let completion = policy::is_completion(notification.method());
            self.add(&mut unread, Entry::Notification(notification));
            self.make_room(&mut unread);
            if !self.fits(&unread, completion) {
                unread.ended = Some(lagged());
            }
        }
        let waker = unread.waker.take();
        drop(unread);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends the subscription after what it holds already. The first end counts.
    pub(crate) fn end(&self, why: &Error) {
        let mut unread = lock(&self.unread);
        unread.ended.get_or_insert_with(|| why.clone());
        let waker = unread.waker.take();
        drop(unread);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Moves unread entries to `taken`, which is empty. Ready with the reason once there is nothing more to come.
    pub(crate) fn poll_take(
        &self,
        taken: &mut VecDeque<Entry>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let mut unread = lock(&self.unread);
        if unread.entries.is_empty() {
            if let Some(why) = &unread.ended {
                return Poll::Ready(Err(why.clone()));
            }
            unread.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        let count = unread.entries.len().min(TAKEN_AT_ONCE);
        taken.extend(unread.entries.drain(..count));
        let bytes = taken.iter().map(Entry::cost).sum();
        unread.bytes -= bytes;
        unread.compacted = unread.compacted.min(unread.bytes);
        self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
        if unread.entries.is_empty() {
            unread.entries.shrink_to(TAKEN_AT_ONCE);
        }
        Poll::Ready(Ok(()))
    }

    fn add(&self, unread: &mut Unread, entry: Entry) {
        let bytes = entry.cost();
        unread.entries.push_back(entry);
        unread.bytes += bytes;
        self.budget.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether the subscription is beyond what it may keep without losing anything droppable.
    fn is_crowded(&self, unread: &Unread) -> bool {
        unread.bytes > self.soft_limit
            || (self.budget.is_exceeded() && unread.bytes > self.budget.fair_share())
    }

    fn make_room(&self, unread: &mut Unread) {
        let worthwhile = unread.compacted + unread.compacted / 4 + self.soft_limit / 16;
        if !self.is_crowded(unread) || unread.bytes < worthwhile {
            return;
        }
        self.rebuild(unread, policy::merge_texts);
        if unread.bytes > self.soft_limit / 4 * 3 || self.is_crowded(unread) {
            self.rebuild(unread, policy::drop_output);
        }
        unread.compacted = unread.bytes;
    }

    fn rebuild(&self, unread: &mut Unread, change: fn(VecDeque<Entry>) -> VecDeque<Entry>) {
        let before = unread.bytes;
        unread.entries = change(std::mem::take(&mut unread.entries));
        unread.bytes = unread.entries.iter().map(Entry::cost).sum();
        self.budget.used.fetch_sub(before, Ordering::Relaxed);
        self.budget.used.fetch_add(unread.bytes, Ordering::Relaxed);
    }

    /// What may not be left out fits as long as the connection's budget does; completions have as much again.
    fn fits(&self, unread: &Unread, completion: bool) -> bool {
        let allowed = if completion { self.budget.limit.saturating_mul(2) } else { self.budget.limit };
        unread.bytes <= self.budget.fair_share().max(self.soft_limit.min(allowed))
            || self.budget.used.load(Ordering::Relaxed) <= allowed
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let bytes = lock(&self.unread).bytes;
        self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
        self.budget.queues.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lagged() -> Error {
    Error::new(
        ErrorKind::Lagged,
        "events were not read in time and no longer fit in memory; read faster, raise `Limits::subscriptions`, \
         or read the thread's stored items",
    )
}
