//! What a turn has used of its budget and of its thread's.

use crate::budget::{Budget, BudgetCap};
use crate::event::Event;
use crate::protocol::types::ThreadItem;
use crate::sync::lock;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What was used, of the kinds that have caps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Spent {
    model_calls: u32,
    tool_calls: u32,
    tokens: u64,
    time: Duration,
}

/// The budget of a thread, and what its turns have used of it; shared by the handles of the thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadBudget {
    budget: Budget,
    spent: Arc<Mutex<Spent>>,
}

/// What a turn has used.
#[derive(Debug)]
pub(super) struct Ledger {
    budget: Budget,
    thread: ThreadBudget,
    spent: Spent,
    since: Instant,
    /// Whether the model's latest answer ended with a tool, so that it will be asked again.
    acts: bool,
    /// Whether the end of the time was acted on.
    stopped: bool,
}

impl ThreadBudget {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, spent: Arc::default() }
    }
}

impl Ledger {
    pub(super) fn new(budget: Budget, thread: ThreadBudget, now: Instant) -> Self {
        Self { budget, thread, spent: Spent::default(), since: now, acts: false, stopped: false }
    }

    /// An event of the turn, after which it has used so many tokens in so many answers of the model. Returns the cap that
    /// the turn cannot keep if it goes on.
    pub(super) fn hear(&mut self, event: &Event, tokens: u64, model_calls: u32) -> Option<BudgetCap> {
        let (begun, goes_on) = match event {
            Event::ItemStarted(ThreadItem::UserMessage(_)) => return None,
            Event::ItemStarted(item) => {
                self.acts = is_tool(item);
                let calls = u32::from(self.acts);
                self.spend(|spent| spent.tool_calls += calls);
                // The answer that uses a tool is counted when the tool has ended, and by then the next one is on its way.
                (calls, true)
            }
            Event::Usage(_) => {
                let more_tokens = tokens.saturating_sub(self.spent.tokens);
                let more_calls = model_calls.saturating_sub(self.spent.model_calls);
                self.spend(|spent| {
                    spent.tokens += more_tokens;
                    spent.model_calls += more_calls;
                });
                (0, self.acts)
            }
            _ => return None,
        };
        let of_thread = *lock(&self.thread.spent);
        let exceeded = |budget, spent| exceeded(budget, spent, begun, goes_on);
        exceeded(self.budget, self.spent).or_else(|| exceeded(self.thread.budget, of_thread))
    }

    fn spend(&mut self, spend: impl Fn(&mut Spent)) {
        spend(&mut self.spent);
        spend(&mut lock(&self.thread.spent));
    }

    /// The end of the time was acted on.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// When the time of the budget is over.
    pub(super) fn due(&self) -> Option<(Instant, BudgetCap)> {
        if self.stopped {
            return None;
        }
        let of_turn = self.budget.time.and_then(|cap| Some((self.since.checked_add(cap)?, cap)));
        let of_thread = self.thread.budget.time.and_then(|cap| {
            let left = cap.saturating_sub(lock(&self.thread.spent).time);
            Some((self.since.checked_add(left)?, cap))
        });
        let first = of_turn.into_iter().chain(of_thread).min_by_key(|(at, _)| *at);
        first.map(|(at, cap)| (at, BudgetCap::Time(cap)))
    }
}

/// The cap that is reached, for a turn that goes on. `begun` counts the answer of the model that is not over yet.
fn exceeded(budget: Budget, spent: Spent, begun: u32, goes_on: bool) -> Option<BudgetCap> {
    let tools = budget.tool_calls.filter(|cap| spent.tool_calls > *cap);
    let calls = budget.model_calls.filter(|cap| goes_on && spent.model_calls + begun >= *cap);
    let tokens = budget.tokens.filter(|cap| goes_on && spent.tokens >= *cap);
    let tools = tools.map(BudgetCap::ToolCalls);
    tools.or(calls.map(BudgetCap::ModelCalls)).or(tokens.map(BudgetCap::Tokens))
}

impl Drop for Ledger {
    fn drop(&mut self) {
        lock(&self.thread.spent).time += self.since.elapsed();
    }
}

/// Whether the item is a tool at work, whose result the model will be asked about.
fn is_tool(item: &ThreadItem) -> bool {
    matches!(
        item,
        ThreadItem::CommandExecution(_)
            | ThreadItem::FileChange(_)
            | ThreadItem::McpToolCall(_)
            | ThreadItem::DynamicToolCall(_)
            | ThreadItem::CollabAgentToolCall(_)
            | ThreadItem::WebSearch(_)
            | ThreadItem::ImageView(_)
            | ThreadItem::ImageGeneration(_)
            | ThreadItem::Sleep(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn started(kind: &str) -> Event {
        let item = match kind {
            "tool" => json!({ "type": "sleep", "id": "s", "durationMs": 1 }),
            _ => json!({ "type": "agentMessage", "id": "m", "text": "" }),
        };
        Event::ItemStarted(serde_json::from_value(item).unwrap())
    }

    fn usage() -> Event {
        let none = json!({
            "totalTokens": 0, "inputTokens": 0, "cachedInputTokens": 0, "outputTokens": 0, "reasoningOutputTokens": 0,
        });
        Event::Usage(Box::new(serde_json::from_value(json!({ "total": none, "last": none })).unwrap()))
    }

    fn ledger(budget: Budget) -> Ledger {
        Ledger::new(budget, ThreadBudget::default(), Instant::now())
    }

    #[test]
    fn the_last_answer_may_reach_a_cap_and_one_with_a_tool_may_not() {
        for budget in [Budget::new().model_calls(1), Budget::new().tokens(10)] {
            let mut last = ledger(budget);
            assert_eq!((last.hear(&started("words"), 0, 0), last.hear(&usage(), 10, 1)), (None, None));
        }
        let mut acting = ledger(Budget::new().model_calls(1));
        assert_eq!(
            acting.hear(&started("tool"), 0, 0),
            Some(BudgetCap::ModelCalls(1)),
            "it would need another answer"
        );
        let mut acting = ledger(Budget::new().tokens(10));
        assert_eq!(acting.hear(&started("tool"), 0, 0), None);
        assert_eq!(acting.hear(&usage(), 10, 1), Some(BudgetCap::Tokens(10)));
    }

    #[test]
    fn what_begins_after_a_cap_was_reached_is_too_much() {
        let mut ledger = ledger(Budget::new().model_calls(1));
        assert_eq!(ledger.hear(&usage(), 10, 1), None);
        assert_eq!(ledger.hear(&started("words"), 10, 1), Some(BudgetCap::ModelCalls(1)));
    }

    #[test]
    fn words_after_the_last_tool_are_the_last_answer() {
        let mut ledger = ledger(Budget::new().model_calls(2));
        for (event, calls) in [(started("tool"), 0), (usage(), 1), (started("words"), 1), (usage(), 2)] {
            assert_eq!(ledger.hear(&event, 0, calls), None);
        }
    }

    #[test]
    fn turns_of_a_thread_spend_together() {
        let thread = ThreadBudget::new(Budget::new().tool_calls(1));
        let turn = || Ledger::new(Budget::new(), thread.clone(), Instant::now());
        assert_eq!(turn().hear(&started("tool"), 0, 0), None);
        assert_eq!(turn().hear(&started("tool"), 0, 0), Some(BudgetCap::ToolCalls(1)));
    }
}
