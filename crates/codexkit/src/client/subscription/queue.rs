//! The unread notifications of one subscription, bounded by their bytes.

use super::backlog::{Backlog, Size};
use super::policy::{self, Held};
use crate::client::notification::Notification;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The bytes that all subscriptions of a connection may keep together; with completions, twice as many.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    others: AtomicUsize,
    completions: AtomicUsize,
    queues: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        let (others, completions) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { limit, others, completions, queues: AtomicUsize::new(0) }
    }

    /// What each subscription may keep even when the others have used up everything.
    fn fair_share(&self) -> usize {
        self.limit / self.queues.load(Ordering::Relaxed).max(1)
    }

    fn is_exceeded(&self) -> bool {
        self.others.load(Ordering::Relaxed) > self.limit
    }

    fn is_exceeded_with_completions(&self) -> bool {
        let used = self.others.load(Ordering::Relaxed) + self.completions.load(Ordering::Relaxed);
        used > self.limit.saturating_mul(2)
    }

    fn change(&self, before: Size, after: Size) {
        // They wrap around, so what is added may be less than nothing.
        self.others.fetch_add(after.others.wrapping_sub(before.others), Ordering::Relaxed);
        self.completions.fetch_add(after.completions.wrapping_sub(before.completions), Ordering::Relaxed);
    }
}

/// The unread notifications of one subscription. The reader pushes and never waits; the consumer takes.
#[derive(Debug)]
pub(crate) struct Queue {
    unread: Mutex<Unread>,
    budget: Arc<Budget>,
    /// Beyond these bytes, texts are joined and output is left out.
    soft_limit: usize,
}

#[derive(Debug, Default)]
struct Unread {
    backlog: Backlog,
    /// What the consumer has taken last. It counts as long as the consumer does not come for more.
    lent: Size,
    ended: Option<Error>,
    waker: Option<Waker>,
}

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
            let backlog = &mut unread.backlog;
            self.change(backlog, |backlog| backlog.push(notification));
            if self.is_crowded(backlog) {
                self.change(backlog, Backlog::join_texts);
            }
            if self.is_crowded(backlog) {
                self.change(backlog, Backlog::thin);
            }
            if !self.fits(backlog, completion) {
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

    /// Moves unread entries to `taken`, which is empty: what was taken before counts as read. Ready with the reason
    /// once there is nothing more to come.
    pub(super) fn poll_take(
        &self,
        taken: &mut VecDeque<Held>,
        context: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        let mut unread = lock(&self.unread);
        self.budget.change(std::mem::take(&mut unread.lent), Size::default());
        if unread.backlog.is_empty() {
            if let Some(why) = &unread.ended {
                return Poll::Ready(Err(why.clone()));
            }
            unread.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        unread.lent = unread.backlog.take(taken);
        Poll::Ready(Ok(()))
    }

    /// Changes what is unread, and the budget with it.
    fn change(&self, backlog: &mut Backlog, change: impl FnOnce(&mut Backlog)) {
        let before = backlog.size();
        change(backlog);
        self.budget.change(before, backlog.size());
    }

    /// Whether the subscription is beyond what it may keep without losing anything droppable.
    fn is_crowded(&self, backlog: &Backlog) -> bool {
        let size = backlog.size();
        let exceeded = self.budget.is_exceeded() || self.budget.is_exceeded_with_completions();
        size.others > self.soft_limit || (exceeded && size.total() > self.budget.fair_share())
    }

    /// Whether what was just pushed may stay: the budget allows it, or it is others than this subscription that have
    /// used the budget up.
    fn fits(&self, backlog: &Backlog, completion: bool) -> bool {
        let (exceeded, bytes) = match completion {
            true => (self.budget.is_exceeded_with_completions(), backlog.size().total()),
            false => (self.budget.is_exceeded(), backlog.size().others),
        };
        !exceeded || bytes <= self.budget.fair_share()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let unread = lock(&self.unread);
        self.budget.change(unread.backlog.size(), Size::default());
        self.budget.change(unread.lent, Size::default());
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

/// What tests look at.
#[cfg(test)]
mod insight {
    use super::super::policy::{Entry, Fate};
    use super::*;

    impl Budget {
        pub(crate) fn used(&self) -> usize {
            self.others.load(Ordering::Relaxed) + self.completions.load(Ordering::Relaxed)
        }

        pub(crate) fn limit(&self) -> usize {
            self.limit
        }
    }

    impl Queue {
        /// All that is unread, without waiting for more.
        pub(crate) fn drain(&self) -> Vec<Entry> {
            let (mut taken, mut all) = (VecDeque::new(), Vec::new());
            let mut context = Context::from_waker(Waker::noop());
            while let Poll::Ready(Ok(())) = self.poll_take(&mut taken, &mut context) {
                all.extend(taken.drain(..).map(Entry::from));
            }
            all
        }

        pub(crate) fn has_ended(&self) -> bool {
            lock(&self.unread).ended.is_some()
        }

        /// The bytes of all that is unread or lent, counted one by one.
        pub(crate) fn counted(&self) -> usize {
            let unread = lock(&self.unread);
            unread.backlog.held().map(Held::cost).sum::<usize>() + unread.lent.total()
        }

        pub(crate) fn unread_others(&self) -> usize {
            lock(&self.unread).backlog.size().others
        }

        pub(crate) fn holds_droppable(&self) -> bool {
            let droppable = |held: &Held| {
                !matches!(held, Held::Gap { .. }) && matches!(held.fate(), Fate::LeftOut { .. })
            };
            lock(&self.unread).backlog.held().any(droppable)
        }
    }
}
