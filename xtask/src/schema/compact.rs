//! The schema without its prose, in one flat list of definitions, one per line.

use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The definitions of a schema bundle by name; those of `v2` and those outside in one list.
pub(crate) fn definitions(bundle: &Value) -> Result<BTreeMap<String, Value>> {
    let outer = object(bundle, "definitions")?;
    let mut flat = BTreeMap::new();
    for (name, definition) in object(&bundle["definitions"], "v2")?.iter().chain(outer) {
        if name == "v2" {
            continue;
        }
        let definition = strip(definition);
        match flat.insert(name.clone(), definition.clone()) {
            Some(other) if !alike(&other, &definition) => {
                return Err(Error::at(name, "defined twice, in two ways"));
            }
            _ => {}
        }
    }
    Ok(flat)
}

/// The text of the committed file.
pub(crate) fn compact(bundle: &Value) -> Result<String> {
    let mut text = String::from("{\n");
    let definitions = definitions(bundle)?;
    for (index, (name, definition)) in definitions.iter().enumerate() {
        let comma = if index + 1 == definitions.len() { "" } else { "," };
        let _ = writeln!(text, "{}:{definition}{comma}", Value::from(name.as_str()));
    }
    text.push_str("}\n");
    Ok(text)
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    value[name].as_object().ok_or_else(|| Error::at(name, "expected an object"))
}

/// Removes descriptions and titles, and the folder in references.
fn strip(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, value)| {
                    !(matches!(name.as_str(), "description" | "title" | "$schema") && value.is_string())
                })
                .map(|(name, value)| (name.clone(), strip(value)))
                .collect(),
        ),
        Value::Array(values) => Value::Array(values.iter().map(strip).collect()),
        Value::String(text) => match text.strip_prefix("#/definitions/") {
            Some(target) => Value::from(target.strip_prefix("v2/").unwrap_or(target)),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

/// Whether two definitions differ in the order of their alternatives at most.
fn alike(one: &Value, other: &Value) -> bool {
    let sorted = |value: &Value| {
        let mut texts: Vec<String> =
            value["anyOf"].as_array().into_iter().flatten().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    one == other || (!sorted(one).is_empty() && sorted(one) == sorted(other))
}
