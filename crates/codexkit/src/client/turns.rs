//! The turns that run on the server, as far as this connection has heard.
//!
//! It is here that abandoned turns are stopped: the server refuses an interrupt before it has announced the turn,
//! so the wish is kept until it can be granted.

use crate::protocol::{ThreadId, TurnId};
use std::collections::HashMap;

/// The running turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    running: HashMap<TurnId, Running>,
    by_thread: HashMap<ThreadId, TurnId>,
}

#[derive(Debug)]
struct Running {
    thread: ThreadId,
    /// Whether the server has announced it; before that it cannot be interrupted.
    announced: bool,
    /// Whether nobody wants it any more.
    abandoned: bool,
    /// Whether an interrupt is under way or was accepted.
    interrupting: bool,
}

/// A turn that is to be interrupted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interrupt {
    pub(super) thread: ThreadId,
    pub(super) turn: TurnId,
}

impl Turns {
    /// The turn that runs on a thread.
    pub(super) fn active(&self, thread: &ThreadId) -> Option<&TurnId> {
        self.by_thread.get(thread)
    }

    /// Whether the server will still announce a turn that it has accepted.
    pub(super) fn is_unannounced(&self, turn: &TurnId) -> bool {
        self.running.get(turn).is_some_and(|running| !running.announced)
    }

    /// The server has accepted a `turn/start`.
    pub(super) fn accepted(&mut self, thread: &ThreadId, turn: &TurnId) {
        self.entry(thread, turn);
    }

    /// The server has announced a turn.
    pub(super) fn started(&mut self, thread: &ThreadId, turn: &TurnId) -> Option<Interrupt> {
        self.entry(thread, turn).announced = true;
        self.wanted(turn)
    }

    /// The server has said something about a turn, so it may listen again.
    pub(super) fn heard_of(&mut self, turn: &TurnId) -> Option<Interrupt> {
        self.wanted(turn)
    }

    /// The server has ended a turn.
    pub(super) fn completed(&mut self, turn: &TurnId) {
        if let Some(ended) = self.running.remove(turn)
            && self.by_thread.get(&ended.thread) == Some(turn)
        {
            self.by_thread.remove(&ended.thread);
        }
    }

    /// Nobody wants a turn any more. A turn that has ended is left alone.
    pub(super) fn abandon(&mut self, turn: &TurnId) -> Option<Interrupt> {
        self.running.get_mut(turn)?.abandoned = true;
        self.wanted(turn)
    }

    /// The server has refused to interrupt a turn. It is asked again when it next speaks of the turn.
    pub(super) fn interrupt_refused(&mut self, turn: &TurnId) {
        if let Some(running) = self.running.get_mut(turn) {
            running.interrupting = false;
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.running.len() + self.by_thread.len()
    }

    fn entry(&mut self, thread: &ThreadId, turn: &TurnId) -> &mut Running {
        let running = self.running.entry(turn.clone()).or_insert_with(|| Running {
            thread: thread.clone(),
            announced: false,
            abandoned: false,
            interrupting: false,
        });
        // A turn stays on the thread where it was first heard of, so that its end is the end on that thread.
        self.by_thread.insert(running.thread.clone(), turn.clone());
        running
    }

    fn wanted(&mut self, turn: &TurnId) -> Option<Interrupt> {
        let running = self.running.get_mut(turn)?;
        if !running.abandoned || !running.announced || running.interrupting {
            return None;
        }
        running.interrupting = true;
        Some(Interrupt { thread: running.thread.clone(), turn: turn.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (ThreadId, TurnId, Interrupt) {
        let (thread, turn) = (ThreadId::new("t"), TurnId::new("u"));
        let interrupt = Interrupt { thread: thread.clone(), turn: turn.clone() };
        (thread, turn, interrupt)
    }

    #[test]
    fn an_abandoned_turn_is_interrupted_once_it_is_announced() {
        let (thread, turn, interrupt) = ids();
        let mut turns = Turns::default();
        turns.accepted(&thread, &turn);
        assert_eq!(turns.abandon(&turn), None);
        assert_eq!(turns.started(&thread, &turn), Some(interrupt));
        assert_eq!(turns.heard_of(&turn), None);
    }

    #[test]
    fn a_refused_interrupt_is_repeated_until_the_turn_has_ended() {
        let (thread, turn, interrupt) = ids();
        let mut turns = Turns::default();
        turns.started(&thread, &turn);
        assert_eq!(turns.abandon(&turn), Some(interrupt.clone()));
        turns.interrupt_refused(&turn);
        assert_eq!(turns.heard_of(&turn), Some(interrupt));
        turns.completed(&turn);
        turns.interrupt_refused(&turn);
        assert_eq!((turns.heard_of(&turn), turns.abandon(&turn), turns.active(&thread)), (None, None, None));
    }

    #[test]
    fn an_accepted_turn_is_unannounced_until_it_is_announced() {
        let (thread, turn, _) = ids();
        let mut turns = Turns::default();
        assert!(!turns.is_unannounced(&turn), "nothing is known of it");
        turns.accepted(&thread, &turn);
        assert!(turns.is_unannounced(&turn));
        turns.started(&thread, &turn);
        assert!(!turns.is_unannounced(&turn));
    }

    #[test]
    fn an_old_turn_does_not_hide_the_next_one() {
        let (thread, turn, _) = ids();
        let next = TurnId::new("next");
        let mut turns = Turns::default();
        turns.started(&thread, &turn);
        turns.started(&thread, &next);
        turns.completed(&turn);
        assert_eq!(turns.active(&thread), Some(&next));
    }

    #[test]
    fn a_turn_that_is_announced_on_two_threads_leaves_nothing_behind() {
        let (thread, turn, _) = ids();
        let mut turns = Turns::default();
        turns.started(&thread, &turn);
        turns.started(&ThreadId::new("other"), &turn);
        turns.completed(&turn);
        assert_eq!((turns.active(&ThreadId::new("other")), turns.len()), (None, 0));
    }
}
