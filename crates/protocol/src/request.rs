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

    /// Writes the parameters. The code is compiled with this crate rather than in every program.
    ///
    /// # Errors
    ///
    /// When they hold something that JSON cannot say, such as a map with keys that are no strings.
    fn encode(&self) -> serde_json::Result<Box<RawValue>>;

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

/// A parameter that not every supported server takes. Other servers ignore it in silence.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire, as in `dynamicTools`.
    pub name: &'static str,
    /// Whether the server asks for the `experimentalApi` capability.
    pub experimental: bool,
    /// The oldest supported version that has it.
    pub since: Version,
    /// The first version that no longer has it.
    pub until: Option<Version>,
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

impl Method {
    /// The method of that name, if any supported server has it.
    ///
    /// ```
    /// use codexkit_protocol::{CallClass, Method};
    ///
    /// assert_eq!(Method::find("turn/interrupt").map(|method| method.class), Some(CallClass::Control));
    /// assert_eq!(Method::find("no/such"), None);
    /// ```
    pub fn find(name: &str) -> Option<&'static Self> {
        let at = crate::ALL_METHODS.binary_search_by(|method| method.name.cmp(name)).ok()?;
        Some(crate::ALL_METHODS[at])
    }
}

/// The parameters of a request of the server, which wants one type of answer.
pub trait Answerable {
    /// The method, as in `item/fileChange/requestApproval`.
    const METHOD: &'static str;

    /// What we answer.
    type Answer: Serialize;
}

/// What may happen to a notification that is not consumed in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// It is kept.
    Keep,
    /// It is a piece of a text: adjacent pieces of one item become one.
    Merge,
    /// It may be left out: a later notification or the completed item has it all.
    Drop,
    /// Only the latest one of its turn or thread counts.
    Latest,
}
