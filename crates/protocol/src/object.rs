//! Taking an object apart, member by member.

use crate::decode::{Decode, unexpected};
use crate::json::{Json, Member};
use crate::{DecodeError, Patch};
use serde_json::Value;
use std::collections::BTreeMap;

/// An object whose members are taken out one after the other. What nobody takes is passed over.
pub(crate) struct Obj<'a> {
    members: Vec<Member<'a>>,
}

impl<'a> Obj<'a> {
    pub(crate) fn of(json: Json<'a>) -> Result<Self, DecodeError> {
        match json {
            Json::Object(members) => Ok(Self { members }),
            other => Err(unexpected("an object", &other)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.members.iter().position(|member| member.0 == name)?;
        Some(self.members.swap_remove(at).1)
    }

    /// A member that must be there.
    pub(crate) fn req<T: Decode>(&mut self, name: &str) -> Result<T, DecodeError> {
        match self.take(name) {
            Some(value) => T::decode(value).map_err(|error| error.under(name)),
            None => Err(missing(name)),
        }
    }

    /// A member that may be missing or null.
    pub(crate) fn opt<T: Decode>(&mut self, name: &str) -> Result<Option<T>, DecodeError> {
        match self.take(name) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => T::decode(value).map(Some).map_err(|error| error.under(name)),
        }
    }

    /// A member whose absence means the empty value.
    pub(crate) fn or_default<T: Decode + Default>(&mut self, name: &str) -> Result<T, DecodeError> {
        Ok(self.opt(name)?.unwrap_or_default())
    }

    /// A member whose absence means something else than null.
    pub(crate) fn patch<T: Decode>(&mut self, name: &str) -> Result<Patch<T>, DecodeError> {
        match self.take(name) {
            None => Ok(Patch::Keep),
            Some(Json::Null) => Ok(Patch::Clear),
            Some(value) => T::decode(value).map(Patch::Set).map_err(|error| error.under(name)),
        }
    }

    /// One of several members of which at least one must be there; `names` is for the error text.
    pub(crate) fn source<T: Source>(&mut self, names: &str) -> Result<T, DecodeError> {
        for (index, name) in T::NAMES.iter().enumerate() {
            match self.take(name) {
                None | Some(Json::Null) => {}
                Some(value) => {
                    let text = String::decode(value).map_err(|error| error.under(name))?;
                    return Ok(T::from_text(index, text));
                }
            }
        }
        Err(DecodeError::new(format!("expected one of {names}")))
    }

    /// Every member that was not taken.
    pub(crate) fn rest(&mut self, _: &str) -> Result<BTreeMap<String, Value>, DecodeError> {
        let rest = std::mem::take(&mut self.members);
        Ok(rest.into_iter().map(|(name, value)| (name.into_owned(), value.into_value())).collect())
    }
}

#[cold]
fn missing(name: &str) -> DecodeError {
    DecodeError::new("missing").under(name)
}

/// A choice between members of an object, each a string.
pub(crate) trait Source: Sized {
    /// The members.
    const NAMES: &'static [&'static str];

    /// The choice of the member at `index`.
    fn from_text(index: usize, text: String) -> Self;
}
