//! For the tests: every type by its name.

use crate::codegen::model::Model;
use crate::error::Result;
use std::fmt::Write as _;

pub(crate) fn emit(model: &Model) -> Result<String> {
    let types: Vec<&String> = model.schema.types.keys().collect();
    let mut text = String::from(
        "//! Every type by its name.\n\nuse codexkit_protocol::DecodeError;\nuse codexkit_protocol::types::*;\n\
         use serde_json::{Error, Value};\n\n/// All types.\npub(crate) const NAMES: &[&str] = &[\n",
    );
    for name in &types {
        let _ = writeln!(text, "{name:?},");
    }
    text.push_str("];\n\n");
    let through = types.iter().map(|name| (name.as_str(), format!("super::through::<{name}>(json)")));
    text.push_str(&function(
        "Reads a value as the type of that name and writes it back.",
        "through(name: &str, json: &str) -> Option<Result<Value, Error>>",
        through,
    ));
    let calls: Vec<(&str, String)> = model
        .schema
        .requests
        .iter()
        .map(|call| (call.method.as_str(), model.params(call).unwrap_or_default()))
        .collect();
    let params = calls.iter().map(|(method, ty)| match model.overrides.units.contains_key(*method) {
        true => (*method, format!("serde_json::to_value({ty}::new())")),
        false => (*method, format!("super::through::<{ty}>(json)")),
    });
    text.push_str(&function(
        "Reads the parameters of a method and writes them back.",
        "params(name: &str, json: &str) -> Option<Result<Value, Error>>",
        params,
    ));
    text.push_str(&function(
        "Reads the answer to a method and shows it.",
        "answer(name: &str, json: &str) -> Option<Result<String, DecodeError>>",
        calls.iter().map(|(method, ty)| (*method, format!("super::answer::<{ty}>(json)"))),
    ));
    Ok(text)
}

/// A function that chooses by name.
fn function<'n>(doc: &str, signature: &str, arms: impl Iterator<Item = (&'n str, String)>) -> String {
    let mut text = format!("/// {doc}\npub(crate) fn {signature} {{\nSome(match name {{\n");
    for (name, call) in arms {
        let _ = writeln!(text, "{name:?} => {call},");
    }
    text.push_str("_ => return None,\n})\n}\n\n");
    text
}
