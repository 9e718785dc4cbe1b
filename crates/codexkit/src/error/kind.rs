//! The kinds of failure.

use std::fmt;

/// The kinds of failure, to decide by. Tests and programs match on these, never on texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No codex binary was found; the text lists where it was looked for.
    NotFound,
    /// Codex could not be installed.
    Provision,
    /// The server process could not be started, or ended before it said anything.
    Spawn,
    /// The transport could not be opened: nobody listens there, or the way is blocked. [`source`](std::error::Error::source)
    /// says more.
    Connect,
    /// The server wants to know who connects: the token is missing, wrong or expired (HTTP status 401).
    Unauthorized,
    /// The server lets nobody in who connects in this way (HTTP status 403).
    Forbidden,
    /// The server refused or garbled the handshake.
    Handshake,
    /// The server is too old for this SDK, or for what was asked of it.
    Incompatible,
    /// The connection has ended; [`Error::closed_by`](super::Error::closed_by) says how.
    Closed,
    /// The connection broke while the call was under way, and is being made anew. Whether the server has carried the call out
    /// is not known. Only with [`CodexBuilder::reconnect`](crate::CodexBuilder::reconnect); reads are repeated instead.
    Disconnected,
    /// A clock ran out; it says which.
    Timeout(Clock),
    /// A turn has been silent for longer than allowed.
    Stalled,
    /// The server answered with an error that is none of the kinds below.
    Rpc,
    /// The server has too much to do. The request was not taken and may be repeated.
    Overloaded,
    /// No thread with that id exists, or it is not loaded.
    ThreadNotFound,
    /// A turn is running on the thread already.
    Busy,
    /// The turn has ended, so it can neither be steered nor interrupted.
    NotRunning,
    /// The server did not accept the parameters.
    InvalidParams,
    /// The server does not know the method.
    UnknownMethod,
    /// The method or field needs the experimental API, which is switched off.
    ExperimentalRequired,
    /// The input of the turn is longer than the server takes, or a message larger than the transport does.
    InputTooLarge,
    /// The configuration of codex is broken, or would be by what was to be written.
    Config,
    /// The configuration was changed by somebody else meanwhile: read it again, then write.
    ConfigConflict,
    /// The parameters could not be written as JSON.
    Encode,
    /// Something that the server sent did not have the promised form.
    Decode,
    /// The server broke the rules of the protocol.
    Protocol,
    /// The turn ended in failure.
    TurnFailed,
    /// The turn was completed, and its final answer did not have the form that was asked for;
    /// [`Error::undecodable`](super::Error::undecodable) says where, [`Error::output`](super::Error::output) has it all.
    InvalidOutput,
    /// The turn was interrupted.
    Interrupted,
    /// The account has used up what it may use for now; [`Error::resets_at`](super::Error::resets_at) says until when.
    UsageLimit,
    /// Nobody is logged in, and the model provider asks for it.
    NotLoggedIn,
    /// A login did not succeed: it was refused, given up in the browser, or cancelled.
    LoginFailed,
    /// The login was valid and is no longer.
    AuthLost,
    /// A budget that the program had set is spent.
    BudgetExceeded,
    /// Events had to be left out because nobody read them in time.
    Lagged,
    /// An ask of the server was rejected.
    Rejected,
    /// This SDK was used in a way that cannot work; the text says how to mend it.
    Usage,
}

impl ErrorKind {
    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Overloaded | Self::Busy)
    }
}

/// The clocks that can end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Clock {
    /// Opening the transport.
    Connect,
    /// The first answer of the server.
    Initialize,
    /// One call, from the moment it was made to its answer.
    Call,
    /// A whole turn.
    Turn,
    /// Installing codex.
    Provision,
    /// A login that somebody has to complete.
    Login,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Initialize => "initialize",
            Self::Call => "call",
            Self::Turn => "turn",
            Self::Provision => "provision",
            Self::Login => "login",
        })
    }
}
