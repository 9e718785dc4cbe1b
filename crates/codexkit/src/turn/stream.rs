//! A turn that runs, as a stream of events.

use super::catch_up;
use super::clocks::{Clocks, Due, Idle, TurnLimits};
use super::control::TurnControl;
use super::fold::Fold;
use super::interrupt::InterruptWish;
use super::ledger::Ledger;
use super::meter::Meter;
use super::reconcile::{self, Known};
use super::run::Policy;
use super::stall;
use crate::asks::{Asks, TurnClaim};
use crate::budget::BudgetCap;
use crate::client::{Client, Entry, RECONNECTED, Subscription};
use crate::continuation::Continuation;
use crate::error::{Error, Result};
use crate::event::{Event, Resumed};
use crate::future::BoxFuture;
use crate::output::{InterruptedBy, TurnOutput};
use crate::protocol::types::TurnStatus;
use crate::protocol::{ThreadId, TurnId};
use crate::usage_limit::resets_at;
use futures_core::Stream;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, Sleep, sleep_until};

/// A turn that runs, as a stream of its events and at last its output.
///
/// Dropping it before its end interrupts the turn: an agent must not go on editing files because a caller has timed
/// out. [`detach`](Self::detach) lets it run on, and so does dropping a turn that was joined rather than started.
#[must_use = "dropping a turn interrupts it"]
pub struct Turn {
    client: Client,
    thread: ThreadId,
    turn: TurnId,
    /// Whether it ran before, and has got more input from here.
    joined: bool,
    /// Whether what the subscription holds may repeat what was told already.
    overlaps: bool,
    /// What is known already and comes before what the subscription holds.
    unread: VecDeque<Event>,
    subscription: Subscription,
    claim: TurnClaim,
    fold: Fold,
    ledger: Ledger,
    state: State,
    clocks: Clocks,
    on_idle: Idle,
    policy: Option<Policy>,
    wish: InterruptWish,
    /// Wakes the task when a clock may have run out. It is set late rather than at each event.
    alarm: Option<Pin<Box<Sleep>>>,
    /// The question to the server whether the turn has ended unnoticed.
    asking: Option<BoxFuture<'static, Known>>,
}

/// A turn that was opened, with all that is needed to watch it.
pub(super) struct Opened {
    pub(super) client: Client,
    pub(super) thread: ThreadId,
    pub(super) turn: TurnId,
    pub(super) joined: bool,
    pub(super) overlaps: bool,
    pub(super) unread: VecDeque<Event>,
    pub(super) subscription: Subscription,
    pub(super) claim: TurnClaim,
    pub(super) meter: Meter,
    pub(super) ledger: Ledger,
    pub(super) limits: TurnLimits,
    pub(super) on_idle: Idle,
    pub(super) policy: Option<Policy>,
}

/// What a point in time means for the turn.
enum Alarm {
    Clock(Due),
    Budget(BudgetCap),
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Its last event was seen.
    Over,
    /// It may run on, but the rest of it cannot be seen.
    Lost,
    /// Nobody wants to stop it.
    Detached,
}

impl Turn {
    pub(super) fn new(opened: Opened) -> Self {
        let Opened { client, thread, turn, joined, overlaps, subscription, unread, claim, .. } = opened;
        let Opened { meter, ledger, limits, on_idle, policy, .. } = opened;
        let mut fold = Fold::new(thread.clone(), turn.clone(), meter);
        if overlaps {
            // What was said before somebody listened is only in what was completed.
            fold.miss_pieces();
        }
        let turn = Self {
            client,
            fold,
            thread,
            turn,
            joined,
            overlaps,
            unread,
            subscription,
            claim,
            ledger,
            state: State::Running,
            clocks: Clocks::new(limits, Instant::now()),
            on_idle,
            policy,
            wish: InterruptWish::default(),
            alarm: None,
            asking: None,
        };
        turn.hold();
        turn
    }

    /// Has the turn end with the connection, if it was started here.
    fn hold(&self) {
        if !self.joined {
            self.client.own_turn(&self.turn);
        }
    }

    /// Lets the turn run on if the connection ends first.
    pub(super) fn let_go(&self) {
        if !self.joined {
            self.client.release_turn(&self.turn);
        }
    }

    /// The turn.
    pub fn id(&self) -> &TurnId {
        &self.turn
    }

    /// The thread that it runs on.
    pub fn thread(&self) -> &ThreadId {
        &self.thread
    }

    /// Steers or stops the turn while it is read.
    pub fn control(&self) -> TurnControl {
        TurnControl::new(self.client.clone(), self.thread.clone(), self.turn.clone(), self.wish.clone())
    }

    /// Takes what the agent asks in this turn as a stream, instead of handlers. Call it before the first event is read:
    /// reading events without having taken the asks leaves them to the handlers, and then there is nothing to take.
    ///
    /// Each ask has a deadline, [`Limits::ask_deadline`](crate::Limits::ask_deadline), and then gets the answer that permits
    /// nothing; so do those that are open when the stream of asks is dropped.
    pub fn take_asks(&mut self) -> Option<Asks> {
        Asks::take(&self.claim)
    }

    /// The next event; none after the end of the turn. Cancel safe.
    ///
    /// A turn that fails ends like any other: with [`Event::TurnCompleted`].
    ///
    /// # Errors
    ///
    /// - `Closed` or `Lagged` when the rest of the turn cannot be seen. The error carries what came until then.
    /// - `Stalled` when nothing was heard of the turn for too long and the server did not say that it has ended, and
    ///   `Timeout` when it took too long in all. The turn runs on, and the next call goes on waiting, unless
    ///   [`on_idle`](super::Run::on_idle) has it interrupted.
    pub async fn try_next(&mut self) -> Result<Option<Event>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Reads to the end and returns what the turn gave, failed and interrupted turns included; their
    /// [`status`](TurnOutput::status) tells.
    ///
    /// Not cancel safe: dropping the future interrupts the turn.
    ///
    /// # Errors
    ///
    /// As for [`try_next`](Self::try_next). The turn is then interrupted; the error carries what came until then.
    pub async fn finish(mut self) -> Result<TurnOutput> {
        while self.try_next().await?.is_some() {}
        let output = self.fold.take().finish();
        Ok(self.named(output))
    }

    pub(super) fn on_idle(&self) -> Idle {
        self.on_idle
    }

    /// The place of the last event in the order in which the connection received its notifications, whatever thread they
    /// were for; 0 before the first event. Two streams of a connection can be put in order by it.
    pub fn position(&self) -> u64 {
        self.subscription.position()
    }

    /// What the turn has given until now.
    pub fn output(&self) -> TurnOutput {
        self.named(self.fold.clone().finish())
    }

    /// The output, with what only the stream knows.
    fn named(&self, mut output: TurnOutput) -> TurnOutput {
        output.joined = self.joined;
        if output.hit_usage_limit() {
            output.limit_resets_at = self.client.rate_limits().as_ref().and_then(resets_at);
        }
        if output.status == TurnStatus::Interrupted {
            output.interrupted_by = Some(self.wish.granted());
        }
        if let Some(usage) = &mut output.usage {
            usage.agents = self.fold.agents(self.client.usage_of_agents(&self.thread));
        }
        output
    }

    /// Begins to wait for it anew, with these clocks.
    pub(super) fn watch_anew(&mut self, limits: TurnLimits) {
        self.clocks.set(limits, Instant::now());
        self.on_idle = Idle::Report;
        self.alarm = None;
        self.hold();
    }

    /// Lets go of its subscription, for whoever goes on listening when it is over.
    pub(crate) fn replace_subscription(&mut self, other: Subscription) -> Subscription {
        std::mem::replace(&mut self.subscription, other)
    }

    /// Whether its end is known, seen or not.
    pub(super) fn is_known_to_be_over(&self) -> bool {
        let ends = |event: &Event| matches!(event, Event::TurnCompleted(_));
        self.state == State::Over || self.unread.iter().any(ends) || !self.client.is_running(&self.turn)
    }

    /// Lets the turn run on without anybody watching. A server that this program has started still ends with its
    /// connection, and the turn with it; any other goes on with it.
    pub fn detach(mut self) {
        self.state = State::Detached;
        self.let_go();
    }

    /// What an entry of the thread's subscription says about this turn.
    fn view(&mut self, entry: Entry) -> Option<Event> {
        let (mut of_turn, mut method) = (false, None);
        if let Entry::Notification(notification) = &entry {
            method = Some(notification.raw.method.clone());
            if let Some(turn) = &notification.turn {
                if *turn != self.turn {
                    self.fold.hear_of_others(&entry);
                    return None;
                }
                of_turn = true;
            }
        }
        let resumed = match &entry {
            Entry::Notification(told) if told.method() == RECONNECTED => Some(Resumed::read(told)),
            _ => None,
        };
        let event = Event::from_entry(entry);
        self.clocks.heard(&event, method.as_deref(), of_turn, Instant::now());
        if of_turn {
            // It lives, so the answer to the question no longer matters.
            self.asking = None;
            if method.as_deref() == Some("turn/completed") {
                self.state = State::Over;
            }
        }
        if self.overlaps && catch_up::repeats(&event, &mut self.fold) {
            return None;
        }
        self.take_in(&event);
        if let Some(resumed) = resumed {
            self.catch_up(resumed);
        }
        Some(event)
    }

    /// The connection was made anew, and this is what the server knew of the thread by then.
    fn catch_up(&mut self, resumed: Resumed) {
        self.overlaps = true;
        self.fold.miss_pieces();
        if let Some(known) = resumed.turns.into_iter().find(|turn| turn.id == self.turn) {
            self.unread.extend(catch_up::missed(known, &self.fold));
        }
    }

    /// Adds an event to what is known of the turn, and does what the policy and the budget say about it.
    fn take_in(&mut self, event: &Event) {
        if matches!(event, Event::TurnCompleted(_)) {
            self.state = State::Over;
        }
        self.fold.add(event);
        if self.policy.as_ref().is_some_and(|policy| policy(event).is_break()) {
            self.interrupt(InterruptedBy::Policy);
        }
        let (tokens, calls) = self.fold.spent();
        if let Some(cap) = self.ledger.hear(event, tokens, calls) {
            self.exceed(cap);
        }
    }

    /// The turn has used up its budget.
    fn exceed(&mut self, cap: BudgetCap) {
        self.fold.exceed(cap);
        self.interrupt(InterruptedBy::Budget);
    }

    fn interrupt(&self, by: InterruptedBy) {
        self.wish.by(by);
        self.client.abandon_turn(&self.turn);
    }

    fn lost(&mut self, error: Error) -> Error {
        self.state = State::Lost;
        error.with_thread(&self.thread).with_turn(&self.turn).with_output(self.output())
    }

    /// Ready when the wait has to end: with the last event that was missed, or with an error.
    fn poll_clocks(&mut self, context: &mut Context<'_>) -> Poll<Result<Event>> {
        loop {
            if let Some(asking) = &mut self.asking {
                let known = ready!(asking.as_mut().poll(context));
                self.asking = None;
                if let Some(outcome) = self.told(known) {
                    return Poll::Ready(outcome);
                }
            }
            let clock = self.clocks.due().map(|(at, due)| (at, Alarm::Clock(due)));
            let time = self.ledger.due().map(|(at, cap)| (at, Alarm::Budget(cap)));
            let next = clock.into_iter().chain(time).min_by_key(|(at, _)| *at);
            let Some((at, due)) = next else { return Poll::Pending };
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
            if alarm.deadline() > at {
                alarm.as_mut().reset(at);
            }
            ready!(alarm.as_mut().poll(context));
            if Instant::now() < at {
                alarm.as_mut().reset(at);
                continue;
            }
            match due {
                Alarm::Clock(Due::Idle) => {
                    let asking = reconcile::ask(self.client.clone(), self.thread.clone(), self.turn.clone());
                    self.asking = Some(Box::pin(asking));
                }
                Alarm::Clock(due) => return Poll::Ready(Err(self.stalled(due))),
                Alarm::Budget(cap) => {
                    self.ledger.stop();
                    self.exceed(cap);
                }
            }
        }
    }

    /// What follows from the server's word about a silent turn.
    fn told(&mut self, known: Known) -> Option<Result<Event>> {
        match known {
            Known::Ended(turn) => {
                let event = Event::TurnCompleted(turn);
                self.take_in(&event);
                Some(Ok(event))
            }
            Known::Running if self.clocks.is_excused() => {
                self.clocks.begin_anew(Instant::now());
                None
            }
            Known::Running | Known::Unclear => Some(Err(self.stalled(Due::Idle))),
        }
    }

    fn stalled(&mut self, due: Due) -> Error {
        let now = Instant::now();
        let continuation = Continuation::new(self.thread.clone(), self.turn.clone(), self.position());
        let error = stall::error(due, &self.clocks, continuation, self.client.stderr_tail(), now);
        self.clocks.begin_anew(now);
        if self.on_idle == Idle::Interrupt {
            self.interrupt(InterruptedBy::Clock);
        }
        error.with_thread(&self.thread).with_turn(&self.turn).with_output(self.output())
    }
}

impl Stream for Turn {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.claim.settle();
        while self.state == State::Running {
            if let Some(event) = self.unread.pop_front() {
                self.take_in(&event);
                return Poll::Ready(Some(Ok(event)));
            }
            match self.subscription.poll_next(context) {
                Poll::Ready(Ok(entry)) => {
                    if let Some(event) = self.view(entry) {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(self.lost(error)))),
                Poll::Pending => return self.poll_clocks(context).map(Some),
            }
        }
        Poll::Ready(None)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if matches!(self.state, State::Running | State::Lost) && !self.joined {
            self.client.abandon_turn(&self.turn);
        }
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Turn");
        debug.field("id", &self.turn).field("thread", &self.thread).field("state", &self.state);
        debug.finish_non_exhaustive()
    }
}
