//! A turn that runs, as a stream of events.

use super::control::TurnControl;
use super::fold::Fold;
use crate::client::{Client, Entry, Subscription};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::output::TurnOutput;
use crate::protocol::{ThreadId, TurnId};
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A turn that runs, as a stream of its events and at last its output.
///
/// Dropping it before its end interrupts the turn: an agent must not go on editing files because a caller has timed
/// out. [`detach`](Self::detach) lets it run on.
#[derive(Debug)]
#[must_use = "dropping a turn interrupts it"]
pub struct Turn {
    client: Client,
    thread: ThreadId,
    turn: TurnId,
    subscription: Subscription,
    fold: Fold,
    state: State,
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
    pub(super) fn new(client: Client, fold: Fold, subscription: Subscription) -> Self {
        let (thread, turn) = fold.ids();
        Self { client, thread, turn, subscription, fold, state: State::Running }
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
        TurnControl::new(self.client.clone(), self.thread.clone(), self.turn.clone())
    }

    /// The next event; none after the end of the turn. Cancel safe.
    ///
    /// A turn that fails ends like any other: with [`Event::TurnCompleted`].
    ///
    /// # Errors
    ///
    /// `Closed` or `Lagged` when the rest of the turn cannot be seen. The error carries what came until then.
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
    /// `Closed` or `Lagged` when the rest of the turn cannot be seen. The error carries what came until then.
    pub async fn finish(mut self) -> Result<TurnOutput> {
        while self.try_next().await?.is_some() {}
        Ok(self.fold.take().finish())
    }

    /// The place of the last event in the order in which the connection received its notifications, whatever thread they
    /// were for; 0 before the first event. Two streams of a connection can be put in order by it.
    pub fn position(&self) -> u64 {
        self.subscription.position()
    }

    /// What the turn has given until now.
    pub fn output(&self) -> TurnOutput {
        self.fold.clone().finish()
    }

    /// Lets the turn run on without anybody watching. On stdio it still ends with the connection.
    pub fn detach(mut self) {
        self.state = State::Detached;
    }

    /// What an entry of the thread's subscription says about this turn.
    fn view(&mut self, entry: Entry) -> Option<Event> {
        if let Entry::Notification(notification) = &entry {
            match &notification.turn {
                Some(turn) if *turn != self.turn => return None,
                Some(_) if notification.method() == "turn/completed" => self.state = State::Over,
                _ => {}
            }
        }
        let event = Event::from_entry(entry);
        self.fold.add(&event);
        Some(event)
    }

    fn lost(&mut self, error: Error) -> Error {
        self.state = State::Lost;
        error.with_thread(&self.thread).with_turn(&self.turn).with_output(self.output())
    }
}

impl Stream for Turn {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while self.state == State::Running {
            match ready!(self.subscription.poll_next(context)) {
                Err(error) => return Poll::Ready(Some(Err(self.lost(error)))),
                Ok(entry) => {
                    if let Some(event) = self.view(entry) {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
            }
        }
        Poll::Ready(None)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if matches!(self.state, State::Running | State::Lost) {
            self.client.abandon_turn(&self.turn);
        }
    }
}
