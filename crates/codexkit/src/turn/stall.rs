//! The errors that tell that a wait has ended, though the turn has not.

use super::clocks::{Clocks, Due};
use crate::continuation::Continuation;
use crate::error::{Clock, Error, ErrorKind, Stalled};
use tokio::time::Instant;

/// The error for a clock that has run out.
pub(super) fn error(
    due: Due,
    clocks: &Clocks,
    continuation: Continuation,
    stderr_tail: String,
    now: Instant,
) -> Error {
    let silent_for = clocks.silent_for(now);
    let last_event = clocks.last_method().map(str::to_owned);
    let (kind, text) = match due {
        Due::Idle => (
            ErrorKind::Stalled,
            format!(
                "nothing was heard of the turn for {silent_for:?}, the last event being {}; it may still run: go on \
                 waiting, interrupt it, or raise `idle`",
                last_event.as_deref().unwrap_or("none")
            ),
        ),
        Due::Network => (
            ErrorKind::Stalled,
            "the server does nothing but try to reach the model; check the network and the model provider, or raise \
             `network`"
                .to_owned(),
        ),
        Due::Total => (
            ErrorKind::Timeout(Clock::Turn),
            "the turn took longer than it may in all; interrupt it, go on waiting, or raise `total`".to_owned(),
        ),
    };
    Error::stalled(kind, text, Stalled { continuation, silent_for, last_event, stderr_tail })
}
