//! What the tasks of a connection share.

use super::compatibility::Abilities;
use super::context::Incoming;
use super::gate::Gate;
use super::outbox::Outbox;
use super::pending::{Answer, Forgotten, Purpose, StartingTurn};
use super::state::{Effects, State};
use super::subscription::{Budget, Filter, Queue, Subscription};
use crate::error::{CloseReason, Closed, Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::protocol::route::RouteKey;
use crate::protocol::{ThreadId, TurnId, Version};
use crate::sync::lock;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::timeout;

/// How long the end of a turn is waited for that nobody wants any more, or that was interrupted because a clock ran out.
pub(crate) const LEAVING: Duration = Duration::from_secs(10);

/// What the tasks of a connection share.
#[derive(Debug)]
pub(crate) struct Core {
    state: Mutex<State>,
    pub(super) outbox: Outbox,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
    budget: Arc<Budget>,
    asks: mpsc::Sender<Incoming>,
    phase: watch::Sender<Phase>,
    /// Told whenever a turn was announced or has ended.
    turns_changed: Notify,
    /// The largest message that the transport takes.
    largest_message: Option<usize>,
    /// Known once the handshake has told; another server may be there after a new one.
    abilities: Mutex<Option<Abilities>>,
}

/// How far the connection has come.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// It works.
    Open,
    /// It is being taken down, for this first reason.
    Closing(CloseReason),
    /// What was decided on still goes out, and then nothing more.
    Last,
    /// Nothing of it is left.
    Ended(Closed),
}

impl Phase {
    /// Whether no more messages are to be written than those that were decided on.
    pub(super) fn is_last(&self) -> bool {
        matches!(self, Self::Last | Self::Ended(_))
    }
}

impl Core {
    /// The core, and where the requests of the server come out.
    pub(super) fn new(
        limits: Limits,
        outbox: Outbox,
        largest_message: Option<usize>,
        relinks: bool,
    ) -> (Arc<Self>, mpsc::Receiver<Incoming>) {
        let (asks, asks_receiver) = mpsc::channel(limits.open_asks.max(1));
        let core = Arc::new(Self {
            state: Mutex::new(State::new(&limits, relinks)),
            outbox,
            gate: Gate::new(limits.calls_in_flight),
            budget: Arc::new(Budget::new(limits.subscriptions)),
            limits,
            asks,
            phase: watch::Sender::new(Phase::Open),
            turns_changed: Notify::new(),
            largest_message,
            abilities: Mutex::default(),
        });
        (core, asks_receiver)
    }

    /// Changes the state, then does what follows from it.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut State, &mut Effects) -> T) -> T {
        let mut effects = Effects::default();
        let outcome = change(&mut lock(&self.state), &mut effects);
        self.apply(effects);
        outcome
    }

    fn apply(&self, mut effects: Effects) {
        for same_queue in effects.deliveries.chunk_by(|one, two| Arc::ptr_eq(&one.0, &two.0)) {
            same_queue[0].0.push(same_queue.iter().map(|(_, notification)| notification.clone()));
        }
        effects.answer_callers();
        if effects.turns_changed {
            self.turns_changed.notify_waiters();
        }
        for ask in effects.asks {
            // There are as many places as asks may be open.
            if self.asks.try_send(ask).is_err() {
                tracing::debug!("a request of the server came while the connection was closing");
            }
        }
        for outgoing in effects.outgoing {
            if self.outbox.push_control(outgoing).is_err() {
                self.begin_close(CloseReason::Protocol("the server no longer reads its input".into()));
            }
        }
    }

    /// Takes a place among the pending calls; an error says why the connection has ended.
    pub(super) fn register(self: &Arc<Self>, start: Option<StartTurn>) -> Result<CallGuard> {
        let (waiter, answer) = oneshot::channel();
        let (id, joinable) = self.update(|state, _| {
            if let Some(why) = state.closed() {
                return Err(why.clone());
            }
            let Some(StartTurn { thread, exclusive, owned }) = start else {
                return Ok((state.pending.add(Some(waiter), Purpose::Call), None));
            };
            let joinable = state.turns.active(&thread).cloned();
            if exclusive && (joinable.is_some() || state.pending.starting(&thread).next().is_some()) {
                return Err(busy_error(&thread));
            }
            let starting = StartingTurn { thread, joinable: joinable.clone(), owned, completed: Vec::new() };
            Ok((state.pending.add(Some(waiter), Purpose::StartTurn(starting)), Some(joinable)))
        })?;
        Ok(CallGuard { core: self.clone(), id, answer, starts_turn_unless: joinable })
    }

    /// Why the connection has ended, once a wait was cut off by it.
    pub(super) fn closed_error(&self) -> Error {
        let recorded = lock(&self.state).closed().cloned();
        recorded.unwrap_or_else(|| {
            let text = "the connection broke while this was under way, and is made anew; whether the server has carried it \
                        out is not known";
            Error::new(ErrorKind::Disconnected, text)
        })
    }

    pub(super) fn subscribe(self: &Arc<Self>, filter: Filter) -> Result<Subscription> {
        let queue = Arc::new(Queue::new(self.limits.subscription, self.budget.clone()));
        self.update(|state, _| match state.closed() {
            Some(why) => Err(why.clone()),
            None => {
                state.router.subscribe(&filter, queue.clone());
                Ok(())
            }
        })?;
        Ok(Subscription::new(self.clone(), filter, queue))
    }

    pub(super) fn unsubscribe(&self, filter: &Filter, queue: &Arc<Queue>) {
        self.update(|state, _| state.router.unsubscribe(filter, queue));
    }

    /// Waits until a turn was announced, or never will be.
    pub(super) async fn announced(&self, turn: &TurnId) {
        self.turns_change(|state| !state.turns.is_unannounced(turn)).await;
    }

    /// Fails with `Busy` while a turn runs on a thread, other than one that is about to be interrupted: that is waited for.
    pub(super) async fn not_busy(&self, thread: &ThreadId) -> Result<()> {
        let left = self.turns_change(|state| !state.turns.is_leaving(thread));
        // If it does not leave in time, the thread is busy.
        let _ = timeout(LEAVING, left).await;
        match self.update(|state, _| state.turns.active(thread).is_some()) {
            true => Err(busy_error(thread)),
            false => Ok(()),
        }
    }

    /// Waits until no turn runs or is being started on a thread.
    pub(super) async fn free(&self, thread: &ThreadId) {
        self.turns_change(|state| {
            state.turns.active(thread).is_none() && state.pending.starting(thread).next().is_none()
        })
        .await;
    }

    /// Waits for a change of the turns after which this holds, or for the end.
    async fn turns_change(&self, holds: impl Fn(&mut State) -> bool) {
        self.turns_settle(|state| state.closed().is_some() || holds(state)).await;
    }

    /// Waits until no turn is left that has to be stopped before the connection may end.
    pub(super) async fn stopped(&self) {
        self.turns_settle(|state| !state.stops_turns()).await;
    }

    /// Waits for a change of the turns after which this holds.
    async fn turns_settle(&self, holds: impl Fn(&mut State) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.turns_changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            if self.update(|state, _| holds(state)) {
                return;
            }
            changed.await;
        }
    }

    /// Has a turn interrupted as soon as the server lets it, unless it has ended.
    pub(crate) fn abandon_turn(&self, turn: &TurnId) {
        self.update(|state, effects| state.abandon_turn(turn, effects));
    }

    /// Notes that somebody holds a turn: it does not outlive the connection.
    pub(super) fn own_turn(&self, turn: &TurnId) {
        self.update(|state, _| state.turns.own(turn));
    }

    /// Lets a turn run on that has an owner: it outlives the connection if the server does.
    pub(super) fn release_turn(&self, turn: &TurnId) {
        self.update(|state, _| state.turns.release(turn));
    }

    /// Whether the transport takes a message.
    pub(super) fn check_size(&self, message: &str) -> Result<()> {
        match self.largest_message {
            Some(largest) if message.len() > largest => Err(too_large(message.len(), largest)),
            _ => Ok(()),
        }
    }

    /// Keeps what the handshake has told about the server.
    pub(super) fn learn(&self, version: Option<Version>, experimental_api: bool) {
        *lock(&self.abilities) = Some(Abilities { version, experimental_api });
    }

    /// What the server can do, once the handshake has told.
    pub(super) fn abilities(&self) -> Option<Abilities> {
        *lock(&self.abilities)
    }

    /// The threads whose events have to come here.
    pub(super) fn threads_to_resume(&self) -> Vec<ThreadId> {
        self.update(|state, _| state.threads_to_resume())
    }

    /// Asks the supervisor to take the connection down. The first reason counts.
    pub(super) fn begin_close(&self, reason: CloseReason) {
        self.phase.send_if_modified(|phase| match phase {
            Phase::Open => {
                *phase = Phase::Closing(reason);
                true
            }
            _ => false,
        });
    }

    /// Has the writer send what was decided on, and then nothing more.
    pub(super) fn finish_writing(&self) {
        self.phase.send_if_modified(|phase| {
            let goes_on = !phase.is_last();
            if goes_on {
                *phase = Phase::Last;
            }
            goes_on
        });
    }

    /// Nothing of the connection is left.
    pub(super) fn ended(&self, closed: Closed) {
        self.phase.send_replace(Phase::Ended(closed));
    }

    /// To follow how far the connection has come.
    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }
}

/// A call that starts a turn.
#[derive(Clone, Debug)]
pub(super) struct StartTurn {
    pub(super) thread: ThreadId,
    /// Whether it is refused while another turn runs on the thread, rather than joined to it.
    pub(super) exclusive: bool,
    /// Whether its caller gets to hold the turn.
    pub(super) owned: bool,
}

/// The place of a pending call. Dropping it gives the call up.
#[derive(Debug)]
pub(super) struct CallGuard {
    core: Arc<Core>,
    id: i64,
    answer: oneshot::Receiver<Answer>,
    /// For a `turn/start`: the turn that it may have joined instead, if one was running.
    starts_turn_unless: Option<Option<TurnId>>,
}

impl CallGuard {
    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// The turn that the call may have joined.
    pub(super) fn joinable(&self) -> Option<TurnId> {
        self.starts_turn_unless.clone().flatten()
    }

    /// Waits for the answer. An error is the reason why none can come any more.
    pub(super) async fn answer(&mut self) -> Result<Answer> {
        (&mut self.answer).await.map_err(|_| self.core.closed_error())
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        self.core.update(|state, effects| {
            effects.turns_changed |= self.starts_turn_unless.is_some();
            if state.pending.forget(self.id) == Forgotten::Abandoned {
                return;
            }
            // The answer to a `turn/start` may have come in the very moment in which its caller went.
            if let (Some(joinable), Ok(Ok(result))) = (&self.starts_turn_unless, self.answer.try_recv())
                && let Some(turn) = RouteKey::peek(&result).turn.map(TurnId::new)
                && joinable.as_ref() != Some(&turn)
            {
                state.abandon_turn(&turn, effects);
            }
        });
    }
}

fn too_large(length: usize, largest: usize) -> Error {
    let text = format!(
        "a message of {length} bytes is larger than the {largest} that the server takes on this transport; send less at \
         once, or name files instead of their content"
    );
    Error::new(ErrorKind::InputTooLarge, text)
}

fn busy_error(thread: &ThreadId) -> Error {
    Error::new(
        ErrorKind::Busy,
        "a turn is running on this thread already; wait for its end, by `on_busy(Busy::Wait(..))` if need be, steer it, or use \
         another thread",
    )
    .with_thread(thread)
}
