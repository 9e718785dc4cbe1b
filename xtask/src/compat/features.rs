//! What the schemas tell: which version has which methods and parameters.

use crate::codegen::history::{Entry, History};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The part of the document about it.
pub(super) fn describe(history: &History) -> String {
    let kinds = [
        ("methods", &history.requests),
        ("requests of the server", &history.server_requests),
        ("notifications", &history.notifications),
    ];
    let mut text =
        String::from("| codex | methods | requests of the server | notifications |\n|---|---|---|---|\n");
    for version in history.versions.iter().rev() {
        let counts = kinds.map(|(_, entries)| {
            entries.values().filter(|entry| has(history, version, entry)).count().to_string()
        });
        let _ = writeln!(text, "| {version} | {} |", counts.join(" | "));
    }
    text.push_str("\nIn *italics*: experimental.\n");
    for version in history.versions.iter().skip(1).rev() {
        let _ = writeln!(text, "\n### Since {version}\n");
        for (kind, entries) in kinds {
            list(&mut text, &format!("New {kind}"), entries, |entry| entry.since == *version);
            list(&mut text, &format!("Gone {kind}"), entries, |entry| entry.until.as_ref() == Some(version));
        }
        let new = parameters(history, |entry| entry.since == *version);
        line(&mut text, "New parameters", new);
        let gone = parameters(history, |entry| entry.until.as_ref() == Some(version));
        line(&mut text, "Gone parameters", gone);
    }
    text
}

fn has(history: &History, version: &str, entry: &Entry) -> bool {
    let at = |version: &str| history.versions.iter().position(|known| known == version);
    at(&entry.since) <= at(version) && entry.until.as_deref().is_none_or(|until| at(version) < at(until))
}

fn list(text: &mut String, title: &str, entries: &BTreeMap<String, Entry>, wanted: impl Fn(&Entry) -> bool) {
    let names = entries.iter().filter(|(_, entry)| wanted(entry)).map(|(name, entry)| shown(name, entry));
    line(text, title, names.collect());
}

/// Each as `Type.field`.
fn parameters(history: &History, wanted: impl Fn(&Entry) -> bool) -> Vec<String> {
    let all = history
        .fields
        .iter()
        .flat_map(|(of, fields)| fields.iter().map(move |(name, entry)| (of, name, entry)));
    all.filter(|(_, _, entry)| wanted(entry))
        .map(|(of, name, entry)| shown(&format!("{of}.{name}"), entry))
        .collect()
}

fn line(text: &mut String, title: &str, names: Vec<String>) {
    if !names.is_empty() {
        let _ = writeln!(text, "- {title}: {}", names.join(", "));
    }
}

fn shown(name: &str, entry: &Entry) -> String {
    if entry.experimental { format!("*`{name}`*") } else { format!("`{name}`") }
}
