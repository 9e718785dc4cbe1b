//! What a turn uses, from the totals of its thread.

use crate::protocol::ThreadId;
use crate::protocol::types::ThreadTokenUsage;
use crate::usage::{TokenUsage, TurnUsage};
use std::collections::HashMap;

/// The totals before the turn and since.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    /// The thread's total before the turn. Unknown when nothing was ever told about the thread.
    before: Option<TokenUsage>,
    /// The totals of the agents that ran on its behalf before the turn.
    agents_before: HashMap<ThreadId, TokenUsage>,
    now: Option<TokenUsage>,
    context_window: Option<u64>,
    model_calls: u32,
    /// Whether something may have gone uncounted.
    missed: bool,
}

impl Meter {
    /// For a turn that is about to begin, or is seen from here on if others have started it.
    pub(super) fn new(
        before: Option<ThreadTokenUsage>,
        agents: Vec<(ThreadId, ThreadTokenUsage)>,
        from_the_start: bool,
    ) -> Self {
        let agents = agents.into_iter().map(|(thread, usage)| (thread, TokenUsage::from(&usage.total)));
        Self {
            before: before.map(|usage| TokenUsage::from(&usage.total)),
            agents_before: agents.collect(),
            missed: !from_the_start,
            ..Self::default()
        }
    }

    /// The server has told totals during the turn. `false` when they only repeat what was known, as after an answer that
    /// broke off.
    pub(super) fn count(&mut self, told: &ThreadTokenUsage) -> bool {
        let total = TokenUsage::from(&told.total);
        // Before a thread's first answer nothing was told.
        let before = *self.before.get_or_insert_with(|| total.since(TokenUsage::from(&told.last)));
        let is_new = self.now.unwrap_or(before) != total;
        self.now = Some(total);
        self.context_window = told.model_context_window.and_then(|tokens| u64::try_from(tokens).ok());
        self.model_calls += u32::from(is_new);
        is_new
    }

    /// The server has told totals that belong to what was before the turn.
    pub(super) fn count_before(&mut self, told: &ThreadTokenUsage) {
        if self.now.is_none() {
            self.before = Some(TokenUsage::from(&told.total));
        }
    }

    /// Something was left out of the events.
    pub(super) fn miss(&mut self) {
        self.missed = true;
    }

    /// What was used until now. `whole` says whether the turn has run to its end.
    pub(super) fn usage(&self, whole: bool) -> Option<TurnUsage> {
        let (before, thread) = (self.before?, self.now?);
        Some(TurnUsage {
            turn: thread.since(before),
            agents: TokenUsage::default(),
            thread,
            model_calls: self.model_calls,
            context_window: self.context_window,
            lower_bound: self.missed || !whole,
        })
    }

    /// What these agents have used since the turn began.
    pub(super) fn agents(&self, now: Vec<(ThreadId, ThreadTokenUsage)>) -> TokenUsage {
        now.into_iter().fold(TokenUsage::default(), |sum, (thread, usage)| {
            let before = self.agents_before.get(&thread).copied().unwrap_or_default();
            sum + TokenUsage::from(&usage.total).since(before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(total: i64, last: i64) -> ThreadTokenUsage {
        let counts = |tokens: i64| {
            json!({
                "totalTokens": tokens, "inputTokens": tokens, "cachedInputTokens": 0, "outputTokens": 0,
                "reasoningOutputTokens": 0,
            })
        };
        serde_json::from_value(json!({ "total": counts(total), "last": counts(last) })).unwrap()
    }

    fn used(meter: &Meter) -> (u64, u32) {
        let usage = meter.usage(true).unwrap();
        (usage.turn.total, usage.model_calls)
    }

    #[test]
    fn a_turn_counts_what_came_after_the_total_before() {
        let mut meter = Meter::new(Some(told(100, 40)), Vec::new(), true);
        assert!(meter.usage(true).is_none(), "nothing was told in the turn");
        assert!(meter.count(&told(130, 30)) && meter.count(&told(150, 20)));
        assert_eq!(used(&meter), (50, 2));
    }

    #[test]
    fn an_answer_that_was_not_heard_of_still_counts() {
        let mut meter = Meter::new(Some(told(100, 40)), Vec::new(), true);
        meter.count(&told(180, 20));
        assert_eq!(used(&meter).0, 80);
    }

    #[test]
    fn without_a_total_before_the_first_answer_tells_it() {
        let mut meter = Meter::new(None, Vec::new(), true);
        meter.count(&told(130, 30));
        assert_eq!(used(&meter), (30, 1));
    }

    #[test]
    fn totals_that_are_told_again_count_once() {
        let mut meter = Meter::new(None, Vec::new(), true);
        meter.count_before(&told(100, 40));
        assert!(!meter.count(&told(100, 40)));
        assert!(meter.count(&told(110, 10)));
        meter.count_before(&told(500, 1));
        assert!(!meter.count(&told(110, 10)));
        assert_eq!(used(&meter), (10, 1));
    }

    #[test]
    fn agents_count_from_where_they_were() {
        let meter = Meter::new(None, vec![("old".into(), told(100, 1))], true);
        let agents = meter.agents(vec![("old".into(), told(130, 1)), ("new".into(), told(7, 7))]);
        assert_eq!(agents.total, 37);
    }

    #[test]
    fn what_may_be_missing_is_said() {
        let mut meter = Meter::new(None, Vec::new(), true);
        meter.count(&told(10, 10));
        assert!(!meter.usage(true).unwrap().lower_bound && meter.usage(false).unwrap().lower_bound);
        meter.miss();
        assert!(meter.usage(true).unwrap().lower_bound);
    }
}
