//! What rules decide.

use std::fmt;

/// What becomes of something that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The agent may do it.
    Allow,
    /// The agent may not do it.
    Deny,
    /// The rules leave it to the handler. Without one the answer is no.
    Ask,
}

/// The name of a rule: what it says, or what [`Rules::named`](super::Rules::named) calls it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleName(pub(super) String);

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What becomes of it.
    pub verdict: Verdict,
    /// The rule that decided; when several rules allow it together, the first of these. None when no rule matched.
    pub rule: Option<RuleName>,
    /// Why, in words.
    pub why: String,
}

impl RuleName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Ask => "ask",
        })
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
