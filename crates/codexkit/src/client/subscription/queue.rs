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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RawNotification;
    use serde_json::value::RawValue;

    const LIMIT: usize = 100_000;

    fn notification(method: &str, cost: usize) -> Arc<Notification> {
        let of = |filling: usize| {
            let params = RawValue::from_string(format!("\"{}\"", "z".repeat(filling))).unwrap();
            let raw = RawNotification::new(method, params);
            Notification { sequence: 1, raw, thread: None, turn: None }
        };
        let filled = Arc::new(of(cost - of(0).cost()));
        assert_eq!(filled.cost(), cost);
        filled
    }

    fn push(queue: &Queue, method: &str, cost: usize) {
        queue.push([notification(method, cost)]);
    }

    fn queues<const N: usize>(soft_limit: usize) -> (Arc<Budget>, [Queue; N]) {
        let budget = Arc::new(Budget::new(LIMIT));
        let queues = std::array::from_fn(|_| Queue::new(soft_limit, budget.clone()));
        (budget, queues)
    }

    #[test]
    fn what_may_not_be_lost_fits_up_to_the_budget_and_no_further() {
        let (_, [queue]) = queues(10);
        push(&queue, "item/started", LIMIT / 2);
        push(&queue, "item/started", LIMIT / 2);
        assert!(!queue.has_ended());
        push(&queue, "item/started", 1000);
        assert!(queue.has_ended());
        push(&queue, "item/started", 1000);
        assert_eq!(queue.drain().len(), 3, "what it holds can be read; nothing comes after its end");
    }

    #[test]
    fn completions_have_a_place_beyond_what_fills_the_budget() {
        let (_, [queue]) = queues(LIMIT);
        push(&queue, "item/started", LIMIT - 1000);
        push(&queue, "item/completed", LIMIT);
        push(&queue, "thread/status/changed", 1000);
        assert!(!queue.has_ended(), "a completion takes no place away");
        push(&queue, "turn/completed", 1000);
        assert!(queue.has_ended(), "twice the budget is full");
    }

    #[test]
    fn each_keeps_its_fair_share_when_another_has_used_up_everything() {
        let (_, [greedy, modest]) = queues(LIMIT);
        push(&greedy, "item/started", LIMIT);
        assert!(!greedy.has_ended());
        push(&modest, "item/started", LIMIT / 2);
        assert!(!modest.has_ended());
        push(&modest, "item/commandExecution/outputDelta", 1000);
        assert!(!modest.holds_droppable() && modest.has_ended(), "a mark no longer fits");
        push(&greedy, "item/started", 1000);
        assert!(greedy.has_ended());

        drop(modest);
        let (_, [_greedy, modest]) = queues(LIMIT);
        push(&modest, "item/completed", LIMIT + 1000);
        assert!(!modest.has_ended());
    }

    #[test]
    fn completions_of_another_leave_the_fair_share_as_well() {
        let (_, [greedy, modest]) = queues(LIMIT);
        push(&greedy, "item/completed", 2 * LIMIT);
        assert!(!greedy.has_ended());
        push(&modest, "item/completed", LIMIT / 2);
        assert!(!modest.has_ended());
        push(&modest, "item/completed", 1000);
        assert!(modest.has_ended());
    }

    #[test]
    fn output_stays_until_the_limit_is_passed() {
        let (_, [queue]) = queues(10_000);
        push(&queue, "item/commandExecution/outputDelta", 5000);
        push(&queue, "item/commandExecution/outputDelta", 5000);
        push(&queue, "item/completed", 5000);
        assert!(queue.holds_droppable());
        push(&queue, "item/started", 1000);
        assert!(!queue.holds_droppable());
    }

    #[test]
    fn output_goes_when_the_budget_is_used_up_and_the_fair_share_too() {
        let output = "item/commandExecution/outputDelta";
        let (budget, [greedy, modest]) = queues(10 * LIMIT);
        push(&modest, output, LIMIT / 2 - 1000);
        push(&greedy, "item/started", LIMIT);
        push(&modest, output, 1000);
        assert!(modest.holds_droppable(), "its share is not used up");
        push(&modest, output, 1000);
        assert!(!modest.holds_droppable() && !modest.has_ended());
        assert!(budget.used() < LIMIT + 1000);

        let (_budget, [_greedy, modest]) = queues(10 * LIMIT);
        push(&modest, output, LIMIT / 2 + 1000);
        assert!(modest.holds_droppable(), "the budget is not used up");
    }

    #[test]
    fn what_the_consumer_has_taken_counts_until_it_comes_again() {
        let (budget, [queue]) = queues(LIMIT);
        push(&queue, "item/started", 1000);
        let (mut taken, mut context) = (VecDeque::new(), Context::from_waker(Waker::noop()));
        assert!(queue.poll_take(&mut taken, &mut context).is_ready());
        assert_eq!((taken.len(), budget.used()), (1, 1000));
        assert!(queue.poll_take(&mut taken, &mut context).is_pending());
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn the_first_end_counts() {
        let (_, [queue]) = queues(LIMIT);
        queue.end(&Error::new(ErrorKind::Closed, "first"));
        queue.end(&Error::new(ErrorKind::Usage, "second"));
        let end = queue.poll_take(&mut VecDeque::new(), &mut Context::from_waker(Waker::noop()));
        assert!(matches!(end, Poll::Ready(Err(error)) if error.kind() == ErrorKind::Closed));
    }

    #[test]
    fn the_consumer_is_woken_by_what_comes_and_by_the_end() {
        struct Count(AtomicUsize);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (_, [queue]) = queues(LIMIT);
        let woken = Arc::new(Count(AtomicUsize::new(0)));
        let waker = woken.clone().into();
        let (mut taken, mut context) = (VecDeque::new(), Context::from_waker(&waker));
        assert!(queue.poll_take(&mut taken, &mut context).is_pending());
        push(&queue, "item/started", 1000);
        push(&queue, "item/started", 1000);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "once is enough");
        assert!(queue.poll_take(&mut taken, &mut context).is_ready());
        assert!(queue.poll_take(&mut taken, &mut context).is_pending());
        queue.end(&Error::new(ErrorKind::Closed, "end"));
        assert_eq!(woken.0.load(Ordering::Relaxed), 2);
    }
}
