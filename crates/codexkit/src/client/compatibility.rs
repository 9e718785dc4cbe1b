//! Whether the server at the other end takes a call as it is meant.
//!
//! A server ignores the fields that it does not know, so an option that an old one lacks would vanish in silence.

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Field, Method, Version};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What the server at the other end can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Abilities {
    /// Its version, if it told it in a form that we know.
    pub(super) version: Option<Version>,
    /// Whether the experimental API was asked for.
    pub(super) experimental_api: bool,
}

impl Abilities {
    /// Whether the server takes this call with these parameters.
    pub(super) fn check(&self, method: &Method, params: &RawValue) -> Result<()> {
        let name = method.name;
        self.allows(method.experimental, || format!("`{name}`"))?;
        self.reaches(method.since, || format!("`{name}`"))?;
        self.precedes(method.until, || format!("`{name}`"))?;
        if method.fields.iter().all(|field| self.has(field)) {
            return Ok(());
        }
        for present in top_level_keys(params) {
            if let Some(field) = method.fields.iter().find(|field| field.name == present) {
                let what = || format!("`{}` of `{name}`", field.name);
                self.allows(field.experimental, what)?;
                self.reaches(field.since, what)?;
                self.precedes(field.until, what)?;
            }
        }
        Ok(())
    }

    /// Whether the server takes a field of a method.
    pub(super) fn takes(&self, method: &Method, name: &str) -> bool {
        method.fields.iter().find(|field| field.name == name).is_none_or(|field| self.has(field))
    }

    fn has(&self, field: &Field) -> bool {
        let is_there = |version| version >= field.since && field.until.is_none_or(|until| version < until);
        (self.experimental_api || !field.experimental) && self.version.is_none_or(is_there)
    }

    fn allows(&self, experimental: bool, what: impl FnOnce() -> String) -> Result<()> {
        if self.experimental_api || !experimental {
            return Ok(());
        }
        let text =
            format!("{} belongs to the experimental API; connect with `experimental_api(true)`", what());
        Err(Error::new(ErrorKind::ExperimentalRequired, text))
    }

    fn reaches(&self, since: Version, what: impl FnOnce() -> String) -> Result<()> {
        match self.version {
            Some(version) if version < since => Err(incompatible(format!(
                "{} exists since codex {since}, and this server is {version}; use a newer codex",
                what()
            ))),
            _ => Ok(()),
        }
    }

    fn precedes(&self, until: Option<Version>, what: impl FnOnce() -> String) -> Result<()> {
        match (self.version, until) {
            (Some(version), Some(until)) if version >= until => Err(incompatible(format!(
                "{} was removed in codex {until}, and this server is {version}",
                what()
            ))),
            _ => Ok(()),
        }
    }
}

fn incompatible(text: String) -> Error {
    Error::new(ErrorKind::Incompatible, text)
}

/// The names of an object's own fields; none for anything else.
fn top_level_keys(object: &RawValue) -> Vec<Cow<'_, str>> {
    struct Keys<'a>(Vec<Cow<'a, str>>);

    impl<'de> Deserialize<'de> for Keys<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct KeyVisitor;

            impl<'de> Visitor<'de> for KeyVisitor {
                type Value = Keys<'de>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut keys = Vec::new();
                    while let Some((key, IgnoredAny)) = map.next_entry()? {
                        keys.push(key);
                    }
                    Ok(Keys(keys))
                }
            }

            deserializer.deserialize_map(KeyVisitor)
        }
    }

    serde_json::from_str(object.get()).map(|Keys(keys)| keys).unwrap_or_default()
}
