//! The `Request` of each method, and the list of all.

use crate::codegen::history::Entry;
use crate::codegen::ir::Call;
use crate::codegen::model::Model;
use crate::error::{Error, Result};
use std::fmt::Write as _;

/// The `Request` of a type that is the parameters of a method.
pub(crate) fn of_type(model: &Model, name: &str) -> Result<String> {
    let mut calls = model.schema.requests.iter().filter(|call| model.params(call).as_deref() == Some(name));
    let Some(call) = calls.next() else { return Ok(String::new()) };
    if let Some(other) = calls.next() {
        return Err(Error::at(
            name,
            format!("is the parameters of `{}` and of `{}`", call.method, other.method),
        ));
    }
    request(model, name, call)
}

fn request(model: &Model, name: &str, call: &Call) -> Result<String> {
    let method = &call.method;
    let entry = entry(model, method)?;
    let classes = &model.overrides.classes;
    let class = match (classes.long.contains(method), classes.control.contains(method)) {
        (true, _) => "Long",
        (_, true) => "Control",
        _ => "Quick",
    };
    let until = optional_version(entry);
    let object = model.object(name);
    let mut text = format!(
        "request!({name} => {} {{\n    name: {method:?}, class: {class}, experimental: {}, since: {}, until: {until},\n    fields: [",
        model.response(call)?,
        entry.experimental,
        version(&entry.since),
    );
    let generated =
        |name: &str| object.is_some_and(|object| object.fields.iter().any(|field| field.name == name));
    let fields: Vec<String> = model
        .history
        .fields
        .get(name)
        .into_iter()
        .flatten()
        .filter(|(field, _)| generated(field))
        .map(|(field, entry)| {
            let (since, until) = (version(&entry.since), optional_version(entry));
            format!("({field:?}, {since}, {until}, {})", entry.experimental)
        })
        .collect();
    if fields.is_empty() {
        text.push(']');
    } else {
        let _ = write!(text, "{}    ]", super::filled(&fields, 8));
    }
    text.push_str(",\n});\n\n");
    Ok(text)
}

fn entry<'m>(model: &'m Model, method: &str) -> Result<&'m Entry> {
    let entry = model.history.requests.get(method);
    entry
        .ok_or_else(|| Error::new(format!("history.json does not know `{method}`; run `cargo xtask schema`")))
}

fn optional_version(entry: &Entry) -> String {
    entry.until.as_ref().map_or("None".to_owned(), |until| format!("Some({})", version(until)))
}

fn version(text: &str) -> String {
    format!("V{}", text.replace('.', "_"))
}

/// `methods.rs`.
pub(crate) fn list(model: &Model) -> Result<String> {
    let mut entries = Vec::new();
    for call in &model.schema.requests {
        entries.push((
            call.method.as_str(),
            model
                .params(call)
                .ok_or_else(|| Error::new(format!("overrides.toml: no unit for `{}`", call.method)))?,
        ));
    }
    entries.sort();
    let mut text = String::from(
        "//! All methods.\n\nuse crate::types::*;\nuse crate::{Method, Request};\n\n\
         /// All methods of all supported servers, by name.\npub static ALL_METHODS: &[&Method] = &[\n",
    );
    for (_, params) in entries {
        let _ = writeln!(text, "    {params}::METHOD,");
    }
    text.push_str("];\n");
    Ok(text)
}

/// `versions.rs`: the versions as constants.
pub(crate) fn versions(model: &Model) -> String {
    let mut text = String::from("//! The versions that were looked at.\n\nuse crate::Version;\n\n");
    for name in &model.history.versions {
        let _ = writeln!(
            text,
            "pub(crate) const {}: Version = Version::new({});",
            version(name),
            name.replace('.', ", ")
        );
    }
    text
}
