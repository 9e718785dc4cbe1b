//! The turns that run on the server, as far as this connection has heard.
//!
//! It is here that abandoned turns are stopped: the server refuses an interrupt before it has announced the turn,
//! so the wish is kept until it can be granted.

use super::remembered::Remembered;
use crate::protocol::{ThreadId, TurnId};
use std::collections::HashMap;

/// The running turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    running: HashMap<TurnId, Running>,
    by_thread: HashMap<ThreadId, TurnId>,
    /// Turns that have ended lately: what is heard of them afterwards does not bring them back.
    ended: Ended,
}

/// So many turns are remembered.
const ENDED: usize = 256;

#[derive(Debug)]
struct Ended(Remembered<TurnId, ()>);

impl Default for Ended {
    fn default() -> Self {
        Self(Remembered::up_to(ENDED))
    }
}

#[derive(Debug)]
struct Running {
    thread: ThreadId,
    /// The turn that it is a part of, if the server said so.
    root: Option<TurnId>,
    /// As what the server has announced it; before that it cannot be interrupted. A review is announced as another turn,
    /// of which nothing more is heard, and under whose id alone it can be interrupted.
    announced: Option<TurnId>,
    /// Whether somebody holds it who has it stopped when they go.
    owned: bool,
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
    /// The id under which the server knows it as the one that runs.
    pub(super) announced: TurnId,
}

impl Turns {
    /// The turn that runs on a thread.
    pub(super) fn active(&self, thread: &ThreadId) -> Option<&TurnId> {
        self.by_thread.get(thread)
    }

    /// The link has broken, and with it interrupts that were under way.
    pub(super) fn lose_interrupts(&mut self) {
        self.running.values_mut().for_each(|running| running.interrupting = false);
    }

    /// The threads on which turns run.
    pub(super) fn threads(&self) -> impl Iterator<Item = &ThreadId> {
        self.by_thread.keys()
    }

    /// Whether the turn that runs on a thread is about to be interrupted.
    pub(super) fn is_leaving(&self, thread: &ThreadId) -> bool {
        let active = self.active(thread).and_then(|turn| self.running.get(turn));
        active.is_some_and(|running| running.abandoned)
    }

    /// Whether a turn runs.
    pub(super) fn is_running(&self, turn: &TurnId) -> bool {
        self.running.contains_key(turn)
    }

    /// Whether the server will still announce a turn that it has accepted.
    pub(super) fn is_unannounced(&self, turn: &TurnId) -> bool {
        self.running.get(turn).is_some_and(|running| running.announced.is_none())
    }

    /// The server has accepted a `turn/start` or a `review/start`.
    pub(super) fn accepted(&mut self, thread: &ThreadId, turn: &TurnId) {
        let announced = self.part_of(thread, turn);
        if let Some(part) = &announced {
            self.running.remove(part);
        }
        let running = self.entry(thread, turn);
        running.announced = running.announced.take().or(announced);
    }

    /// The server says that a turn runs which was announced to others. It may have ended since.
    pub(super) fn adopt(&mut self, thread: &ThreadId, turn: &TurnId) {
        if self.ended.0.get(turn).is_none() {
            let running = self.entry(thread, turn);
            running.announced.get_or_insert_with(|| turn.clone());
        }
    }

    /// The server has announced a turn, which may be a part of another one.
    pub(super) fn started(
        &mut self,
        thread: &ThreadId,
        turn: &TurnId,
        root: Option<TurnId>,
    ) -> Option<Interrupt> {
        let whole = match &root {
            Some(root) => {
                self.running.get(root).filter(|whole| whole.thread == *thread).map(|_| root.clone())
            }
            // Older servers do not say. A turn that was accepted and not announced yet can only be this one.
            None => self.by_thread.get(thread).filter(|accepted| self.is_unannounced(accepted)).cloned(),
        };
        let known = whole.as_ref().unwrap_or(turn);
        let running = self.entry(thread, known);
        running.announced = Some(turn.clone());
        running.root = root;
        self.wanted(known)
    }

    /// The turn on a thread that was announced as a part of this one.
    fn part_of(&self, thread: &ThreadId, turn: &TurnId) -> Option<TurnId> {
        let part = self.by_thread.get(thread).filter(|part| *part != turn)?;
        (self.running.get(part)?.root.as_ref() == Some(turn)).then(|| part.clone())
    }

    /// The server has said something about a turn, so it may listen again.
    pub(super) fn heard_of(&mut self, turn: &TurnId) -> Option<Interrupt> {
        self.wanted(turn)
    }

    /// The server has ended a turn, and with it its part on the same thread.
    pub(super) fn completed(&mut self, thread: &ThreadId, turn: &TurnId) {
        self.ended.0.insert(turn.clone(), ());
        if let Some(part) = self.part_of(thread, turn) {
            self.remove(&part);
        }
        self.remove(turn);
    }

    fn remove(&mut self, turn: &TurnId) {
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

    /// Somebody holds a turn.
    pub(super) fn own(&mut self, turn: &TurnId) {
        if let Some(running) = self.running.get_mut(turn) {
            running.owned = true;
        }
    }

    /// Nobody holds a turn any more, and it may run on.
    pub(super) fn release(&mut self, turn: &TurnId) {
        if let Some(running) = self.running.get_mut(turn) {
            running.owned = false;
        }
    }

    /// Nobody holds any turn any more: those that were held are to be interrupted.
    pub(super) fn abandon_owned(&mut self) -> Vec<Interrupt> {
        let owned: Vec<_> =
            self.running.iter().filter(|(_, running)| running.owned).map(|(turn, _)| turn.clone()).collect();
        owned.iter().filter_map(|turn| self.abandon(turn)).collect()
    }

    /// Whether a turn is to be interrupted that cannot be yet.
    pub(super) fn wait_for_interrupt(&self) -> bool {
        self.running.values().any(|running| running.abandoned && !running.interrupting)
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
            root: None,
            announced: None,
            owned: false,
            abandoned: false,
            interrupting: false,
        });
        // A turn stays on the thread where it was first heard of, so that its end is the end on that thread.
        self.by_thread.insert(running.thread.clone(), turn.clone());
        running
    }

    fn wanted(&mut self, turn: &TurnId) -> Option<Interrupt> {
        let running = self.running.get_mut(turn)?;
        let announced = running.announced.clone()?;
        if !running.abandoned || running.interrupting {
            return None;
        }
        running.interrupting = true;
        Some(Interrupt { thread: running.thread.clone(), turn: turn.clone(), announced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (ThreadId, TurnId, Interrupt) {
        let (thread, turn) = (ThreadId::new("t"), TurnId::new("u"));
        let interrupt = Interrupt { thread: thread.clone(), turn: turn.clone(), announced: turn.clone() };
        (thread, turn, interrupt)
    }

    #[test]
    fn an_abandoned_turn_is_interrupted_once_it_is_announced() {
        let (thread, turn, interrupt) = ids();
        let mut turns = Turns::default();
        turns.accepted(&thread, &turn);
        assert_eq!(turns.abandon(&turn), None);
        assert_eq!(turns.started(&thread, &turn, None), Some(interrupt));
        assert_eq!(turns.heard_of(&turn), None);
    }

    #[test]
    fn a_refused_interrupt_is_repeated_until_the_turn_has_ended() {
        let (thread, turn, interrupt) = ids();
        let mut turns = Turns::default();
        turns.started(&thread, &turn, None);
        assert_eq!(turns.abandon(&turn), Some(interrupt.clone()));
        turns.interrupt_refused(&turn);
        assert_eq!(turns.heard_of(&turn), Some(interrupt));
        turns.completed(&thread, &turn);
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
        turns.started(&thread, &turn, None);
        assert!(!turns.is_unannounced(&turn));
    }

    #[test]
    fn an_old_turn_does_not_hide_the_next_one() {
        let (thread, turn, _) = ids();
        let next = TurnId::new("next");
        let mut turns = Turns::default();
        turns.started(&thread, &turn, None);
        turns.started(&thread, &next, None);
        turns.completed(&thread, &turn);
        assert_eq!(turns.active(&thread), Some(&next));
    }

    #[test]
    fn a_turn_that_is_announced_on_two_threads_leaves_nothing_behind() {
        let (thread, turn, _) = ids();
        let mut turns = Turns::default();
        turns.started(&thread, &turn, None);
        turns.started(&ThreadId::new("other"), &turn, None);
        turns.completed(&thread, &turn);
        assert_eq!((turns.active(&ThreadId::new("other")), turns.len()), (None, 0));
    }

    #[test]
    fn a_review_is_interrupted_as_the_turn_that_it_was_announced_as() {
        let (thread, review, _) = ids();
        let inner = TurnId::new("inner");
        let interrupt = Interrupt { thread: thread.clone(), turn: review.clone(), announced: inner.clone() };
        for answered_first in [true, false] {
            let mut turns = Turns::default();
            if answered_first {
                turns.accepted(&thread, &review);
                assert_eq!(turns.started(&thread, &inner, Some(review.clone())), None);
            } else {
                assert_eq!(turns.started(&thread, &inner, Some(review.clone())), None);
                turns.accepted(&thread, &review);
            }
            assert_eq!(turns.active(&thread), Some(&review));
            assert_eq!(turns.abandon(&review), Some(interrupt.clone()));
            turns.completed(&thread, &review);
            assert_eq!(turns.len(), 0);
        }
    }

    #[test]
    fn a_review_of_an_older_server_is_the_turn_that_was_accepted_before() {
        let (thread, review, _) = ids();
        let inner = TurnId::new("inner");
        let mut turns = Turns::default();
        turns.accepted(&thread, &review);
        turns.started(&thread, &inner, None);
        assert_eq!(turns.abandon(&review).map(|interrupt| interrupt.announced), Some(inner));
        turns.completed(&thread, &review);
        assert_eq!(turns.len(), 0);
    }

    #[test]
    fn a_review_that_others_have_started_leaves_nothing_behind() {
        let (thread, review, _) = ids();
        let mut turns = Turns::default();
        turns.started(&thread, &TurnId::new("inner"), Some(review.clone()));
        turns.completed(&thread, &review);
        assert_eq!(turns.len(), 0);
    }

    #[test]
    fn an_agent_of_a_turn_runs_on_a_thread_of_its_own() {
        let (thread, turn, _) = ids();
        let (child, childs) = (ThreadId::new("child"), TurnId::new("childs"));
        let mut turns = Turns::default();
        turns.started(&thread, &turn, Some(turn.clone()));
        turns.started(&child, &childs, Some(turn.clone()));
        turns.completed(&thread, &turn);
        assert_eq!((turns.active(&thread), turns.active(&child)), (None, Some(&childs)));
    }
}
