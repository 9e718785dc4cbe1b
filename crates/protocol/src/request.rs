//! What a method of the server is.

use crate::{DecodeError, Version};
use serde::Serialize;
use serde_json::value::RawValue;

/// The parameters of a method, which stand for the request itself.
///
/// Each of the server's methods has one type that implements this; unit structs where it takes no parameters.
pub trait Request: Serialize {
    /// What is known about the method.
    const METHOD: &'static Method;

    /// What the server answers.
    type Response;

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// When the answer does not have the form that the schema promises.
    fn decode(result: &RawValue) -> Result<Self::Response, DecodeError>;
}

/// What is known about a method of the server.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Method {
    /// Its name on the wire, as in `thread/start`.
    pub name: &'static str,
    /// How long its answer takes, and whether it may overtake others.
    pub class: CallClass,
    /// Whether the server asks for the `experimentalApi` capability.
    pub experimental: bool,
    /// The oldest supported version that has it.
    pub since: Version,
    /// The first version that no longer has it.
    pub until: Option<Version>,
    /// Those of its parameters that not every supported server takes.
    pub fields: &'static [Field],
}

/// A parameter that not every supported server takes. An older server ignores it in silence.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire, as in `dynamicTools`.
    pub name: &'static str,
    /// Whether the server asks for the `experimentalApi` capability.
    pub experimental: bool,
    /// The oldest supported version that has it.
    pub since: Version,
}

/// How a call is treated on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallClass {
    /// Answered at once. Few may be under way, since a flooded server loses answers.
    Quick,
    /// Answered when the work is done, which can take as long as it likes.
    Long,
    /// Steers or stops what runs already, so it never waits behind other calls.
    Control,
}
