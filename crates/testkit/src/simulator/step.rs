//! What an act is made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// One thing that the server does. The ids of thread and turn are filled in when it is played.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Step {
    /// The answer to the `turn/start` that began the act.
    Respond,
    /// The announcement of the turn, and the item of the user's input.
    Begin,
    /// An item begins.
    Open(Value),
    /// An item ends.
    Close(Value),
    /// Pieces of text for an item.
    Deltas { method: String, item: String, pieces: Pieces },
    /// The token counts and rate limits that follow each answer of the model.
    Usage,
    /// Any notification. Missing ids of thread and turn are added.
    Notify { method: String, params: Value },
    /// A request to the client, whose answer is waited for unless it is told otherwise.
    Ask { method: String, params: Value, waits: bool },
    /// A command or change that needs approval: item, request, and what follows from the answer.
    Approval { item: Value, method: String, params: Value },
    /// The requests that are open are withdrawn.
    Withdraw,
    /// The turn is told to have ended so.
    End(Ending),
    /// What the server says about the turn when it is asked, from here on.
    StoredAs { status: String, completed: bool },
    /// Another agent's turn begins, on a thread of its own.
    Child(Box<super::Act>),
    /// A turn that nobody asked for begins on this thread, once this one has ended.
    Successor(Box<super::Act>),
    /// Bytes, exactly as they are.
    Bytes(Vec<u8>),
    /// Nothing is done for a while.
    Wait(Duration),
    /// Something outside of the protocol.
    Deed(Deed),
}

/// The texts of a run of deltas.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Pieces {
    /// These.
    Texts(Vec<String>),
    /// So many, each of so many bytes, and numbered.
    Numbered { count: usize, bytes: usize },
}

impl Pieces {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Numbered { count, .. } => *count,
        }
    }

    /// The text at a place.
    pub(super) fn get(&self, at: usize) -> String {
        match self {
            Self::Texts(texts) => texts.get(at).cloned().unwrap_or_default(),
            Self::Numbered { bytes, .. } => {
                let number = format!("{at:0bytes$}");
                number[number.len() - bytes..].to_owned()
            }
        }
    }

    pub(super) fn whole(&self) -> String {
        (0..self.len()).map(|at| self.get(at)).collect()
    }
}

/// How a turn ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ending {
    /// Well.
    Completed,
    /// Stopped by the client.
    Interrupted,
    /// With an error: its text and its `codexErrorInfo`.
    Failed { message: String, info: Value },
    /// In a way that is told by its status alone.
    Other(String),
    /// On the server, which tells nobody.
    Unseen,
    /// Never.
    Never,
}

/// What a server does to its process and its pipes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Deed {
    /// It ends with this code. In memory it hangs up.
    Exit(i32),
    /// It is killed. In memory it hangs up.
    Die,
    /// It ends its output and goes on.
    CloseOutput,
    /// It writes so many bytes to its standard error. Nothing in memory.
    Stderr(usize),
    /// It starts a child that holds its output open for so long. Nothing in memory.
    HoldOutput(Duration),
}
