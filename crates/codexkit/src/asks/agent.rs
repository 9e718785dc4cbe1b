//! What an agent can ask, so that its turn or thread can own the answer.

use super::handlers::{Handler, Handlers};
use super::kind::Question;
use super::open::{Ask, OpenAsk};
use super::origin::Origin;
use super::{Approval, Elicitation, McpToolApproval, PermissionRequest, UserInputRequest};
use crate::rules::Subject;

/// A question that an agent can ask.
pub(super) trait AgentQuestion: Question + Sized {
    /// The handler for it, if there is one.
    fn handler(handlers: &Handlers) -> Option<&Handler<Self, Self::Answer>>;

    /// The question in a stream of asks.
    fn open(ask: OpenAsk<Self>) -> Ask;

    /// Where it comes from.
    fn origin_mut(&mut self) -> Option<&mut Origin>;

    /// What rules can decide about it.
    fn subject(&self) -> Option<Subject<'_>> {
        None
    }

    /// The answer when a rule allows it.
    fn allowed(&self) -> Option<Self::Answer> {
        None
    }
}

macro_rules! by_its_handler {
    ($field:ident, $variant:ident) => {
        fn handler(handlers: &Handlers) -> Option<&Handler<Self, Self::Answer>> {
            handlers.$field.as_ref()
        }

        fn open(ask: OpenAsk<Self>) -> Ask {
            Ask::$variant(ask)
        }
    };
}

impl AgentQuestion for Approval {
    by_its_handler!(approval, Approval);

    fn origin_mut(&mut self) -> Option<&mut Origin> {
        match self {
            Self::Command(ask) => Some(&mut ask.origin),
            Self::FileChange(ask) => Some(&mut ask.origin),
            Self::OlderCommand(_) | Self::OlderFileChange(_) => None,
        }
    }

    fn subject(&self) -> Option<Subject<'_>> {
        match self {
            Self::Command(ask) => Some(Subject::from(&*ask.params)),
            Self::FileChange(ask) => Some(ask.subject()),
            Self::OlderCommand(_) | Self::OlderFileChange(_) => None,
        }
    }

    fn allowed(&self) -> Option<Self::Answer> {
        Some(self.accept())
    }
}

impl AgentQuestion for PermissionRequest {
    by_its_handler!(permissions, Permissions);

    fn origin_mut(&mut self) -> Option<&mut Origin> {
        Some(&mut self.origin)
    }

    fn subject(&self) -> Option<Subject<'_>> {
        Some(Subject::from(&*self.params))
    }

    fn allowed(&self) -> Option<Self::Answer> {
        Some(self.grant())
    }
}

impl AgentQuestion for McpToolApproval {
    by_its_handler!(mcp_tool, McpTool);

    fn origin_mut(&mut self) -> Option<&mut Origin> {
        Some(&mut self.origin)
    }

    fn subject(&self) -> Option<Subject<'_>> {
        Subject::mcp_tool(&self.params)
    }

    fn allowed(&self) -> Option<Self::Answer> {
        Some(self.accept())
    }
}

impl AgentQuestion for UserInputRequest {
    by_its_handler!(user_input, UserInput);

    fn origin_mut(&mut self) -> Option<&mut Origin> {
        Some(&mut self.origin)
    }
}

impl AgentQuestion for Elicitation {
    by_its_handler!(elicitation, Elicitation);

    fn origin_mut(&mut self) -> Option<&mut Origin> {
        Some(&mut self.origin)
    }
}
