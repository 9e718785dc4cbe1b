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

/// The bytes that all subscriptions of a connection may keep together: so many, and as many again of completions.
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

    fn are_completions_exceeded(&self) -> bool {
        self.completions.load(Ordering::Relaxed) > self.limit
    }

    fn take(&self, size: Size) {
        self.others.fetch_add(size.others, Ordering::Relaxed);
        self.completions.fetch_add(size.completions, Ordering::Relaxed);
    }

    fn give_back(&self, size: Size) {
        self.others.fetch_sub(size.others, Ordering::Relaxed);
        self.completions.fetch_sub(size.completions, Ordering::Relaxed);
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
        self.budget.give_back(std::mem::take(&mut unread.lent));
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
        // In this order, so that it is never less than nothing.
        self.budget.take(backlog.size());
        self.budget.give_back(before);
    }

    /// Whether the subscription is beyond what it may keep without losing anything droppable.
    fn is_crowded(&self, backlog: &Backlog) -> bool {
        let bytes = backlog.size().others;
        bytes > self.soft_limit || (self.budget.is_exceeded() && bytes > self.budget.fair_share())
    }

    /// Whether what was just pushed may stay: there is room for it, or others than this subscription have used it up.
    fn fits(&self, backlog: &Backlog, completion: bool) -> bool {
        let size = backlog.size();
        match completion {
            true => {
                !self.budget.are_completions_exceeded() || size.completions <= self.budget.fair_share()
            }
            false => !self.budget.is_exceeded() || size.others <= self.budget.fair_share(),
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let unread = lock(&self.unread);
        self.budget.give_back(unread.backlog.size());
        self.budget.give_back(unread.lent);
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
