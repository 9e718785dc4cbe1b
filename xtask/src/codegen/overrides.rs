//! What the schema does not say, from `overrides.toml`.

use super::names::pascal;
use crate::error::{Error, Result, read};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The file, as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overrides {
    /// Which types go into which file: the first pattern that matches decides.
    pub(crate) domains: Vec<Domain>,
    /// Definitions that are not generated, because the envelope or another hand-written type does their work.
    pub(crate) skip: BTreeSet<String>,
    /// Definitions that are hand-written types.
    pub(crate) external: BTreeMap<String, String>,
    /// Definitions that are plain strings.
    pub(crate) strings: BTreeSet<String>,
    /// Answers that are not named after their parameters, by method.
    pub(crate) responses: BTreeMap<String, String>,
    /// Parameters that are sent as null: the name of the unit struct, by method.
    pub(crate) units: BTreeMap<String, String>,
    pub(crate) names: Names,
    /// The fields that hold ids, by type of id.
    pub(crate) ids: BTreeMap<String, BTreeSet<String>>,
    /// Fields for which null means something else than absence.
    pub(crate) patch: BTreeSet<String>,
    pub(crate) classes: Classes,
    pub(crate) delivery: Delivery,
    /// Notifications that serde decodes directly.
    pub(crate) hot: BTreeSet<String>,
    /// Our own words for types, and for fields as `Type.field`.
    pub(crate) docs: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Domain {
    pub(crate) file: String,
    pub(crate) types: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    /// What the payloads of a tagged union are called after their tag; the union's own name otherwise.
    pub(crate) suffix: BTreeMap<String, String>,
    /// Names of payload types, as `Union.tag`.
    pub(crate) payloads: BTreeMap<String, String>,
    /// Names of variants, as `Union.text`.
    pub(crate) variants: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classes {
    pub(crate) long: BTreeSet<String>,
    pub(crate) control: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivery {
    pub(crate) merge: BTreeSet<String>,
    pub(crate) drop: BTreeSet<String>,
    pub(crate) latest: BTreeSet<String>,
}

impl Overrides {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        toml::from_str(&read(path)?).map_err(|error| Error::file(path, error))
    }

    /// The name of the object of one variant.
    pub(crate) fn payload(&self, union: &str, text: &str) -> String {
        let key = format!("{union}.{text}");
        self.names.payloads.get(&key).cloned().unwrap_or_else(|| {
            let suffix = self.names.suffix.get(union).map_or(union, String::as_str);
            let name = pascal(text);
            if name.ends_with(suffix) { name } else { name + suffix }
        })
    }

    /// The name of a variant.
    pub(crate) fn variant(&self, union: &str, text: &str) -> String {
        self.names.variants.get(&format!("{union}.{text}")).cloned().unwrap_or_else(|| pascal(text))
    }

    /// The type of id that a text field holds; `union` is the union whose payload the type is, if it is one.
    pub(crate) fn id(&self, ty: &str, union: &str, field: &str) -> Option<&str> {
        let find =
            |name: &str| self.ids.iter().find(|(_, fields)| fields.contains(name)).map(|(id, _)| id.as_str());
        find(&format!("{ty}.{field}")).or_else(|| find(&format!("{union}.{field}"))).or_else(|| find(field))
    }

    /// The file of a type, without `.rs`.
    pub(crate) fn file(&self, ty: &str) -> Result<&str> {
        let matches = |pattern: &String| match pattern.split_once('*') {
            Some((start, end)) => ty.starts_with(start) && ty.ends_with(end),
            None => ty == pattern,
        };
        let domain = self.domains.iter().find(|domain| domain.types.iter().any(matches));
        domain
            .map(|domain| domain.file.as_str())
            .ok_or_else(|| Error::new(format!("overrides.toml: no domain for `{ty}`")))
    }

    pub(crate) fn doc(&self, key: &str) -> Option<&str> {
        self.docs.get(key).map(String::as_str)
    }
}
