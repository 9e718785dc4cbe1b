//! Unions without a tag.

use super::distinct;
use super::docs::Docs;
use crate::codegen::ir::{Object, Shape, Ty};
use crate::codegen::model::Model;
use crate::error::{Error, Result};
use std::fmt::Write as _;

pub(crate) fn emit(model: &Model, docs: &Docs<'_>, name: &str, alternatives: &[Ty]) -> Result<String> {
    let names: Vec<String> = alternatives
        .iter()
        .enumerate()
        .map(|(index, ty)| match model.overrides.names.variants.get(&format!("{name}.{index}")) {
            Some(special) => special.clone(),
            None => variant_name(name, ty),
        })
        .collect();
    distinct(name, names.iter().map(String::as_str))?;
    let mut text = format!("untagged!(\n{}{name} {{\n", docs.of_type(name));
    let mut outlines = Vec::new();
    for (index, (variant, ty)) in names.iter().zip(alternatives).enumerate() {
        let _ = writeln!(text, "    {index} {variant}({}),", model.payload(ty, name));
        for outline in outline(model, name, ty)? {
            outlines.push(format!("    ({index}, {outline}),\n"));
        }
    }
    let _ = write!(text, "}} by [\n{}]);\n\n", outlines.concat());
    if model.is_sent(name) {
        for (variant, ty) in names.iter().zip(alternatives) {
            text.push_str(&conversions(model, name, variant, ty));
        }
    }
    Ok(text)
}

fn variant_name(union: &str, ty: &Ty) -> String {
    match ty {
        Ty::Text => "Text".to_owned(),
        Ty::List(_) => "List".to_owned(),
        Ty::Named(name) => {
            // `McpElicitationSingleSelectEnumSchema` of `McpElicitationEnumSchema` is `SingleSelect`.
            let start = union.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
            let start = name
                .char_indices()
                .map(|(at, _)| at)
                .filter(|at| *at <= start && name[*at..].starts_with(char::is_uppercase))
                .max()
                .unwrap_or(0);
            let rest = &name[start..];
            rest.strip_suffix("Schema").filter(|rest| !rest.is_empty()).unwrap_or(rest).to_owned()
        }
        other => format!("{other:?}"),
    }
}

/// What the alternative looks like; several for a union within the union.
fn outline(model: &Model, path: &str, ty: &Ty) -> Result<Vec<String>> {
    Ok(match ty {
        Ty::Text => vec!["Outline::Text".to_owned()],
        Ty::List(_) => vec!["Outline::List".to_owned()],
        Ty::Named(name) => match model.schema.types.get(name) {
            Some(Shape::Object(object)) => vec![object_outline(model, object)],
            Some(Shape::Untagged(alternatives)) => {
                let mut outlines = Vec::new();
                for alternative in alternatives {
                    outlines.extend(outline(model, path, alternative)?);
                }
                outlines
            }
            Some(Shape::Tagged { tag, variants }) => {
                let tags: Vec<String> =
                    variants.iter().map(|variant| format!("{:?}", variant.text)).collect();
                vec![format!(
                    "Outline::Object {{ required: &[{tag:?}], texts: &[({tag:?}, &[{}])], within: &[], known: None }}",
                    tags.join(", ")
                )]
            }
            _ => return Err(Error::at(path, format!("`{name}` cannot be told apart"))),
        },
        other => return Err(Error::at(path, format!("cannot tell {other:?} apart"))),
    })
}

fn object_outline(model: &Model, object: &Object) -> String {
    let quoted =
        |names: Vec<&String>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let required =
        quoted(object.fields.iter().filter(|field| field.required).map(|field| &field.name).collect());
    let (mut texts, mut within) = (Vec::new(), Vec::new());
    for field in object.fields.iter().filter(|field| field.required) {
        let Ty::Named(name) = &field.ty else { continue };
        match model.schema.types.get(name) {
            Some(Shape::Enum(values)) => {
                texts.push(format!("({:?}, &[{}])", field.name, quoted(values.iter().collect())));
            }
            Some(Shape::Object(inner)) => {
                let required = inner.fields.iter().filter(|field| field.required).map(|field| &field.name);
                within.push(format!("({:?}, &[{}])", field.name, quoted(required.collect())));
            }
            _ => {}
        }
    }
    let known = match object.closed {
        true => format!("Some(&[{}])", quoted(object.fields.iter().map(|field| &field.name).collect())),
        false => "None".to_owned(),
    };
    format!(
        "Outline::Object {{ required: &[{required}], texts: &[{}], within: &[{}], known: {known} }}",
        texts.join(", "),
        within.join(", ")
    )
}

fn conversions(model: &Model, name: &str, variant: &str, ty: &Ty) -> String {
    let from = |source: &str, value: &str| {
        format!(
            "impl From<{source}> for {name} {{\nfn from(value: {source}) -> Self {{ Self::{variant}({value}) }}\n}}\n\n"
        )
    };
    let rust = model.rust(ty, name, "");
    match ty {
        Ty::Text => from("&str", "value.to_owned()") + &from("String", "value"),
        _ if model.is_large(ty) => from(&rust, "Box::new(value)"),
        _ => from(&rust, "value"),
    }
}
