//! What can be asked: each kind has its type, and each type its answer.
//!
//! The traits are public by their use in bounds and cannot be named outside, so the kinds are ours.

use super::origin::Origin;
use crate::client::AskAnswer;
use crate::protocol::RpcError;
use serde::Serialize;
use serde_json::value::to_raw_value;

/// Something that the server can ask.
pub trait Question: Send + 'static {
    /// What it is answered with.
    type Answer: Answer;

    /// What is asked for, on one line, for the audit; nothing when there is nothing to decide.
    fn what(&self) -> Option<String> {
        None
    }

    /// Where it comes from; nowhere in particular by default.
    fn origin(&self) -> Option<&Origin> {
        None
    }

    /// The answer that permits nothing.
    fn safe_answer(&self) -> AskAnswer;
}

/// What a question is answered with.
pub trait Answer: Send + 'static {
    /// Whether it gives what was asked for, or part of it.
    fn permits(&self) -> bool;

    /// The answer in the form that the server asks for.
    fn write(self) -> AskAnswer;
}

/// An answer that is one of the generated types.
pub(super) fn write(answer: &impl Serialize) -> AskAnswer {
    to_raw_value(answer).map_err(|error| RpcError::new(RpcError::INTERNAL_ERROR, error.to_string()))
}

/// The refusal of a request that has no harmless answer.
pub(super) fn refuse(why: &str) -> AskAnswer {
    Err(RpcError::new(RpcError::INTERNAL_ERROR, why))
}
