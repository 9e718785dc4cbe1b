//! How much a turn, or a thread, may use.

use std::fmt;
use std::time::Duration;

/// How much a turn may use, or all turns of a thread together. What reaches a cap and is not over by then is interrupted,
/// and ends as [`BudgetExceeded`](crate::ErrorKind::BudgetExceeded) with what it had given. There is no cap that is not set.
///
/// ```
/// use codexkit::Budget;
/// use std::time::Duration;
///
/// let budget = Budget::new().model_calls(20).tool_calls(40).tokens(200_000).time(Duration::from_secs(600));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Budget {
    pub(crate) model_calls: Option<u32>,
    pub(crate) tool_calls: Option<u32>,
    pub(crate) tokens: Option<u64>,
    pub(crate) time: Option<Duration>,
}

impl Budget {
    /// Without caps.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many answers of the model. A turn is stopped when it would need one more: when the last of these answers
    /// begins to use a tool.
    pub fn model_calls(mut self, cap: u32) -> Self {
        self.model_calls = Some(cap);
        self
    }

    /// At most so many commands, changes of files, searches and calls of tools. The one that is too many is interrupted
    /// when it begins, which may be too late for it: what must not happen needs a sandbox or an approval.
    pub fn tool_calls(mut self, cap: u32) -> Self {
        self.tool_calls = Some(cap);
        self
    }

    /// About so many tokens. They are told after each answer of the model, once its tools have ended; so that answer may go
    /// beyond, and the next one may have begun.
    pub fn tokens(mut self, cap: u64) -> Self {
        self.tokens = Some(cap);
        self
    }

    /// So much time from the start of the turn; for a thread, while its turns run.
    pub fn time(mut self, cap: Duration) -> Self {
        self.time = Some(cap);
        self
    }
}

/// The cap that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetCap {
    /// [`Budget::model_calls`].
    ModelCalls(u32),
    /// [`Budget::tool_calls`].
    ToolCalls(u32),
    /// [`Budget::tokens`].
    Tokens(u64),
    /// [`Budget::time`].
    Time(Duration),
}

impl fmt::Display for BudgetCap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ModelCalls(cap) => write!(f, "{cap} calls of the model"),
            Self::ToolCalls(cap) => write!(f, "{cap} calls of tools"),
            Self::Tokens(cap) => write!(f, "{cap} tokens"),
            Self::Time(cap) => write!(f, "{cap:?}"),
        }
    }
}
