//! Unions with a tag, and unions of texts and objects with one member.

use super::docs::Docs;
use super::object::{argument, required};
use super::{distinct, filled};
use crate::codegen::ir::{Field, Mixed, Object, Tagged, Ty};
use crate::codegen::model::{Mode, Model};
use crate::codegen::names::{identifier, snake};
use crate::error::Result;
use std::fmt::Write as _;

pub(crate) fn tagged(
    model: &Model,
    docs: &Docs<'_>,
    name: &str,
    tag: &str,
    variants: &[Tagged],
) -> Result<String> {
    let names: Vec<String> =
        variants.iter().map(|variant| model.overrides.variant(name, &variant.text)).collect();
    distinct(name, names.iter().map(String::as_str))?;
    let mut text = format!("tagged!(\n{}{name} by {tag:?} {{\n", docs.of_type(name));
    for (variant, entry) in names.iter().zip(variants) {
        let payload = model.payload(&Ty::Named(entry.payload.clone()), name);
        text.push_str(&docs.of_member(name, &entry.text));
        let _ = writeln!(text, "    {variant}({payload}) = {:?},", entry.text);
    }
    text.push_str("});\n\n");
    text.push_str(&shared(model, name, &names, variants));
    if model.is_sent(name) {
        let payloads: Vec<String> = names
            .iter()
            .zip(variants)
            .map(|(variant, entry)| format!("{variant}({})", entry.payload))
            .collect();
        let _ = write!(text, "payloads!({name} {{{}}});\n\n", filled(&payloads, 4));
        let _ = writeln!(text, "impl {name} {{");
        for (variant, entry) in names.iter().zip(variants) {
            if let Some(object) = model.object(&entry.payload) {
                text.push_str(&constructors(model, name, variant, entry, object));
            }
        }
        text.push_str("}\n\n");
    }
    Ok(text)
}

/// Functions that make a variant from what must be there.
fn constructors(model: &Model, union: &str, variant: &str, entry: &Tagged, object: &Object) -> String {
    let payload = &entry.payload;
    let fields = required(model, payload, object);
    let parameters: Vec<String> = fields.iter().map(|field| argument(model, payload, field).0).collect();
    let mut arguments: Vec<String> = fields.iter().map(|field| identifier(&field.name)).collect();
    let large = model.is_large(&Ty::Named(payload.clone()));
    let function = |name: &str, doc: &str, parameters: &[String], arguments: &[String]| {
        let made = format!("{payload}::new({})", arguments.join(", "));
        let made = if large { format!("Box::new({made})") } else { made };
        let allow = if parameters.len() > 7 { "#[allow(clippy::too_many_arguments)]\n" } else { "" };
        format!(
            "/// {doc}\n{allow}pub fn {name}({}) -> Self {{ Self::{variant}({made}) }}\n\n",
            parameters.join(", ")
        )
    };
    let name = identifier(variant);
    if object.source.is_empty() {
        return function(
            &name,
            &format!("[`{union}::{variant}`] with what must be there."),
            &parameters,
            &arguments,
        );
    }
    let mut text = String::new();
    for member in &object.source {
        let source = snake(member);
        let mut parameters = parameters.clone();
        parameters.push(format!("{source}: impl Into<String>"));
        arguments.push(format!("{payload}Source::{source}({source})"));
        let doc = format!("[`{union}::{variant}`] from its `{member}`.");
        text.push_str(&function(&format!("{}_{source}", snake(variant)), &doc, &parameters, &arguments));
        arguments.pop();
    }
    text
}

/// Accessors for the fields that all variants have.
fn shared(model: &Model, name: &str, names: &[String], variants: &[Tagged]) -> String {
    let objects: Vec<(&str, &Object)> = variants
        .iter()
        .filter_map(|variant| Some((variant.payload.as_str(), model.object(&variant.payload)?)))
        .collect();
    let Some(((first, object), others)) = objects.split_first() else { return String::new() };
    if others.is_empty() {
        return String::new();
    }
    let of = |owner: &str, field: &Field| (model.mode(owner, field), model.field_type(owner, field));
    let everywhere = |field: &&Field| {
        others.iter().all(|(owner, object)| {
            let other = object.fields.iter().find(|other| other.name == field.name);
            other.is_some_and(|other| of(owner, other) == of(first, field))
        })
    };
    let accessors: Vec<String> = object
        .fields
        .iter()
        .filter(everywhere)
        .filter(|field| !(model.is_sent(name) && names.iter().any(|variant| snake(variant) == field.name)))
        .map(|field| {
            let how = if model.mode(first, field) == Mode::Optional { "optional" } else { "required" };
            let ty = match how {
                "optional" => model.rust(field.ty.bare(), first, &field.name),
                _ => model.field_type(first, field),
            };
            let copy = matches!(field.ty.bare(), Ty::Bool | Ty::Integer(_) | Ty::Float);
            let copy = if copy && model.mode(first, field) != Mode::Patch { "_copy" } else { "" };
            format!("{how}{copy} {}: {ty}", identifier(&field.name))
        })
        .collect();
    if accessors.is_empty() {
        return String::new();
    }
    format!("shared!({name} [{}] {{{}}});\n\n", names.join(" "), filled(&accessors, 4))
}

pub(crate) fn mixed(model: &Model, docs: &Docs<'_>, name: &str, variants: &[Mixed]) -> Result<String> {
    let names: Vec<String> = variants
        .iter()
        .map(|variant| {
            let kind = if variant.payload.is_some() { "" } else { " text" };
            let special = model.overrides.names.variants.get(&format!("{name}.{}{kind}", variant.text));
            special.cloned().unwrap_or_else(|| model.overrides.variant(name, &variant.text))
        })
        .collect();
    distinct(name, names.iter().map(String::as_str))?;
    let mut text = format!("mixed!(\n{}{name} {{\n    texts {{\n", docs.of_type(name));
    for (variant, entry) in names.iter().zip(variants).filter(|(_, entry)| entry.payload.is_none()) {
        text.push_str(&docs.of_member(name, &entry.text));
        let _ = writeln!(text, "        {variant} = {:?},", entry.text);
    }
    text.push_str("    }\n    objects {\n");
    for (variant, entry) in names.iter().zip(variants) {
        if let Some(payload) = &entry.payload {
            text.push_str(&docs.of_member(name, &entry.text));
            let _ = writeln!(text, "        {variant}({}) = {:?},", model.payload(payload, name), entry.text);
        }
    }
    text.push_str("    }\n});\n\n");
    Ok(text)
}
