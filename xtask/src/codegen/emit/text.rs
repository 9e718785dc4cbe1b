//! String enums and texts with known values.

use super::distinct;
use super::docs::Docs;
use crate::codegen::model::Model;
use crate::codegen::names::constant;
use crate::error::Result;
use std::fmt::Write as _;

pub(crate) fn open_enum(model: &Model, docs: &Docs<'_>, name: &str, texts: &[String]) -> Result<String> {
    let variants: Vec<String> = texts.iter().map(|text| model.overrides.variant(name, text)).collect();
    distinct(name, variants.iter().map(String::as_str))?;
    let mut text = format!("open_enum!(\n{}{name} {{\n", docs.of_type(name));
    for (variant, wire) in variants.iter().zip(texts) {
        text.push_str(&docs.of_member(name, wire));
        let _ = writeln!(text, "    {variant} = {wire:?},");
    }
    text.push_str("});\n\n");
    Ok(text)
}

pub(crate) fn open_text(docs: &Docs<'_>, name: &str, known: &[String]) -> String {
    let mut text = format!("open_text!(\n{}{name} {{\n", docs.of_type(name));
    for wire in known {
        let _ = writeln!(text, "    {} = {wire:?},", constant(wire));
    }
    text.push_str("});\n\n");
    text
}
