//! All that a connection knows, changed by one frame at a time and without any I/O.

use super::context::{Context, Incoming};
use super::notification::Notification;
use super::open_asks::{OpenAsks, Opened};
use super::outbox::Outgoing;
use super::pending::{Answer, Pending, PendingCall, Purpose};
use super::router::Router;
use super::subscription::Queue;
use super::turns::{Interrupt, Turns};
use super::usages::Usages;
use crate::error::Error;
use crate::limits::{BAD_FRAMES_IN_A_ROW, Limits};
use crate::protocol::envelope::{Inbound, Outbound};
use crate::protocol::route::RouteKey;
use crate::protocol::{DecodeError, RawNotification, RawRequest, RequestId, RpcError, ThreadId, TurnId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::oneshot;

mod relink;
#[cfg(test)]
mod tests;

/// All that a connection knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) pending: Pending,
    pub(super) turns: Turns,
    pub(super) router: Router,
    pub(super) asks: OpenAsks,
    pub(super) context: Context,
    pub(super) usages: Usages,
    /// The threads whose events come here.
    pub(super) subscribed: HashSet<ThreadId>,
    /// What the server last said about the limits of the account.
    rate_limits: Option<Arc<Notification>>,
    closed: Option<Error>,
    bad_frames_in_a_row: u32,
}

/// What has to be done once the state is no longer locked.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) deliveries: Vec<(Arc<Queue>, Arc<Notification>)>,
    /// Answers for their callers, who then find in their queues what came before.
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) asks: Vec<Incoming>,
    /// Whether a turn was announced or has ended, for which somebody may wait.
    pub(super) turns_changed: bool,
}

impl Effects {
    /// Hands the answers out, once everything that came before them is delivered.
    pub(super) fn answer_callers(&mut self) {
        for (waiter, answer) in self.answers.drain(..) {
            // The caller may have gone.
            let _ = waiter.send(answer);
        }
    }
}

impl State {
    /// Nothing yet. `relinks` says whether the connection is made anew when it breaks.
    pub(super) fn new(limits: &Limits, relinks: bool) -> Self {
        Self {
            pending: Pending::default(),
            turns: Turns::default(),
            router: Router::default(),
            asks: OpenAsks::new(limits.open_asks, relinks),
            context: Context::default(),
            usages: Usages::default(),
            subscribed: HashSet::new(),
            rate_limits: None,
            closed: None,
            bad_frames_in_a_row: 0,
        }
    }

    /// Why nothing can be done any more, if so.
    pub(super) fn closed(&self) -> Option<&Error> {
        self.closed.as_ref()
    }

    /// What the server last said about the limits of the account, undecoded.
    pub(super) fn rate_limits(&self) -> Option<&Arc<Notification>> {
        self.rate_limits.as_ref()
    }

    /// Ends everything. The first reason counts.
    pub(super) fn close(&mut self, why: Error, effects: &mut Effects) {
        if self.end(why, effects) {
            self.pending.clear();
            self.turns = Turns::default();
        }
    }

    /// Ends everything but the turns that must not outlive the connection: those are stopped first, for which the
    /// server may have to speak once more. [`stops_turns`](Self::stops_turns) tells when that is done.
    pub(super) fn close_after_turns(&mut self, why: Error, effects: &mut Effects) {
        if self.end(why, effects) {
            self.pending.keep_what_stops_turns();
            for interrupt in self.turns.abandon_owned() {
                self.interrupt(Some(interrupt), effects);
            }
        }
    }

    /// Whether turns have yet to be stopped.
    pub(super) fn stops_turns(&self) -> bool {
        !self.pending.is_empty() || self.turns.wait_for_interrupt()
    }

    fn end(&mut self, why: Error, effects: &mut Effects) -> bool {
        if self.closed.is_some() {
            return false;
        }
        effects.turns_changed = true;
        self.router.end(&why);
        self.closed = Some(why);
        self.asks.clear();
        true
    }

    /// Takes in a frame. An error, which says why, means that the connection has to be given up. After the end, what
    /// the server still says concerns nobody, unless turns have yet to be stopped.
    pub(super) fn receive(
        &mut self,
        frame: Result<Inbound<'_>, DecodeError>,
        effects: &mut Effects,
    ) -> Result<(), String> {
        if self.closed.is_some() {
            if !self.stops_turns() {
                return Ok(());
            }
            effects.turns_changed = true;
        }
        let frame = match frame {
            Ok(frame) => frame,
            Err(problem) => return self.bad_frame(&problem),
        };
        self.bad_frames_in_a_row = 0;
        match frame {
            Inbound::Response { id, result } => self.answer(&id, Ok(result.to_owned()), effects),
            Inbound::Error { id: Some(id), error } => self.answer(&id, Err(error), effects),
            Inbound::Notification { method, params, emitted_at_ms } => {
                let mut raw = RawNotification::new(&*method, params.to_owned());
                raw.emitted_at_ms = emitted_at_ms;
                self.notification(raw, effects);
            }
            Inbound::Request { id, method, params } => {
                self.request(RawRequest::new(id, &*method, params.to_owned()), effects);
            }
            other => tracing::warn!(frame = ?other, "the server sent a frame that concerns no request"),
        }
        Ok(())
    }

    /// The caller of `turn/start` has gone after its answer came, or the owner of the turn has.
    pub(super) fn abandon_turn(&mut self, turn: &TurnId, effects: &mut Effects) {
        let interrupt = self.turns.abandon(turn);
        self.interrupt(interrupt, effects);
    }

    fn bad_frame(&mut self, problem: &DecodeError) -> Result<(), String> {
        self.bad_frames_in_a_row += 1;
        tracing::warn!(%problem, in_a_row = self.bad_frames_in_a_row, "the server sent a frame that makes no sense");
        match self.bad_frames_in_a_row {
            BAD_FRAMES_IN_A_ROW => {
                Err(format!("{BAD_FRAMES_IN_A_ROW} frames in a row made no sense: {problem}"))
            }
            _ => Ok(()),
        }
    }

    fn answer(&mut self, id: &RequestId, answer: Answer, effects: &mut Effects) {
        let call = match id {
            RequestId::Integer(id) => self.pending.take(*id),
            RequestId::String(_) => None,
        };
        let Some(PendingCall { waiter, purpose, .. }) = call else {
            tracing::debug!(%id, "an answer came that nobody waits for");
            return;
        };
        effects.turns_changed |= matches!(purpose, Purpose::StartTurn(_));
        match (purpose, &answer) {
            (Purpose::Call, _) => {
                effects.answers.extend(waiter.map(|waiter| (waiter, answer)));
                return;
            }
            (Purpose::StartTurn(starting), Ok(result)) => {
                if let Some(turn) = RouteKey::peek(result).turn.map(TurnId::new) {
                    if !starting.completed.contains(&turn) {
                        self.turns.accepted(&starting.thread, &turn);
                    }
                    match starting.joinable.as_ref() == Some(&turn) {
                        true => {}
                        false if waiter.is_none() => self.abandon_turn(&turn, effects),
                        false if starting.owned => self.turns.own(&turn),
                        false => {}
                    }
                }
            }
            (Purpose::Interrupt(turn), Err(_)) => self.turns.interrupt_refused(&turn),
            _ => {}
        }
        if let Some(waiter) = waiter {
            // The caller may be about to go; then its guard finds the answer.
            let _ = waiter.send(answer);
        }
    }

    fn notification(&mut self, raw: RawNotification, effects: &mut Effects) {
        let notification = self.router.admit(raw);
        self.context.hear(&notification);
        self.usages.hear(&notification);
        let recipients = self.router.recipients(&notification);
        effects.deliveries.extend(recipients.map(|queue| (queue.clone(), notification.clone())));

        let interrupt = match (notification.method(), &notification.thread, &notification.turn) {
            ("turn/started", Some(thread), Some(turn)) => {
                effects.turns_changed = true;
                self.turns.started(thread, turn, root(&notification))
            }
            ("turn/completed", Some(thread), Some(turn)) => {
                effects.turns_changed = true;
                self.turn_completed(thread, turn);
                None
            }
            ("account/rateLimits/updated", ..) => {
                self.rate_limits = Some(notification.clone());
                None
            }
            ("thread/closed" | "thread/archived" | "thread/deleted", Some(thread), _) => {
                self.subscribed.remove(thread);
                None
            }
            ("serverRequest/resolved", ..) => {
                self.withdraw_ask(&notification);
                None
            }
            (_, _, Some(turn)) => self.turns.heard_of(turn),
            _ => None,
        };
        self.interrupt(interrupt, effects);
    }

    fn turn_completed(&mut self, thread: &ThreadId, turn: &TurnId) {
        self.turns.completed(thread, turn);
        self.asks.end_turn(turn);
        for starting in self.pending.starting(thread) {
            starting.completed.push(turn.clone());
        }
    }

    fn withdraw_ask(&mut self, resolved: &Notification) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Resolved {
            request_id: RequestId,
        }
        if let Ok(Resolved { request_id }) = serde_json::from_str(resolved.raw.params.get()) {
            self.asks.withdraw(&request_id);
        }
    }

    fn request(&mut self, request: RawRequest, effects: &mut Effects) {
        if self.closed.is_some() {
            return;
        }
        match self.asks.open(&request) {
            Opened::New => effects.asks.push(self.context.complete(request)),
            Opened::Again => {}
            Opened::Answered(answer) => effects.outgoing.push(answer),
            Opened::Refused => {
                let error =
                    RpcError::new(RpcError::OVERLOADED, "too many requests wait for an answer already");
                effects.outgoing.push(refusal(&request.id, &error));
            }
        }
    }

    /// A call whose answer concerns nobody.
    pub(super) fn leave_behind(&mut self, method: &str, params: &RawValue, effects: &mut Effects) {
        if self.closed.is_none() {
            let id = self.pending.add(None, Purpose::Call);
            let frame = Outbound::Request { id: &id.into(), method, params }.encode();
            effects.outgoing.extend(frame.ok().map(|frame| Outgoing::call(id, frame)));
        }
    }

    fn interrupt(&mut self, interrupt: Option<Interrupt>, effects: &mut Effects) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            thread_id: &'a ThreadId,
            turn_id: &'a TurnId,
        }
        let Some(Interrupt { thread, turn, announced }) = interrupt else { return };
        let id = self.pending.add(None, Purpose::Interrupt(turn));
        let params = Params { thread_id: &thread, turn_id: &announced };
        let frame = Outbound::Request { id: &id.into(), method: "turn/interrupt", params: &params }.encode();
        if let Ok(frame) = frame {
            // Nobody waits for it, so nobody can give it up.
            effects.outgoing.push(Outgoing::message(frame));
        }
    }
}

/// The turn that an announced turn is a part of.
fn root(started: &Notification) -> Option<TurnId> {
    #[derive(Deserialize)]
    struct Started {
        turn: Turn,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Turn {
        root_turn_id: Option<TurnId>,
    }
    serde_json::from_str::<Started>(started.raw.params.get()).ok()?.turn.root_turn_id
}

/// The frame that refuses a request of the server.
pub(super) fn refusal(id: &RequestId, error: &RpcError) -> Outgoing {
    let frame: Outbound<'_> = Outbound::Error { id, error };
    let frame = frame.encode();
    // An id and an error can always be written.
    Outgoing::message(frame.unwrap_or_default())
}
