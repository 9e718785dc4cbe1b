//! What a turn is given.

use crate::protocol::types::UserInput;

/// What a turn is given: a text, or a list of inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Input(Vec<UserInput>);

impl Input {
    pub(crate) fn into_vec(self) -> Vec<UserInput> {
        self.0
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
        Self(vec![input])
    }
}

impl From<Vec<UserInput>> for Input {
    fn from(inputs: Vec<UserInput>) -> Self {
        Self(inputs)
    }
}

impl<const N: usize> From<[UserInput; N]> for Input {
    fn from(inputs: [UserInput; N]) -> Self {
        Self(inputs.into())
    }
}
