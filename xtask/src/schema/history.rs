//! Which version has which method and which parameter, and what became of fields in between.

use super::compact::definitions;
use super::run::{Generated, Version};
use crate::error::{Error, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

type Definitions = BTreeMap<String, Value>;

struct Release {
    version: Version,
    full: Definitions,
    stable: Definitions,
}

/// The text of `history.json`.
pub(crate) fn history(versions: &[Generated]) -> Result<String> {
    let releases = versions
        .iter()
        .map(|generated| {
            Ok(Release {
                version: generated.version,
                full: definitions(&generated.full)?,
                stable: definitions(&generated.stable)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut text = String::from("{\n");
    let versions: Vec<String> = releases.iter().map(|release| show(release.version)).collect();
    let _ = writeln!(text, "\"versions\":{},", json!(versions));
    for (name, definition) in [
        ("requests", "ClientRequest"),
        ("server_requests", "ServerRequest"),
        ("notifications", "ServerNotification"),
    ] {
        section(&mut text, name, &methods(&releases, definition)?, ",");
    }
    section(&mut text, "fields", &fields(&releases), ",");
    section(&mut text, "optional_in_between", &in_between(&releases), "");
    text.push_str("}\n");
    Ok(text)
}

fn section(text: &mut String, name: &str, entries: &BTreeMap<String, Value>, comma: &str) {
    let _ = writeln!(text, "\"{name}\":{{");
    for (index, (entry, value)) in entries.iter().enumerate() {
        let comma = if index + 1 == entries.len() { "" } else { "," };
        let _ = writeln!(text, "{}:{value}{comma}", Value::from(entry.as_str()));
    }
    let _ = writeln!(text, "}}{comma}");
}

fn show(version: Version) -> String {
    format!("{}.{}.{}", version[0], version[1], version[2])
}

/// Each method with the first version that has it, the first that has it no more, and whether it is experimental.
fn methods(releases: &[Release], definition: &str) -> Result<BTreeMap<String, Value>> {
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    for release in releases {
        let stable = names(&release.stable, definition)?;
        let present = names(&release.full, definition)?;
        for (method, entry) in &mut entries {
            if !present.contains(method) && entry["until"].is_null() {
                entry["until"] = show(release.version).into();
            }
        }
        for method in present {
            let since = show(release.version);
            let entry = entries.entry(method.clone()).or_insert_with(|| json!({ "since": since }));
            if stable.contains(&method) {
                entry.as_object_mut().map(|entry| entry.remove("experimental"));
            } else {
                entry["experimental"] = true.into();
            }
        }
    }
    Ok(entries)
}

fn names(definitions: &Definitions, definition: &str) -> Result<BTreeSet<String>> {
    let variants = definitions.get(definition).and_then(|value| value["oneOf"].as_array());
    let variants = variants.ok_or_else(|| Error::at(definition, "expected `oneOf`"))?;
    let method = |variant: &Value| variant["properties"]["method"]["enum"][0].as_str().map(str::to_owned);
    Ok(variants.iter().filter_map(method).collect())
}

/// The parameters that not every version takes, or that are experimental.
fn fields(releases: &[Release]) -> BTreeMap<String, Value> {
    let types: BTreeSet<&String> = releases.iter().flat_map(|release| release.full.keys()).collect();
    let params = types.into_iter().filter(|name| name.ends_with("Params"));
    let entries = params.map(|name| (name.clone(), fields_of(releases, name)));
    entries.filter(|(_, fields)| !fields.is_empty()).map(|(name, fields)| (name, json!(fields))).collect()
}

fn fields_of(releases: &[Release], name: &str) -> BTreeMap<String, Value> {
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    let having: Vec<&Release> = releases.iter().filter(|release| release.full.contains_key(name)).collect();
    let Some(first) = having.first() else { return entries };
    for release in &having {
        let present = properties(&release.full[name]);
        // A type that the stable schema lacks belongs to an experimental method: its fields need no mark.
        let stable = release.stable.get(name).map_or_else(|| present.clone(), properties);
        for (field, entry) in &mut entries {
            if !present.contains(field) && entry["until"].is_null() {
                entry["until"] = show(release.version).into();
            }
        }
        for field in present {
            let experimental = !stable.contains(&field);
            let entry = entries.entry(field).or_insert_with(|| json!({ "since": show(release.version) }));
            if experimental {
                entry["experimental"] = true.into();
            } else {
                entry.as_object_mut().map(|entry| entry.remove("experimental"));
            }
        }
    }
    entries.retain(|_, entry| {
        let always = entry["since"] == show(first.version) && entry["until"].is_null();
        !always || entry["experimental"] == true
    });
    entries
}

fn properties(definition: &Value) -> BTreeSet<String> {
    definition["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
}

/// Fields that the newest version requires, but that some version before it lacks or does not require, although the
/// oldest one says nothing about it. The key is the place of the object within its definition.
fn in_between(releases: &[Release]) -> BTreeMap<String, Value> {
    let mut weak: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let Some((newest, earlier)) = releases.split_last() else { return BTreeMap::new() };
    for (name, definition) in &newest.full {
        for release in earlier.iter().skip(1) {
            let Some(before) = release.full.get(name) else { continue };
            for (place, object) in objects(name, definition) {
                let before = objects(name, before);
                let Some((_, before)) = before.iter().find(|(other, _)| *other == place) else { continue };
                let before = required(before);
                let missing = required(object).into_iter().filter(|field| !before.contains(field));
                weak.entry(place).or_default().extend(missing.map(str::to_owned));
            }
        }
    }
    weak.retain(|_, fields| !fields.is_empty());
    weak.into_iter().map(|(place, fields)| (place, json!(fields))).collect()
}

/// The definition's own object, and those of its variants by their tag.
fn objects<'a>(name: &str, definition: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found = vec![(name.to_owned(), definition)];
    for variant in definition["oneOf"].as_array().into_iter().flatten() {
        let tag = variant["properties"].as_object().into_iter().flatten().find_map(|(_, property)| {
            match property["enum"].as_array().map(Vec::as_slice) {
                Some([Value::String(tag)]) => Some(tag),
                _ => None,
            }
        });
        if let Some(tag) = tag {
            found.push((format!("{name}.{tag}"), variant));
        }
    }
    found
}

fn required(object: &Value) -> BTreeSet<&str> {
    object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
