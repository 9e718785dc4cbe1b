//! The calls that wait for an answer.

use crate::protocol::{RpcError, ThreadId, TurnId};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

/// What the server answered a call with, undecoded.
pub(super) type Answer = Result<Box<RawValue>, RpcError>;

/// The calls that wait for an answer, by id.
///
/// Ids count up from 1 and are never used again, so a late answer cannot reach the wrong caller.
#[derive(Debug, Default)]
pub(super) struct Pending {
    calls: HashMap<i64, PendingCall>,
    last_id: i64,
}

/// One call that waits for its answer.
#[derive(Debug)]
pub(super) struct PendingCall {
    /// Who waits; nobody for what the connection asks on its own, and after a turn's caller has gone.
    pub(super) waiter: Option<oneshot::Sender<Answer>>,
    pub(super) purpose: Purpose,
    /// Whether the writer has taken the frame, so that the server will see it.
    written: bool,
    /// Told then.
    on_written: Option<Arc<Notify>>,
}

/// What the connection itself does with the answer.
#[derive(Debug)]
pub(super) enum Purpose {
    /// Nothing.
    Call,
    /// It learns which turn has begun.
    StartTurn(StartingTurn),
    /// It learns whether an abandoned turn was stopped.
    Interrupt(TurnId),
}

/// A `turn/start` under way.
#[derive(Debug)]
pub(super) struct StartingTurn {
    pub(super) thread: ThreadId,
    /// The turn that ran on the thread before. The server joins the input to it rather than start a new one.
    pub(super) joinable: Option<TurnId>,
    /// Whether the turn has an owner, and ends with the connection if it is not let go.
    pub(super) owned: bool,
    /// Turns of the thread that completed while the answer was under way.
    pub(super) completed: Vec<TurnId>,
}

/// What became of a call whose caller has gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Forgotten {
    /// Its answer no longer matters.
    Removed,
    /// It starts a turn that has to be stopped once it is known.
    Abandoned,
}

impl Pending {
    pub(super) fn add(&mut self, waiter: Option<oneshot::Sender<Answer>>, purpose: Purpose) -> i64 {
        self.last_id += 1;
        self.calls.insert(self.last_id, PendingCall { waiter, purpose, written: false, on_written: None });
        self.last_id
    }

    /// Whether the frame of a call is still wanted. From then on it counts as written.
    pub(super) fn claim(&mut self, id: i64) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        call.written = true;
        if let Some(waiting) = call.on_written.take() {
            waiting.notify_one();
        }
        true
    }

    /// Has somebody told when the frame of a call is written.
    pub(super) fn tell_when_written(&mut self, id: i64, waiting: Arc<Notify>) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.on_written = Some(waiting);
        }
    }

    /// Takes out the call that an answer is for. There is none for late, repeated and unknown answers.
    pub(super) fn take(&mut self, id: i64) -> Option<PendingCall> {
        self.calls.remove(&id)
    }

    /// The caller has gone.
    pub(super) fn forget(&mut self, id: i64) -> Forgotten {
        match self.calls.get_mut(&id) {
            Some(call) if call.written && matches!(call.purpose, Purpose::StartTurn(_)) => {
                call.waiter = None;
                Forgotten::Abandoned
            }
            _ => {
                self.calls.remove(&id);
                Forgotten::Removed
            }
        }
    }

    /// The turns that are being started on a thread.
    pub(super) fn starting<'a>(
        &'a mut self,
        thread: &'a ThreadId,
    ) -> impl Iterator<Item = &'a mut StartingTurn> {
        self.calls.values_mut().filter_map(move |call| match &mut call.purpose {
            Purpose::StartTurn(starting) if starting.thread == *thread => Some(starting),
            _ => None,
        })
    }

    /// The link has broken: nobody will hear what was written, and interrupts are decided on anew.
    pub(super) fn lose_written(&mut self) {
        self.calls.retain(|_, call| !call.written && !matches!(call.purpose, Purpose::Interrupt(_)));
    }

    /// Lets go of all callers, who then find the reason in the state.
    pub(super) fn clear(&mut self) {
        self.calls = HashMap::new();
    }

    /// Lets go of all callers, and keeps only what is needed to stop turns: their starts that the server may have taken,
    /// and interrupts.
    pub(super) fn keep_what_stops_turns(&mut self) {
        self.calls.retain(|_, call| {
            call.waiter = None;
            match call.purpose {
                Purpose::Call => false,
                Purpose::StartTurn(_) => call.written,
                Purpose::Interrupt(_) => true,
            }
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    fn start_turn() -> Purpose {
        Purpose::StartTurn(StartingTurn {
            thread: "t".into(),
            joinable: None,
            owned: false,
            completed: Vec::new(),
        })
    }

    #[test]
    fn an_answer_reaches_its_call_once() {
        let mut pending = Pending::default();
        let (first, second) = (pending.add(None, Purpose::Call), pending.add(None, Purpose::Call));
        assert_eq!((first, second), (1, 2), "ids count up and are never used again");
        assert!(pending.take(first).is_some());
        assert!(pending.take(first).is_none());
        assert!(pending.take(99).is_none());
        assert_eq!(pending.len(), 1);
    }

    #[test]
    fn a_forgotten_call_is_neither_written_nor_kept() {
        let mut pending = Pending::default();
        let id = pending.add(None, Purpose::Call);
        assert_eq!(pending.forget(id), Forgotten::Removed);
        assert!(!pending.claim(id));

        let id = pending.add(None, start_turn());
        assert_eq!(pending.forget(id), Forgotten::Removed);
        assert_eq!(pending.len(), 0);
    }

    #[test]
    fn turns_are_being_started_on_their_own_thread_only() {
        covers!["O28"];
        let mut pending = Pending::default();
        pending.add(None, start_turn());
        pending.add(None, Purpose::Call);
        assert_eq!(pending.starting(&"t".into()).count(), 1);
        assert_eq!(pending.starting(&"other".into()).count(), 0);
    }

    #[test]
    fn a_written_turn_start_outlives_its_caller() {
        let mut pending = Pending::default();
        let id = pending.add(None, start_turn());
        assert!(pending.claim(id));
        assert_eq!(pending.forget(id), Forgotten::Abandoned);
        assert!(pending.take(id).is_some());
    }
}
