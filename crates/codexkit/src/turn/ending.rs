//! What the end of a turn means.

use crate::error::{Error, ErrorKind, Result};
use crate::output::TurnOutput;
use crate::protocol::types::{CodexErrorInfo, TurnStatus};

impl TurnOutput {
    /// The output of a turn that was completed; an error that carries the output otherwise.
    ///
    /// # Errors
    ///
    /// `Interrupted`; `UsageLimit`, `Overloaded`, `AuthLost`, `InputTooLarge` where the failure has such a cause;
    /// `TurnFailed` else.
    pub fn into_result(self) -> Result<Self> {
        let (kind, text) = match self.status {
            TurnStatus::Completed => return Ok(self),
            TurnStatus::Interrupted => match self.budget_exceeded {
                Some(cap) => (
                    ErrorKind::BudgetExceeded,
                    format!(
                        "the turn would have needed more than its budget of {cap}; what it had given is in the error"
                    ),
                ),
                None => (
                    ErrorKind::Interrupted,
                    "the turn was interrupted; what it had given is in the error".to_owned(),
                ),
            },
            _ => match &self.error {
                Some(error) => {
                    let kind = error.codex_error_info.as_ref().map_or(ErrorKind::TurnFailed, kind);
                    (kind, format!("the turn failed: {}", error.message))
                }
                None => (ErrorKind::TurnFailed, format!("the turn ended as {}", self.status)),
            },
        };
        Err(Error::new(kind, text).with_thread(&self.thread).with_turn(&self.turn).with_output(self))
    }

    /// Whether it failed because the account has used up what it may use.
    pub(super) fn hit_usage_limit(&self) -> bool {
        let info = self.error.as_ref().and_then(|error| error.codex_error_info.as_ref());
        info.is_some_and(|info| kind(info) == ErrorKind::UsageLimit)
    }
}

fn kind(info: &CodexErrorInfo) -> ErrorKind {
    match info {
        CodexErrorInfo::UsageLimitExceeded => ErrorKind::UsageLimit,
        CodexErrorInfo::ServerOverloaded => ErrorKind::Overloaded,
        CodexErrorInfo::Unauthorized => ErrorKind::AuthLost,
        CodexErrorInfo::ContextWindowExceeded => ErrorKind::InputTooLarge,
        _ => ErrorKind::TurnFailed,
    }
}
