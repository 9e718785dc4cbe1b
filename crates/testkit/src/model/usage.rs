//! The token counts of a response.

use serde_json::{Value, json};

/// The token counts that a response reports when it is complete.
///
/// The default is a small fixed usage (10 in, 5 out), so that a test that does not care still sees numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Usage {
    input: u64,
    cached_input: u64,
    cache_write: u64,
    output: u64,
    reasoning_output: u64,
}

impl Usage {
    /// A usage of so many tokens read and written, none of them cached or spent on reasoning.
    pub fn new(input: u64, output: u64) -> Self {
        Self { input, output, cached_input: 0, cache_write: 0, reasoning_output: 0 }
    }

    /// How many of the input tokens came from the cache.
    pub fn cached_input(mut self, tokens: u64) -> Self {
        self.cached_input = tokens;
        self
    }

    /// How many of the input tokens were written to the cache.
    pub fn cache_write(mut self, tokens: u64) -> Self {
        self.cache_write = tokens;
        self
    }

    /// How many of the output tokens were spent on reasoning.
    pub fn reasoning_output(mut self, tokens: u64) -> Self {
        self.reasoning_output = tokens;
        self
    }

    pub(super) fn to_json(self) -> Value {
        json!({
            "input_tokens": self.input,
            "input_tokens_details": { "cached_tokens": self.cached_input, "cache_write_tokens": self.cache_write },
            "output_tokens": self.output,
            "output_tokens_details": { "reasoning_tokens": self.reasoning_output },
            "total_tokens": self.input.saturating_add(self.output),
        })
    }
}

impl Default for Usage {
    fn default() -> Self {
        Self::new(10, 5)
    }
}
