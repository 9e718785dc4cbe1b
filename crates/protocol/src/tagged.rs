//! Unions that are told apart by a tag, and what is kept of a tag that nobody knows.

use crate::DecodeError;
use crate::decode::unexpected;
use crate::json::Json;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

/// A variant that this version does not know, as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct UnrecognizedVariant {
    tag: Box<str>,
    raw: Value,
}

impl UnrecognizedVariant {
    pub(crate) fn new(tag: Cow<'_, str>, json: Json<'_>) -> Self {
        Self { tag: tag.into(), raw: json.into_value() }
    }

    /// What names the variant: the tag, the text, or the only member; empty when there is none of these.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The whole value.
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// The whole value.
    pub fn into_raw(self) -> Value {
        self.raw
    }
}

impl Serialize for UnrecognizedVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

/// The tag of an object, borrowed from the frame where possible.
pub(crate) fn tag<'a>(json: &Json<'a>, name: &str) -> Result<Cow<'a, str>, DecodeError> {
    let Json::Object(members) = json else { return Err(unexpected("an object", json)) };
    match members.iter().find(|member| member.0 == name) {
        Some((_, Json::Text(tag))) => Ok(tag.clone()),
        Some((_, other)) => Err(unexpected("a string", other).under(name)),
        None => Err(DecodeError::new("missing").under(name)),
    }
}

/// A text, or an object whose only member names the variant.
pub(crate) enum Mixed<'a> {
    Text(Cow<'a, str>),
    Object(Cow<'a, str>, Json<'a>),
    Other(Json<'a>),
}

impl<'a> Mixed<'a> {
    pub(crate) fn of(json: Json<'a>) -> Result<Self, DecodeError> {
        match json {
            Json::Text(text) => Ok(Self::Text(text)),
            Json::Object(mut members) if members.len() == 1 => {
                let (name, value) = members.remove(0);
                Ok(Self::Object(name, value))
            }
            Json::Object(_) => Ok(Self::Other(json)),
            other => Err(unexpected("a string or an object", &other)),
        }
    }

    pub(crate) fn unrecognized(self) -> UnrecognizedVariant {
        match self {
            Self::Text(text) => UnrecognizedVariant::new(text.clone(), Json::Text(text)),
            Self::Object(name, value) => {
                UnrecognizedVariant::new(name.clone(), Json::Object(vec![(name, value)]))
            }
            Self::Other(json) => UnrecognizedVariant::new(Cow::Borrowed(""), json),
        }
    }
}
