//! Picking a turn up again whose wait was broken off.

use super::catch_up::missed;
use super::clocks::{Idle, TurnLimits};
use super::fold::Fold;
use super::ledger::{Ledger, ThreadBudget};
use super::meter::Meter;
use super::reconcile::{self, Known};
use super::stream::{Opened, Turn};
use crate::asks::Handlers;
use crate::budget::Budget;
use crate::client::{Filter, LEAVING};
use crate::codex::Codex;
use crate::continuation::Continuation;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::output::TurnOutput;
use crate::protocol::TurnId;
use crate::protocol::types::{
    ThreadBackgroundTerminalsCleanParams, ThreadTurnsListParams, TurnItemsView, TurnStatus,
};
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::time::{Instant, timeout};

/// So many turns wait to be picked up again; the oldest run on unwatched.
const PARKED: usize = 64;

/// How many of a thread's latest turns are looked at.
const LATEST: u32 = 50;

/// Turns whose wait was broken off while they ran. What happens in them is kept, within the bounds of subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Parked(Mutex<VecDeque<Turn>>);

impl Parked {
    pub(crate) fn put(&self, turn: Turn) {
        turn.let_go();
        let mut parked = lock(&self.0);
        parked.push_back(turn);
        let oldest = if parked.len() > PARKED { parked.pop_front() } else { None };
        drop(parked);
        if let Some(turn) = oldest {
            turn.detach();
        }
    }

    fn take(&self, turn: &TurnId) -> Option<Turn> {
        let mut parked = lock(&self.0);
        let at = parked.iter().position(|parked| parked.id() == turn)?;
        parked.remove(at)
    }
}

impl Drop for Parked {
    /// With the connection's last handle, nobody is left who could pick them up. They were not to be interrupted.
    fn drop(&mut self) {
        lock(&self.0).drain(..).for_each(Turn::detach);
    }
}

/// What became of a turn that was cancelled. Made by [`Codex::cancel`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cancelled {
    /// What the turn has given, as far as it is known.
    pub output: TurnOutput,
    /// What happened in it after the wait for it was broken off.
    pub unread: Vec<Event>,
    /// Whether it had ended before it could be interrupted.
    pub was_over: bool,
}

impl Codex {
    /// Picks a turn up again whose wait was broken off with [`Stalled`](ErrorKind::Stalled) or a timeout.
    ///
    /// An awaited run that was [not to be interrupted](super::Run::on_idle) is picked up with all that has happened since.
    /// Otherwise, as in another process, the server is asked: the turn's items come first, those that were seen before
    /// included, then what happens from here on. A server on stdio dies with its program, and then only what it has stored
    /// can be read. Uses `thread/resume` and `thread/turns/list`.
    ///
    /// Dropping the returned turn interrupts it.
    ///
    /// Cancel safe: a turn that was not returned is left as it was.
    ///
    /// # Errors
    ///
    /// `ThreadNotFound` when the server does not know the thread; `Usage` when it does not know the turn, as one of an
    /// ephemeral thread; `Closed` and the like.
    pub async fn continue_turn(&self, continuation: &Continuation) -> Result<Turn> {
        match self.parked.take(&continuation.turn) {
            Some(mut turn) => {
                turn.watch_anew(self.usual_limits());
                Ok(turn)
            }
            None => self
                .recover(continuation)
                .await
                .map_err(|error| error.with_thread(&continuation.thread).with_turn(&continuation.turn)),
        }
    }

    /// Interrupts a turn whose wait was broken off, ends the commands that it has left running, and returns what was
    /// unread. As [`continue_turn`](Self::continue_turn). Uses `turn/interrupt` and, with the experimental API,
    /// `thread/backgroundTerminals/clean`.
    ///
    /// Not cancel safe: the turn is interrupted, and what was unread is lost with the future.
    ///
    /// # Errors
    ///
    /// As for [`continue_turn`](Self::continue_turn); `Stalled` when the turn does not end within ten seconds.
    pub async fn cancel(&self, continuation: &Continuation) -> Result<Cancelled> {
        let mut turn = self.continue_turn(continuation).await?;
        let was_over = turn.is_known_to_be_over();
        turn.control().interrupt().await?;
        let mut unread = Vec::new();
        let ending = async {
            while let Some(event) = turn.try_next().await? {
                unread.push(event);
            }
            Ok(())
        };
        let ended = timeout(LEAVING, ending).await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Stalled,
                format!("the turn did not end within {LEAVING:?} of its interrupt"),
            ))
        });
        ended.map_err(|error| error.with_thread(&continuation.thread).with_turn(&continuation.turn))?;
        // The server lets commands run on; without the experimental API they cannot be reached.
        let clean = ThreadBackgroundTerminalsCleanParams::new(&continuation.thread);
        if let Err(error) = self.call(&clean).await {
            tracing::debug!(%error, "the commands of a cancelled turn could not be ended");
        }
        Ok(Cancelled { output: turn.finish().await?, unread, was_over })
    }

    /// Opens a turn from what the server knows about it.
    async fn recover(&self, continuation: &Continuation) -> Result<Turn> {
        let Continuation { thread, turn, .. } = continuation.clone();
        let client = self.client.clone();
        // First, so that nothing falls between what is listed and what is heard.
        let subscription = client.subscribe(Filter::Thread(thread.clone()))?;
        self.load(&thread).await?;
        let list = ThreadTurnsListParams::new(&thread).limit(LATEST).items_view(TurnItemsView::Full);
        let known = client.call(&list).await?.data.into_iter().find(|listed| listed.id == turn);
        let known = known.ok_or_else(|| {
            let text =
                format!("the server does not know a turn {turn} among the last {LATEST} of this thread");
            Error::new(ErrorKind::Usage, text)
        })?;

        let meter = Meter::new(None, client.usage_of_agents(&thread), false);
        let is_running = known.status == TurnStatus::InProgress;
        let is_unconfirmed = !is_running && known.completed_at.is_none();
        let mut unread = missed(known, &Fold::new(thread.clone(), turn.clone(), meter.clone()));
        if is_unconfirmed {
            // So it is with a turn whose server has died. It is believed only if it is said twice.
            let told = reconcile::ask(client.clone(), thread.clone(), turn.clone()).await;
            if let Known::Ended(ended) = told {
                unread.push_back(Event::TurnCompleted(ended));
            }
        } else if is_running {
            client.adopt(&thread, &turn);
        }
        Ok(Turn::new(Opened {
            claim: self.owners.claim_turn(&thread, None, Handlers::default(), true),
            ledger: Ledger::new(Budget::new(), ThreadBudget::default(), Instant::now()),
            unread,
            meter,
            overlaps: true,
            joined: false,
            on_idle: Idle::Report,
            policy: None,
            client,
            thread,
            turn,
            subscription,
            limits: self.usual_limits(),
        }))
    }

    /// The clocks of turns that say nothing else.
    pub(crate) fn usual_limits(&self) -> TurnLimits {
        let bounds = self.client.limits();
        TurnLimits { idle: bounds.turn_idle, network: bounds.turn_network, total: bounds.turn_total }
    }
}
