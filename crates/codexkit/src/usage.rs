//! Tokens: how many, and for what.

use crate::protocol::types::TokenUsageBreakdown;
use std::ops::{Add, AddAssign};

/// Numbers of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TokenUsage {
    /// What the model was given, cached tokens included.
    pub input: u64,
    /// Of these, what came out of the provider's cache.
    pub cached_input: u64,
    /// Of these, what was put into the provider's cache.
    pub cache_write_input: u64,
    /// What the model has written, its thoughts included.
    pub output: u64,
    /// Of these, what it has thought.
    pub reasoning_output: u64,
    /// All together, as the provider counts.
    pub total: u64,
}

impl TokenUsage {
    /// What was used since then.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            input: self.input.saturating_sub(earlier.input),
            cached_input: self.cached_input.saturating_sub(earlier.cached_input),
            cache_write_input: self.cache_write_input.saturating_sub(earlier.cache_write_input),
            output: self.output.saturating_sub(earlier.output),
            reasoning_output: self.reasoning_output.saturating_sub(earlier.reasoning_output),
            total: self.total.saturating_sub(earlier.total),
        }
    }
}

impl From<&TokenUsageBreakdown> for TokenUsage {
    fn from(counts: &TokenUsageBreakdown) -> Self {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Self {
            input: count(counts.input_tokens),
            cached_input: count(counts.cached_input_tokens),
            cache_write_input: counts.cache_write_input_tokens.map_or(0, count),
            output: count(counts.output_tokens),
            reasoning_output: count(counts.reasoning_output_tokens),
            total: count(counts.total_tokens),
        }
    }
}

impl Add for TokenUsage {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            input: self.input.saturating_add(more.input),
            cached_input: self.cached_input.saturating_add(more.cached_input),
            cache_write_input: self.cache_write_input.saturating_add(more.cache_write_input),
            output: self.output.saturating_add(more.output),
            reasoning_output: self.reasoning_output.saturating_add(more.reasoning_output),
            total: self.total.saturating_add(more.total),
        }
    }
}

impl AddAssign for TokenUsage {
    fn add_assign(&mut self, more: Self) {
        *self = *self + more;
    }
}

/// What a turn has used.
///
/// The server tells totals of the thread after each answer of the model. The turn's part is a difference of these totals,
/// so an answer that was not heard of still counts once a later one was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TurnUsage {
    /// What the turn has used.
    pub turn: TokenUsage,
    /// What the agents that run on its behalf have used meanwhile, on threads of their own. Not part of `turn`.
    pub agents: TokenUsage,
    /// What the thread has used in all, up to the end of the turn. A fork begins at the total of its source.
    pub thread: TokenUsage,
    /// How many answers of the model were counted.
    pub model_calls: u32,
    /// How many tokens the model can look at together, if the server says so.
    pub context_window: Option<u64>,
    /// Whether more may have been used: the turn did not run to its end or was not seen from its beginning, so that an
    /// answer of the model may be missing.
    pub lower_bound: bool,
}
