//! Reading `oneOf` and `anyOf`.

use super::ir::{Mixed, Shape, Tagged, Ty};
use super::load::{Loader, texts};
use super::names::pascal;
use crate::error::{Error, Result};
use serde_json::{Value, json};

/// A definition made of alternatives.
pub(crate) fn union(loader: &mut Loader<'_>, name: &str, definition: &Value, path: &str) -> Result<Shape> {
    let alternatives = definition["oneOf"].as_array().or_else(|| definition["anyOf"].as_array());
    let alternatives = alternatives.ok_or_else(|| Error::at(path, "expected a list of alternatives"))?;
    if let Some(tag) = common_tag(alternatives) {
        return tagged(loader, name, definition, alternatives, &tag, path);
    }
    if definition.get("properties").is_some() {
        return Err(Error::at(path, "members beside alternatives without a tag"));
    }
    if alternatives.iter().all(|alternative| alternative.get("enum").is_some()) {
        let mut all = Vec::new();
        for alternative in alternatives {
            all.extend(texts(alternative, path)?);
        }
        return Ok(Shape::Enum(all));
    }
    if alternatives.iter().any(|alternative| alternative.get("enum").is_some()) {
        return mixed(loader, name, alternatives, path);
    }
    untagged(loader, name, alternatives, path)
}

/// The member that has one fixed text in each alternative.
fn common_tag(alternatives: &[Value]) -> Option<String> {
    let tags = |alternative: &Value| -> Vec<String> {
        let members = alternative["properties"].as_object().into_iter().flatten();
        let fixed = members.filter(|(_, member)| member["enum"].as_array().is_some_and(|all| all.len() == 1));
        fixed.map(|(name, _)| name.clone()).collect()
    };
    let (first, others) = alternatives.split_first()?;
    tags(first).into_iter().find(|tag| others.iter().all(|other| tags(other).contains(tag)))
}

fn tagged(
    loader: &mut Loader<'_>,
    name: &str,
    definition: &Value,
    alternatives: &[Value],
    tag: &str,
    path: &str,
) -> Result<Shape> {
    let mut variants = Vec::new();
    for alternative in alternatives {
        let text = alternative["properties"][tag]["enum"][0].as_str().unwrap_or_default().to_owned();
        let payload = loader.overrides.payload(name, &text);
        let path = format!("{path}.{text}");
        let object = with_common(alternative, definition);
        let object = loader.object(&payload, &object, &path, Some((tag, &text)))?;
        if loader.schema.types.insert(payload.clone(), Shape::Object(object)).is_some() {
            return Err(Error::at(&path, format!("two types are called `{payload}`")));
        }
        variants.push(Tagged { text, payload });
    }
    Ok(Shape::Tagged { tag: tag.to_owned(), variants })
}

/// The alternative with the members that stand beside all alternatives.
fn with_common(alternative: &Value, definition: &Value) -> Value {
    let mut object = alternative.clone();
    for (name, member) in definition["properties"].as_object().into_iter().flatten() {
        object["properties"][name] = member.clone();
    }
    let required = |value: &Value| value["required"].as_array().cloned().unwrap_or_default();
    object["required"] = json!([required(alternative), required(definition)].concat());
    object
}

fn mixed(loader: &mut Loader<'_>, name: &str, alternatives: &[Value], path: &str) -> Result<Shape> {
    let mut variants = Vec::new();
    for alternative in alternatives {
        if alternative.get("enum").is_some() {
            let texts = texts(alternative, path)?;
            variants.extend(texts.into_iter().map(|text| Mixed { text, payload: None }));
            continue;
        }
        // The server's own catch-all: ours is `Unrecognized`.
        if *alternative == json!({ "type": ["string", "object"] }) {
            continue;
        }
        let member = alternative["properties"].as_object().filter(|members| members.len() == 1);
        let (text, schema) = member
            .and_then(|members| members.iter().next())
            .ok_or_else(|| Error::at(path, "expected an object with one member"))?;
        let path = format!("{path}.{text}");
        let payload = loader.overrides.names.payloads.get(&format!("{name}.{text}"));
        let payload = payload.cloned().unwrap_or_else(|| format!("{name}{}", pascal(text)));
        variants.push(Mixed { text: text.clone(), payload: Some(loader.ty(&payload, schema, &path)?) });
    }
    Ok(Shape::Mixed(variants))
}

fn untagged(loader: &mut Loader<'_>, name: &str, alternatives: &[Value], path: &str) -> Result<Shape> {
    let mut types = Vec::new();
    for (index, alternative) in alternatives.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let ty = if alternative.get("properties").is_some() {
            let payload = loader.overrides.names.payloads.get(&format!("{name}.{index}"));
            let payload = payload.cloned().ok_or_else(|| {
                Error::at(
                    &path,
                    format!("needs a name: `{name}.{index}` in [names.payloads] of overrides.toml"),
                )
            })?;
            loader.define(&payload, alternative, &path)?;
            Ty::Named(payload)
        } else {
            loader.ty(name, alternative, &path)?
        };
        types.push(ty);
    }
    Ok(Shape::Untagged(types))
}

/// The members of which one must be there: `anyOf` with one required string member each.
pub(crate) fn source(schema: &Value, path: &str) -> Result<Vec<String>> {
    let alternatives = schema["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    alternatives
        .iter()
        .map(|alternative| {
            let members = alternative["properties"].as_object().filter(|members| members.len() == 1);
            let (name, member) = members
                .and_then(|members| members.iter().next())
                .ok_or_else(|| Error::at(path, "expected alternatives with one member each"))?;
            let fits = alternative["required"] == json!([name]) && *member == json!({ "type": "string" });
            if fits { Ok(name.clone()) } else { Err(Error::at(path, "expected a required text")) }
        })
        .collect()
}
