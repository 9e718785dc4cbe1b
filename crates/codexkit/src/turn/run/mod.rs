//! A turn that is about to be started, by whatever starts it.

mod open;
mod others;
mod prompt;

pub use open::Busy;
pub(crate) use open::Watch;
pub use others::{Compaction, Review, ShellCommand};

use super::clocks::{Idle, TurnLimits};
use super::stream::Turn;
use crate::asks::agent_ask_setters;
use crate::budget::Budget;
use crate::client::LEAVING;
use crate::error::Result;
use crate::event::Event;
use crate::future::BoxFuture;
use crate::output::TurnOutput;
use crate::protocol::Request;
use crate::protocol::types::TurnStartParams;
use std::fmt;
use std::future::IntoFuture;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A turn that is about to be started. Await it for the output of a completed turn, or end it with
/// [`outcome`](Self::outcome) or [`stream`](Self::stream).
///
/// `R` is the request that starts it: a prompt from [`Thread::run`](crate::Thread::run), a review from
/// [`Thread::review`](crate::Thread::review), and others. Options of a prompt stay in force for later turns of the thread,
/// too, but for the output schema and what is said to be for this turn: so the server does it.
///
/// Cancel safe: dropping the future interrupts the turn.
///
/// # Errors
///
/// When it could not be started, as for [`stream`](Self::stream); when its end could not be seen, as for [`Turn::try_next`];
/// when it was not completed, as for [`TurnOutput::into_result`]; `Stalled` or `Timeout` when one of its clocks ran out.
#[derive(Clone)]
#[must_use = "a turn is started when this is awaited or streamed"]
pub struct Run<R = TurnStartParams> {
    watch: Watch,
    params: R,
}

/// What a program decides about a turn by its events.
pub(super) type Policy = Arc<dyn Fn(&Event) -> ControlFlow<()> + Send + Sync>;

impl<R> Run<R> {
    pub(crate) fn new(watch: Watch, params: R) -> Self {
        Self { watch, params }
    }

    /// How long nothing may be heard of the turn; `None` waits for ever. Default:
    /// [`Limits::turn_idle`](crate::Limits::turn_idle).
    pub fn idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.watch.limits.idle = limit.into();
        self
    }

    /// How long the server may do nothing but try again to reach the model; `None` waits for ever. Default:
    /// [`Limits::turn_network`](crate::Limits::turn_network).
    pub fn network(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.watch.limits.network = limit.into();
        self
    }

    /// How long the turn may take in all; `None` waits for ever. Default:
    /// [`Limits::turn_total`](crate::Limits::turn_total).
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.watch.limits.total = limit.into();
        self
    }

    /// What happens when one of these clocks runs out. Default: an awaited run interrupts its turn, a stream reports.
    pub fn on_idle(mut self, policy: Idle) -> Self {
        self.watch.on_idle = Some(policy);
        self
    }

    /// What happens when a turn runs on the thread already. Default: [`Busy::Fail`].
    pub fn on_busy(mut self, policy: Busy) -> Self {
        self.watch.on_busy = policy;
        self
    }

    /// How much the turn may use. Without it, and without a budget of the thread, there is no cap.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.watch.budget = budget;
        self
    }

    /// Watches the events of the turn and interrupts it by [`ControlFlow::Break`]; the outcome is then
    /// [`interrupted_by`](TurnOutput::interrupted_by) the policy.
    ///
    /// Act on [`Event::ItemStarted`]: a completed item has already happened, and even a started command may be over before
    /// the interrupt arrives. What must not happen needs a sandbox, or an answer to the ask before it.
    ///
    /// ```no_run
    /// # async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {
    /// use codexkit::protocol::types::ThreadItem;
    /// use codexkit::{Event, InterruptedBy};
    /// use std::ops::ControlFlow;
    ///
    /// let words_only = |event: &Event| match event {
    ///     Event::ItemStarted(item) => match item {
    ///         ThreadItem::UserMessage(_) | ThreadItem::AgentMessage(_) => ControlFlow::Continue(()),
    ///         ThreadItem::Plan(_) | ThreadItem::Reasoning(_) => ControlFlow::Continue(()),
    ///         _ => ControlFlow::Break(()),
    ///     },
    ///     _ => ControlFlow::Continue(()),
    /// };
    /// let outcome = thread.run("Explain this crate").on_event(words_only).outcome().await?;
    /// if outcome.interrupted_by == Some(InterruptedBy::Policy) {
    ///     println!("it wanted to do more than talk");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_event(mut self, policy: impl Fn(&Event) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        self.watch.policy = Some(Arc::new(policy));
        self
    }

    /// Changes the parameters as they go to the server, for options that have no setter here. The thread stays the one that
    /// was chosen.
    pub fn params(mut self, change: impl FnOnce(R) -> R) -> Self {
        self.params = change(self.params);
        self
    }
}

/// Where asks have their owner.
impl<R> Run<R> {
    agent_ask_setters!(watch.handlers);
}

impl<R: Request + Send + Sync + 'static> Run<R> {
    /// Waits for the end of the turn and returns what it gave, whether it was completed, failed, or was interrupted.
    ///
    /// # Errors
    ///
    /// When the turn could not be started, or its end not be seen: as for [`stream`](Self::stream) and
    /// [`Turn::finish`].
    pub fn outcome(self) -> Outcome<R> {
        Outcome(self)
    }

    /// Starts the turn and returns it as a stream of events.
    ///
    /// Cancel safe: dropped before it was written, nothing is sent; dropped later, the turn is interrupted. A turn whose id
    /// the server tells only when it begins (a compaction, a command of the user) runs on when this is dropped before.
    ///
    /// # Errors
    ///
    /// `NotLoggedIn` before anything is sent; `Busy` when a turn runs on the thread; `Usage` when the thread is
    /// [archived](crate::Thread::archive); `ThreadNotFound`, `InvalidParams`,
    /// `InputTooLarge` and the like from the server; `Closed`, `Timeout`.
    pub async fn stream(self) -> Result<Turn> {
        self.start_boxed(Idle::Report).await
    }

    fn start_boxed(self, default: Idle) -> BoxFuture<'static, Result<Turn>> {
        Box::pin(async move { self.watch.open(&self.params, default).await })
    }

    /// Runs the turn to its end, or to the end of the wait.
    async fn finish(self) -> Result<TurnOutput> {
        let codex = self.watch.codex.clone();
        let mut turn = self.start_boxed(Idle::Interrupt).await?;
        let stalled = loop {
            match turn.try_next().await {
                Ok(Some(_)) => {}
                Ok(None) => return turn.finish().await,
                Err(error) if error.continuation().is_some() => break error,
                Err(error) => return Err(error),
            }
        };
        if turn.on_idle() == Idle::Report {
            codex.park(turn);
            return Err(stalled);
        }
        // Only the last wait counts now.
        turn.watch_anew(TurnLimits { idle: None, network: None, total: None });
        match timeout(LEAVING, turn.finish()).await {
            // What it still said belongs to what it gave.
            Ok(Ok(output)) => Err(stalled.with_output(output)),
            _ => Err(stalled),
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for Run<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Run");
        debug.field("params", &self.params).field("limits", &self.watch.limits).finish_non_exhaustive()
    }
}

impl<R: Request + Send + Sync + 'static> IntoFuture for Run<R> {
    type Output = Result<TurnOutput>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.outcome().await?.into_result() })
    }
}

/// A turn whose failure is a value rather than an error. Made by [`Run::outcome`].
///
/// Cancel safe: dropping the future interrupts the turn.
#[derive(Clone, Debug)]
#[must_use = "a turn is started when this is awaited"]
pub struct Outcome<R = TurnStartParams>(Run<R>);

impl<R: Request + Send + Sync + 'static> IntoFuture for Outcome<R> {
    type Output = Result<TurnOutput>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.0.finish())
    }
}
