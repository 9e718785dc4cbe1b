//! Goals: the agent goes on by itself, turn after turn, until it has reached one.

use super::Thread;
use crate::client::{Entry, Filter, Subscription};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::future::BoxFuture;
use crate::input::Input;
use crate::output::TurnOutput;
use crate::protocol::types::{
    ThreadGoal, ThreadGoalClearParams, ThreadGoalSetParams, ThreadGoalStatus, TurnStatus,
};
use crate::protocol::{ServerNotification, ThreadId};
use crate::sync::lock;
use crate::turn::{Turn, TurnControl, Watch};
use std::future::{IntoFuture, poll_fn};
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

/// The server takes no longer objectives. In characters.
const LONGEST_OBJECTIVE: usize = 4000;

/// How long the server may take to begin the next turn.
const BEGINNING: Duration = Duration::from_secs(30);

/// A goal that is about to be set. Await it for what came of it, or end it with [`stream`](Self::stream).
///
/// The server starts turns by itself until the goal is reached, blocked, or out of its budget. What the agent asks goes to
/// the handlers of the thread or of the connection.
///
/// Not cancel safe: dropping the future pauses the goal and interrupts its turn, or may leave the goal set if none had begun.
///
/// # Errors
///
/// As for [`stream`](Self::stream) and [`GoalRun::try_next`].
#[derive(Clone, Debug)]
#[must_use = "a goal is set when this is awaited or streamed"]
pub struct Goal {
    thread: Thread,
    objective: String,
    token_budget: Option<i64>,
}

/// A goal that is being pursued: one logical turn over several. Dropping it pauses the goal and interrupts the turn that
/// runs.
#[derive(Debug)]
#[must_use = "dropping it pauses the goal"]
pub struct GoalRun {
    thread: Thread,
    turn: Option<Turn>,
    control: GoalControl,
    /// The goal as it was last told; none when it was cleared.
    goal: Option<ThreadGoal>,
    turns: Vec<TurnOutput>,
    begun: bool,
    ended: bool,
}

/// Steers or stops the pursuit of a goal, from any task.
#[derive(Clone, Debug)]
pub struct GoalControl {
    thread: Thread,
    turn: Arc<Mutex<Option<TurnControl>>>,
}

/// What came of a goal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GoalOutput {
    /// The thread.
    pub thread: ThreadId,
    /// The goal as it was last told, with its status and what it has used; none when it was cleared.
    pub goal: Option<ThreadGoal>,
    /// The turns, in their order.
    pub turns: Vec<TurnOutput>,
}

impl Thread {
    /// Sets the agent a goal, which it pursues by itself, turn after turn. Uses `thread/goal/clear` and `thread/goal/set`.
    pub fn pursue(&self, objective: impl Into<String>) -> Goal {
        Goal { thread: self.clone(), objective: objective.into(), token_budget: None }
    }
}

impl Goal {
    /// How many tokens the server lets the agent use for the goal. Default: no cap.
    pub fn token_budget(mut self, tokens: u64) -> Self {
        self.token_budget = Some(i64::try_from(tokens).unwrap_or(i64::MAX));
        self
    }

    /// Sets the goal and returns the pursuit of it as a stream of events.
    ///
    /// Not cancel safe: dropping the future may leave the goal set, and the server at it.
    ///
    /// # Errors
    ///
    /// `Usage` for an objective that is empty or longer than 4000 characters, and for an ephemeral thread; `Busy` while a
    /// turn runs; `Stalled` when the server does not begin within half a minute; as for all calls.
    pub async fn stream(self) -> Result<GoalRun> {
        let thread = self.thread.clone();
        let begun: BoxFuture<'static, _> = Box::pin(self.begin());
        begun.await.map_err(|error: Error| error.with_thread(thread.id()))
    }

    async fn begin(self) -> Result<GoalRun> {
        let Self { thread, objective, token_budget } = self;
        let objective = objective.trim();
        if objective.is_empty() || objective.chars().count() > LONGEST_OBJECTIVE {
            let text = format!("a goal needs words for it, at most {LONGEST_OBJECTIVE} characters");
            return Err(Error::new(ErrorKind::Usage, text));
        }
        if thread.info().ephemeral {
            let text =
                "the server pursues goals on stored threads only; start the thread without `ephemeral`";
            return Err(Error::new(ErrorKind::Usage, text));
        }
        let client = thread.codex.client.clone();
        client.not_busy(thread.id()).await?;
        if !client.is_subscribed(thread.id()) {
            thread.codex.load(thread.id()).await?;
        }
        let subscription = client.subscribe(Filter::Thread(thread.id().clone()))?;
        client.call(&ThreadGoalClearParams::new(thread.id())).await?;
        let mut set =
            ThreadGoalSetParams::new(thread.id()).objective(objective).status(ThreadGoalStatus::Active);
        if let Some(tokens) = token_budget {
            set = set.token_budget(tokens);
        }
        let goal = client.call(&set).await?.goal;
        let control = GoalControl { thread: thread.clone(), turn: Arc::default() };
        let mut run = GoalRun {
            thread,
            turn: None,
            control,
            goal: Some(goal),
            turns: Vec::new(),
            begun: false,
            ended: false,
        };
        match run.next_turn(subscription).await? {
            Next::Turn => Ok(run),
            Next::Ended => {
                Err(Error::new(ErrorKind::Stalled, "the goal was over before a turn began for it"))
            }
        }
    }
}

enum Next {
    Turn,
    Ended,
}

impl GoalRun {
    /// The next event of whichever turn runs for the goal. Where one turn follows another, its beginning and the end of the
    /// one before are left out. None after the end. Not cancel safe between two turns.
    ///
    /// # Errors
    ///
    /// As for [`Turn::try_next`]; `Stalled` when no turn follows though the goal is not reached.
    pub async fn try_next(&mut self) -> Result<Option<Event>> {
        while let Some(turn) = &mut self.turn {
            let Some(event) = turn.try_next().await? else { break };
            match event {
                Event::TurnStarted(_) if !self.turns.is_empty() => {}
                Event::TurnCompleted(end) => {
                    if self.turn_ended(&end.status).await? {
                        return Ok(Some(Event::TurnCompleted(end)));
                    }
                }
                event => {
                    self.hear(&event);
                    return Ok(Some(event));
                }
            }
        }
        Ok(None)
    }

    /// Reads to the end and returns what came of the goal; its status tells whether it was reached.
    ///
    /// Not cancel safe: dropping the future pauses the goal and interrupts its turn.
    ///
    /// # Errors
    ///
    /// As for [`try_next`](Self::try_next).
    pub async fn finish(mut self) -> Result<GoalOutput> {
        while self.try_next().await?.is_some() {}
        let (goal, turns) = (self.goal.take(), mem::take(&mut self.turns));
        Ok(GoalOutput { thread: self.thread.id().clone(), goal, turns })
    }

    /// Steers or stops the pursuit while it is read.
    pub fn control(&self) -> GoalControl {
        self.control.clone()
    }

    /// The goal as it was last told.
    pub fn goal(&self) -> Option<&ThreadGoal> {
        self.goal.as_ref()
    }

    fn is_pursued(&self) -> bool {
        self.goal.as_ref().is_some_and(|goal| goal.status == ThreadGoalStatus::Active)
    }

    /// Whether it is the goal that was set here.
    fn is_ours(&self, goal: &ThreadGoal) -> bool {
        let same = |ours: &ThreadGoal| ours.objective == goal.objective && ours.created_at == goal.created_at;
        self.goal.as_ref().is_some_and(same)
    }

    fn hear(&mut self, event: &Event) {
        let Event::Notification(notification) = event else { return };
        match notification.as_ref() {
            // When a thread is loaded, the server tells of the goal of before once more.
            ServerNotification::ThreadGoalUpdated(updated) if self.begun || self.is_ours(&updated.goal) => {
                self.goal = Some(updated.goal.clone());
            }
            // What was cleared before the first turn is the goal of before.
            ServerNotification::ThreadGoalCleared(_) if self.begun => self.goal = None,
            _ => {}
        }
    }

    /// A turn for the goal has ended. Says whether the pursuit has.
    async fn turn_ended(&mut self, status: &TurnStatus) -> Result<bool> {
        *lock(&self.control.turn) = None;
        if let Some(mut turn) = self.turn.take() {
            self.turns.push(turn.output());
            if *status != TurnStatus::Interrupted && self.is_pursued() {
                // The next turn may have begun already, in what this one has left unread.
                let fresh = self.thread.codex.client.subscribe(Filter::Thread(self.thread.id().clone()))?;
                let subscription = turn.replace_subscription(fresh);
                if let Next::Turn = self.next_turn(subscription).await? {
                    return Ok(false);
                }
            }
        }
        self.ended = true;
        Ok(true)
    }

    /// Waits for the next turn, or for word that there is none.
    async fn next_turn(&mut self, mut subscription: Subscription) -> Result<Next> {
        let beginning = async {
            loop {
                let entry = poll_fn(|context| subscription.poll_next(context)).await?;
                if let Entry::Notification(told) = &entry
                    && told.method() == "turn/started"
                    && let Some(turn) = told.turn.clone()
                {
                    return Ok((Some(turn), Event::from_entry(entry)));
                }
                let event = Event::from_entry(entry);
                self.hear(&event);
                if !self.is_pursued() {
                    return Ok((None, event));
                }
            }
        };
        let began = timeout(BEGINNING, beginning).await.unwrap_or_else(|_| {
            let text = format!("no turn has begun for the goal within {BEGINNING:?}, and it is not over");
            Err(Error::new(ErrorKind::Stalled, text).with_thread(self.thread.id()))
        });
        let (Some(turn), announcement) = began? else { return Ok(Next::Ended) };
        let watch: Watch = self.thread.watch();
        let turn = watch.announced_as(turn, subscription, announcement);
        *lock(&self.control.turn) = Some(turn.control());
        self.turn = Some(turn);
        self.begun = true;
        Ok(Next::Turn)
    }
}

impl Drop for GoalRun {
    fn drop(&mut self) {
        if !self.ended {
            // Before the turn is interrupted, or the server would begin another one.
            self.thread.codex.client.leave_behind(&paused(self.thread.id()));
        }
    }
}

impl IntoFuture for Goal {
    type Output = Result<GoalOutput>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.stream().await?.finish().await })
    }
}

impl GoalControl {
    /// Gives the turn that runs for the goal more input. As [`TurnControl::steer`].
    ///
    /// Cancel safe: dropped before it was written, nothing is sent.
    ///
    /// # Errors
    ///
    /// As for [`TurnControl::steer`]; `Usage` when no turn runs at this moment.
    pub async fn steer(&self, input: impl Into<Input>) -> Result<()> {
        let turn = lock(&self.turn).clone();
        let turn =
            turn.ok_or_else(|| Error::new(ErrorKind::Usage, "no turn runs for the goal at this moment"))?;
        turn.steer(input).await
    }

    /// Pauses the goal and interrupts the turn that runs for it. Uses `thread/goal/set` and `turn/interrupt`.
    ///
    /// Not cancel safe: the goal may be paused while its turn goes on.
    ///
    /// # Errors
    ///
    /// As for all calls.
    pub async fn interrupt(&self) -> Result<()> {
        self.thread.tell(&paused(self.thread.id())).await?;
        let turn = lock(&self.turn).clone();
        match turn {
            Some(turn) => turn.interrupt().await,
            None => Ok(()),
        }
    }
}

fn paused(thread: &ThreadId) -> ThreadGoalSetParams {
    ThreadGoalSetParams::new(thread).status(ThreadGoalStatus::Paused)
}
