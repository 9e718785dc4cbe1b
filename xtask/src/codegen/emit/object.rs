//! Structs.

use super::docs::Docs;
use super::{distinct, filled};
use crate::codegen::ir::{Field, Object, Ty};
use crate::codegen::model::{Mode, Model};
use crate::codegen::names::{camel, identifier, pascal, snake};
use crate::error::Result;
use std::fmt::Write as _;

/// A struct with its decoder and, when programs send it, its builder.
pub(crate) fn emit(model: &Model, docs: &Docs<'_>, name: &str, object: &Object) -> Result<String> {
    let idents: Vec<String> = object.fields.iter().map(|field| identifier(&field.name)).collect();
    distinct(name, idents.iter().map(String::as_str))?;
    let mut text = definition(model, docs, name, object);
    if !model.overrides.hot.contains(name) {
        text.push_str(&decoder(model, name, object));
    }
    if !object.source.is_empty() {
        text.push_str(&source(name, object));
    }
    if model.is_sent(name) {
        text.push_str(&builder(model, name, object));
    }
    Ok(text)
}

/// The unit struct of a method without parameters.
pub(crate) fn unit(docs: &Docs<'_>, name: &str) -> String {
    format!(
        "{}#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]\n#[non_exhaustive]\npub struct {name};\n\n\
         impl {name} {{\n/// The request; it has no parameters.\npub const fn new() -> Self {{ Self }}\n}}\n\n",
        docs.of_type(name)
    )
}

fn definition(model: &Model, docs: &Docs<'_>, name: &str, object: &Object) -> String {
    let mut text = docs.of_type(name);
    let default = model.is_sent(name) && required(model, name, object).is_empty() && object.source.is_empty();
    let hot = model.overrides.hot.contains(name);
    let derives = [Some("Clone"), Some("Debug"), default.then_some("Default"), hot.then_some("Deserialize")];
    let derives: Vec<&str> = derives.into_iter().flatten().chain(["PartialEq", "Serialize"]).collect();
    let _ = writeln!(text, "#[derive({})]", derives.join(", "));
    let camels = object.fields.iter().filter(|field| camel(&identifier(&field.name)) == field.name).count();
    let plain = object.fields.iter().filter(|field| snake(&field.name) == field.name).count();
    let camel_case = camels > plain;
    let mut attributes = Vec::new();
    if let Some((member, tag)) = &object.tag {
        attributes.push(format!("tag = {member:?}, rename = {tag:?}"));
    }
    if camel_case {
        attributes.push("rename_all = \"camelCase\"".to_owned());
    }
    if !attributes.is_empty() {
        let _ = writeln!(text, "#[serde({})]", attributes.join(", "));
    }
    let _ = writeln!(text, "#[non_exhaustive]\npub struct {name} {{");
    for field in &object.fields {
        text.push_str(&docs.of_member(name, &field.name));
        text.push_str(&member(model, name, field, camel_case, hot));
    }
    if !object.source.is_empty() {
        let _ =
            writeln!(text, "/// Where the content comes from.\n#[serde(flatten)]\npub source: {name}Source,");
    }
    if object.open {
        text.push_str("/// Everything else that the server wrote.\n#[serde(flatten)]\npub extra: BTreeMap<String, Value>,\n");
    }
    text.push_str("}\n\n");
    text
}

fn member(model: &Model, owner: &str, field: &Field, camel_case: bool, hot: bool) -> String {
    let ident = identifier(&field.name);
    let wire = if camel_case { camel(&ident) } else { ident.trim_start_matches("r#").to_owned() };
    let mut attributes = Vec::new();
    if wire != field.name {
        attributes.push(format!("rename = {:?}", field.name));
    }
    let ty = model.field_type(owner, field);
    let mode = model.mode(owner, field);
    let skip = match (mode, &field.ty) {
        (Mode::Required, _) => None,
        (Mode::Optional, _) => Some("Option::is_none"),
        (Mode::Many, Ty::Map(_)) => Some("BTreeMap::is_empty"),
        (Mode::Many, _) => Some("Vec::is_empty"),
        (Mode::Flag, _) => Some("std::ops::Not::not"),
        (Mode::Patch, _) => Some("Patch::is_keep"),
    };
    if hot && mode != Mode::Required {
        attributes.push("default".to_owned());
    }
    if let Some(skip) = skip {
        attributes.push(format!("skip_serializing_if = {skip:?}"));
    }
    let attributes =
        if attributes.is_empty() { String::new() } else { format!("#[serde({})]\n", attributes.join(", ")) };
    format!("{attributes}pub {ident}: {ty},\n")
}

fn decoder(model: &Model, name: &str, object: &Object) -> String {
    let mut entries: Vec<String> = object
        .fields
        .iter()
        .map(|field| {
            let how = match model.mode(name, field) {
                Mode::Required => "req",
                Mode::Optional => "opt",
                Mode::Many | Mode::Flag => "or_default",
                Mode::Patch => "patch",
            };
            format!("{}: {how} {:?}", identifier(&field.name), field.name)
        })
        .collect();
    if !object.source.is_empty() {
        entries.push(format!("source: source {:?}", object.source.join(", ")));
    }
    if object.open {
        entries.push("extra: rest \"\"".to_owned());
    }
    match entries.as_slice() {
        [] => format!("decode!({name} {{}});\n\n"),
        entries => format!("decode!({name} {{{}}});\n\n", filled(entries, 4)),
    }
}

fn source(name: &str, object: &Object) -> String {
    let mut text =
        format!("source!(\n    /// Where the content of [`{name}`] comes from.\n    {name}Source {{\n");
    for member in &object.source {
        let _ = writeln!(text, "        {} {} = {member:?},", pascal(member), snake(member));
    }
    text.push_str("    }\n);\n\n");
    text
}

/// The fields that `new` takes: ids first, the thread's before the turn's, then the others by name.
pub(crate) fn required<'o>(model: &Model, name: &str, object: &'o Object) -> Vec<&'o Field> {
    let mut fields: Vec<&Field> = object
        .fields
        .iter()
        .filter(|field| model.mode(name, field) == Mode::Required && !field.ty.is_nullable())
        .collect();
    fields.sort_by_key(|field| match field.name.as_str() {
        "threadId" => 0,
        "turnId" | "expectedTurnId" => 1,
        "itemId" => 2,
        _ => 3,
    });
    fields
}

/// One parameter of a constructor, and the expression that makes the field of it.
pub(crate) fn argument(model: &Model, owner: &str, field: &Field) -> (String, String) {
    let ident = identifier(&field.name);
    let ty = model.rust(&field.ty, owner, &field.name);
    match &field.ty {
        Ty::Bool | Ty::Integer(_) | Ty::Float | Ty::Map(_) => (format!("{ident}: {ty}"), ident),
        Ty::List(inner) => {
            let inner = model.rust(inner, owner, &field.name);
            (
                format!("{ident}: impl IntoIterator<Item = impl Into<{inner}>>"),
                format!("{ident}: {ident}.into_iter().map(Into::into).collect()"),
            )
        }
        _ => (format!("{ident}: impl Into<{ty}>"), format!("{ident}: {ident}.into()")),
    }
}

fn builder(model: &Model, name: &str, object: &Object) -> String {
    let required = required(model, name, object);
    let mut parameters = Vec::new();
    let mut fields = Vec::new();
    for field in &required {
        let (parameter, value) = argument(model, name, field);
        parameters.push(parameter);
        fields.push(value);
    }
    if !object.source.is_empty() {
        parameters.push(format!("source: {name}Source"));
        fields.push("source".to_owned());
    }
    for field in object.fields.iter().filter(|field| !required.iter().any(|other| other.name == field.name)) {
        let value = match model.mode(name, field) {
            Mode::Required | Mode::Optional => "None",
            Mode::Many if matches!(field.ty, Ty::Map(_)) => "BTreeMap::new()",
            Mode::Many => "Vec::new()",
            Mode::Flag => "false",
            Mode::Patch => "Patch::Keep",
        };
        fields.push(format!("{}: {value}", identifier(&field.name)));
    }
    if object.open {
        fields.push("extra: BTreeMap::new()".to_owned());
    }
    let what = if required.is_empty() && object.source.is_empty() {
        "Everything left out."
    } else {
        "With what must be there; everything else left out."
    };
    let (parameters_text, body) = (parameters.join(", "), fields.join(", "));
    let (allow, body) = (
        if parameters.len() > 7 { "#[allow(clippy::too_many_arguments)]\n" } else { "" },
        if parameters.is_empty() { "Self::default()".to_owned() } else { format!("Self {{ {body} }}") },
    );
    let mut text = format!(
        "impl {name} {{\n/// {what}\n{allow}pub fn new({parameters_text}) -> Self {{ {body} }}\n}}\n\n"
    );
    let setters: Vec<String> = object
        .fields
        .iter()
        .filter(|field| !required.iter().any(|other| other.name == field.name))
        .map(|field| setter(model, name, field))
        .collect();
    if !setters.is_empty() {
        let _ = write!(text, "setters!({name} {{{}}});\n\n", filled(&setters, 4));
    }
    text
}

fn setter(model: &Model, owner: &str, field: &Field) -> String {
    let ident = identifier(&field.name);
    let mode = model.mode(owner, field);
    let bare = field.ty.bare();
    let inner = |ty: &Ty| model.rust(ty, owner, &field.name);
    let optional = matches!(mode, Mode::Optional) || field.ty.is_nullable() && mode == Mode::Required;
    match (mode, bare) {
        (Mode::Patch, _) => format!("set {ident}: Patch<{}>", inner(bare)),
        (_, Ty::List(item)) if optional => format!("some_list {ident}: {}", inner(item)),
        (_, Ty::List(item)) => format!("list {ident}: {}", inner(item)),
        (_, Ty::Map(value)) if optional => format!("some_map {ident}: {}", inner(value)),
        (_, Ty::Map(value)) => format!("map {ident}: {}", inner(value)),
        // With `Into`, the type of a literal such as `10` could not be inferred.
        (_, Ty::Bool | Ty::Integer(_) | Ty::Float) if optional => {
            format!("some_plain {ident}: {}", inner(bare))
        }
        (_, Ty::Bool | Ty::Integer(_) | Ty::Float) => format!("plain {ident}: {}", inner(bare)),
        _ if optional => format!("some {ident}: {}", inner(bare)),
        _ => format!("set {ident}: {}", inner(bare)),
    }
}
