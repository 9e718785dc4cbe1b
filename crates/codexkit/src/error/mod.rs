//! The one error type of the crate.

mod classify;
mod closed;
mod kind;
mod stalled;

pub(crate) use classify::answered_with;
pub use closed::{CloseReason, Closed, ExitStatus};
pub use kind::{Clock, ErrorKind};
pub use stalled::Stalled;

use crate::continuation::Continuation;
use crate::output::TurnOutput;
use crate::protocol::{DecodeError, RpcError, ThreadId, TurnId};
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong, told apart by [`kind`](Error::kind).
///
/// It is one word wide and cheap to clone. Its text says what happened and what to do about it, and never repeats
/// its [`source`](StdError::source).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    method: Option<Cow<'static, str>>,
    thread: Option<ThreadId>,
    turn: Option<TurnId>,
    detail: Detail,
    output: Option<Arc<TurnOutput>>,
}

/// What only some kinds carry.
#[derive(Debug, Clone)]
enum Detail {
    None,
    Rpc(RpcError),
    Closed(Closed),
    Decode { error: DecodeError, raw: Box<str> },
    Stalled(Stalled),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            source: None,
            method: None,
            thread: None,
            turn: None,
            detail: Detail::None,
            output: None,
        }))
    }

    pub(crate) fn closed(closed: Closed) -> Self {
        Self::new(ErrorKind::Closed, closed.to_string()).with(|inner| inner.detail = Detail::Closed(closed))
    }

    pub(crate) fn rpc(kind: ErrorKind, message: impl Into<Cow<'static, str>>, rpc: RpcError) -> Self {
        Self::new(kind, message).with(|inner| inner.detail = Detail::Rpc(rpc))
    }

    pub(crate) fn stalled(kind: ErrorKind, message: impl Into<Cow<'static, str>>, stalled: Stalled) -> Self {
        Self::new(kind, message).with(|inner| inner.detail = Detail::Stalled(stalled))
    }

    /// The answer to, or the notification of, `method` did not have the promised form.
    pub(crate) fn decode(method: impl Into<Cow<'static, str>>, error: DecodeError, raw: &str) -> Self {
        let method = method.into();
        let raw = cut(raw, crate::limits::RAW_IN_ERRORS).into();
        Self::new(ErrorKind::Decode, format!("`{method}` came in an unexpected form: {error}"))
            .with_method(method)
            .with(|inner| inner.detail = Detail::Decode { error, raw })
    }

    /// The final answer of a turn did not have the form that was asked for.
    pub(crate) fn invalid_output(error: DecodeError, output: TurnOutput) -> Self {
        let raw = cut(output.text(), crate::limits::RAW_IN_ERRORS).into();
        Self::new(
            ErrorKind::InvalidOutput,
            format!("the answer does not have the form that was asked for: {error}"),
        )
        .with_thread(&output.thread)
        .with_turn(&output.turn)
        .with(|inner| inner.detail = Detail::Decode { error, raw })
        .with_output(output)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn with_method(self, method: impl Into<Cow<'static, str>>) -> Self {
        self.with(|inner| inner.method = Some(method.into()))
    }

    pub(crate) fn with_thread(self, thread: &ThreadId) -> Self {
        self.with(|inner| inner.thread = Some(thread.clone()))
    }

    pub(crate) fn with_turn(self, turn: &TurnId) -> Self {
        self.with(|inner| inner.turn = Some(turn.clone()))
    }

    pub(crate) fn with_output(self, output: TurnOutput) -> Self {
        self.with(|inner| inner.output = Some(Arc::new(output)))
    }

    /// Which kind of failure it is. Kinds can be added, so a match needs an arm for the rest.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The server's method that was called or decoded, if it was about one.
    pub fn method(&self) -> Option<&str> {
        self.0.method.as_deref()
    }

    /// The thread that it happened on.
    pub fn thread(&self) -> Option<&ThreadId> {
        self.0.thread.as_ref()
    }

    /// The turn that it happened in.
    pub fn turn(&self) -> Option<&TurnId> {
        self.0.turn.as_ref()
    }

    /// The server's own error, with code, message and data as they came.
    pub fn rpc_error(&self) -> Option<&RpcError> {
        match &self.0.detail {
            Detail::Rpc(error) => Some(error),
            _ => None,
        }
    }

    /// How the connection ended.
    pub fn closed_by(&self) -> Option<&Closed> {
        match &self.0.detail {
            Detail::Closed(closed) => Some(closed),
            _ => None,
        }
    }

    /// What is known about the turn whose clock ran out.
    pub fn stalled_turn(&self) -> Option<&Stalled> {
        match &self.0.detail {
            Detail::Stalled(stalled) => Some(stalled),
            _ => None,
        }
    }

    /// Where the wait for a turn was broken off, if the turn may still run.
    pub fn continuation(&self) -> Option<&Continuation> {
        self.stalled_turn().map(|stalled| &stalled.continuation)
    }

    /// What did not decode and where, with at most 4 KiB of the text that came.
    pub fn undecodable(&self) -> Option<(&DecodeError, &str)> {
        match &self.0.detail {
            Detail::Decode { error, raw } => Some((error, raw)),
            _ => None,
        }
    }

    /// What the turn had given when it failed, was interrupted, or lost its connection.
    pub fn output(&self) -> Option<&TurnOutput> {
        self.0.output.as_deref()
    }

    /// When the account can be used again after a [`UsageLimit`](ErrorKind::UsageLimit), as far as the server has told.
    pub fn resets_at(&self) -> Option<SystemTime> {
        self.output().and_then(|output| output.limit_resets_at)
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable()
    }

    /// Whether the connection is gone, so that only a new one helps.
    pub fn is_closed(&self) -> bool {
        self.0.kind == ErrorKind::Closed
    }

    /// Whether a clock ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout(_) | ErrorKind::Stalled)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.0.message);
        let mut some = |name, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                debug.field(name, value);
            }
        };
        some("method", self.0.method.as_ref().map(|m| m as _));
        some("thread", self.0.thread.as_ref().map(|t| t as _));
        some("turn", self.0.turn.as_ref().map(|t| t as _));
        some("rpc", self.rpc_error().map(|e| e as _));
        some("closed", self.closed_by().map(|c| c as _));
        some("source", self.0.source.as_ref().map(|s| s as _));
        debug.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The first `limit` bytes of a text, or a little less so that no character is torn.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    #[test]
    fn an_error_is_one_word_and_can_be_sent_and_cloned() {
        covers!["003-242"];
        fn sendable<T: Send + Sync + Clone + 'static>() {}
        sendable::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn the_text_does_not_repeat_the_source() {
        let error =
            Error::new(ErrorKind::Spawn, "codex did not start").with_source(std::io::Error::other("why"));
        assert_eq!(error.to_string(), "codex did not start");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("why"));
    }

    #[test]
    fn raw_text_is_cut_between_characters() {
        assert_eq!(cut("aäb", 2), "a");
        assert_eq!(cut("ab", 9), "ab");
    }
}
