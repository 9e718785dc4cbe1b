//! `history.json`: since when there is what.

use crate::error::{Error, Result, read};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// The versions that were looked at, oldest first.
    pub(crate) versions: Vec<String>,
    pub(crate) requests: BTreeMap<String, Entry>,
    pub(crate) server_requests: BTreeMap<String, Entry>,
    pub(crate) notifications: BTreeMap<String, Entry>,
    /// Parameters that not all versions take, by type and field.
    pub(crate) fields: BTreeMap<String, BTreeMap<String, Entry>>,
    /// Fields that some version between the oldest and the newest does not require.
    pub(crate) optional_in_between: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) since: String,
    #[serde(default)]
    pub(crate) until: Option<String>,
    #[serde(default)]
    pub(crate) experimental: bool,
}

impl History {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        serde_json::from_str(&read(path)?).map_err(|error| Error::file(path, error))
    }

    /// What the documentation says about a method beside its name; `entries` is one of the three lists.
    pub(crate) fn remark(&self, entries: &BTreeMap<String, Entry>, method: &str) -> String {
        let Some(entry) = entries.get(method) else { return String::new() };
        let mut remarks = Vec::new();
        if self.versions.first() != Some(&entry.since) {
            remarks.push(format!("since {}", entry.since));
        }
        if let Some(until) = &entry.until {
            remarks.push(format!("gone in {until}"));
        }
        if entry.experimental {
            remarks.push("experimental".to_owned());
        }
        if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) }
    }
}
