//! Where an ask comes from.

use crate::protocol::{ItemId, ThreadId, TurnId};

/// Where an ask comes from: which agent, at which of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Origin {
    /// The thread. An agent that was started by another one has a thread of its own.
    pub thread: Option<ThreadId>,
    /// The turn.
    pub turn: Option<TurnId>,
    /// The item that it is about.
    pub item: Option<ItemId>,
    /// The agent, if another one has started it and the server has told its name.
    pub agent: Option<String>,
    /// The threads on whose behalf the agent runs, the nearest first; none if it is nobody's sub-agent.
    pub ancestors: Vec<ThreadId>,
    /// The environment that it is about; none when there is only one, or the server does not say.
    pub environment: Option<String>,
}

impl Origin {
    pub(super) fn of_item(
        thread: &ThreadId,
        turn: &TurnId,
        item: &ItemId,
        environment: Option<&String>,
    ) -> Self {
        Self {
            thread: Some(thread.clone()),
            turn: Some(turn.clone()),
            item: Some(item.clone()),
            environment: environment.cloned(),
            ..Self::default()
        }
    }
}
