//! What a turn is given.

use crate::protocol::ThreadId;
use crate::protocol::types::{FunctionCallOutputBody, TurnStartParams, TurnToolOutput, UserInput};

/// What a turn is given: a text, a list of inputs, or a message from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Input(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    User(Vec<UserInput>),
    External(Box<TurnToolOutput>),
}

/// A message that does not come from the user but from some tool, such as a CI system. The agent reads it with the authority
/// of a tool's output, never as an approval or an order of the user. It starts a turn, or joins the one that runs.
///
/// ```no_run
/// # async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {
/// use codexkit::ExternalMessage;
///
/// thread.run(ExternalMessage::new("ci", "the build has failed: 3 tests")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ExternalMessage(TurnToolOutput);

impl ExternalMessage {
    /// A message from the tool of this name.
    pub fn new(tool: impl Into<String>, content: impl Into<FunctionCallOutputBody>) -> Self {
        Self(TurnToolOutput::new(tool, content))
    }

    /// The namespace of the tool.
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self(self.0.namespace(namespace))
    }
}

impl Input {
    /// The parameters of a turn with this input.
    pub(crate) fn into_params(self, thread: &ThreadId) -> TurnStartParams {
        match self.0 {
            Kind::User(inputs) => TurnStartParams::new(thread, inputs),
            Kind::External(output) => {
                TurnStartParams::new(thread, Vec::<UserInput>::new()).tool_output(*output)
            }
        }
    }

    /// What the user says, unless it is a message from outside.
    pub(crate) fn into_user_inputs(self) -> Option<Vec<UserInput>> {
        match self.0 {
            Kind::User(inputs) => Some(inputs),
            Kind::External(_) => None,
        }
    }
}

impl From<ExternalMessage> for Input {
    fn from(message: ExternalMessage) -> Self {
        Self(Kind::External(Box::new(message.0)))
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        UserInput::text(text).into()
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        UserInput::text(text).into()
    }
}

impl From<&String> for Input {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<UserInput> for Input {
    fn from(input: UserInput) -> Self {
        vec![input].into()
    }
}

impl From<Vec<UserInput>> for Input {
    fn from(inputs: Vec<UserInput>) -> Self {
        Self(Kind::User(inputs))
    }
}

impl<const N: usize> From<[UserInput; N]> for Input {
    fn from(inputs: [UserInput; N]) -> Self {
        Vec::from(inputs).into()
    }
}
