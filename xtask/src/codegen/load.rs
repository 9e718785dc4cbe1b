//! From JSON Schema to the [`Schema`]. A form that is not known here is an error.

use super::ir::{Call, Field, Integer, Object, Params, Schema, Shape, Ty};
use super::load_union;
use super::overrides::Overrides;
use crate::error::{Error, Result, read};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;

/// Members of a schema that say nothing about the Rust type.
const IGNORED: [&str; 9] = [
    "default",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "deprecated",
];

pub(crate) struct Loader<'a> {
    pub(crate) overrides: &'a Overrides,
    pub(crate) schema: Schema,
}

/// Reads a compact schema.
pub(crate) fn load(path: &Path, overrides: &Overrides) -> Result<Schema> {
    let definitions: Map<String, Value> =
        serde_json::from_str(&read(path)?).map_err(|error| Error::file(path, error))?;
    let mut loader = Loader { overrides, schema: Schema::default() };
    for (name, definition) in &definitions {
        let skipped = overrides.skip.contains(name) || overrides.strings.contains(name);
        if !skipped && !overrides.external.contains_key(name) {
            loader.define(name, definition, name)?;
        }
    }
    let calls = |name: &str| calls(&definitions, name);
    loader.schema.requests = calls("ClientRequest")?;
    loader.schema.server_requests = calls("ServerRequest")?;
    loader.schema.notifications = calls("ServerNotification")?;
    Ok(loader.schema)
}

impl Loader<'_> {
    /// Adds a type.
    pub(crate) fn define(&mut self, name: &str, definition: &Value, path: &str) -> Result<()> {
        let shape = self.shape(name, definition, path)?;
        match self.schema.types.insert(name.to_owned(), shape) {
            None => Ok(()),
            Some(_) => {
                Err(Error::at(path, format!("two types are called `{name}`; rename one in overrides.toml")))
            }
        }
    }

    fn shape(&mut self, name: &str, definition: &Value, path: &str) -> Result<Shape> {
        let keys = keys(definition, path)?;
        match keys.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["type"] if definition["type"] == "string" => Ok(Shape::Text(Vec::new())),
            ["enum", "type"] if definition["type"] == "string" => Ok(Shape::Enum(texts(definition, path)?)),
            ["oneOf" | "anyOf", ..] | [_, "oneOf", ..] => load_union::union(self, name, definition, path),
            _ if definition["type"] == "object" => {
                Ok(Shape::Object(self.object(name, definition, path, None)?))
            }
            other => Err(Error::at(path, format!("unknown form of a definition: {other:?}"))),
        }
    }

    /// An object; `tag` is the member that is left out because it only tells the variant.
    pub(crate) fn object(
        &mut self,
        name: &str,
        schema: &Value,
        path: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Object> {
        for key in keys(schema, path)? {
            if !["type", "properties", "required", "additionalProperties", "anyOf"].contains(&key.as_str()) {
                return Err(Error::at(path, format!("unknown member of an object: {key}")));
            }
        }
        let mut object = Object {
            tag: tag.map(|(member, text)| (member.to_owned(), text.to_owned())),
            closed: schema["additionalProperties"] == false,
            open: schema["additionalProperties"] == true,
            source: load_union::source(schema, path)?,
            ..Object::default()
        };
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            if tag.is_some_and(|(member, _)| member == field) {
                continue;
            }
            let path = format!("{path}.{field}");
            object.fields.push(Field {
                name: field.clone(),
                ty: self.ty(&format!("{name}{}", super::names::pascal(field)), property, &path)?,
                required: required.contains(field.as_str()),
                required_now: required.contains(field.as_str()),
                default: property.get("default").cloned(),
            });
        }
        Ok(object)
    }

    /// The type of a value; `name` is what an object would be called that is defined on the spot.
    pub(crate) fn ty(&mut self, name: &str, schema: &Value, path: &str) -> Result<Ty> {
        if *schema == Value::Bool(true) {
            return Ok(Ty::Any);
        }
        let keys = keys(schema, path)?;
        match keys.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Ok(Ty::Any),
            ["$ref"] => self.reference(&schema["$ref"], path),
            ["allOf"] => self.ty(name, only(&schema["allOf"], path)?, path),
            ["anyOf"] => match schema["anyOf"].as_array().map(Vec::as_slice) {
                Some([inner, null]) if null["type"] == "null" => {
                    let inner = self.ty(name, inner, path)?;
                    Ok(if inner.is_nullable() { inner } else { Ty::Nullable(Box::new(inner)) })
                }
                _ => Err(Error::at(path, "unknown form of `anyOf`")),
            },
            _ => self.typed(name, schema, path),
        }
    }

    fn typed(&mut self, name: &str, schema: &Value, path: &str) -> Result<Ty> {
        if let Some([inner, null]) = schema["type"].as_array().map(Vec::as_slice) {
            if null != "null" {
                return Err(Error::at(path, "unknown form of `type`"));
            }
            let mut bare = schema.clone();
            bare["type"] = inner.clone();
            return Ok(Ty::Nullable(Box::new(self.typed(name, &bare, path)?)));
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("boolean"), None) => Ok(Ty::Bool),
            (Some("string"), None) if schema.get("enum").is_none() => Ok(Ty::Text),
            (Some("number"), Some("double")) => Ok(Ty::Float),
            (Some("integer"), Some(format)) => integer(format, path).map(Ty::Integer),
            (Some("array"), None) => Ok(Ty::List(Box::new(self.ty(name, &schema["items"], path)?))),
            (Some("object"), None) => match &schema["additionalProperties"] {
                Value::Null | Value::Bool(false) => {
                    self.define(name, schema, path)?;
                    Ok(Ty::Named(name.to_owned()))
                }
                values if schema.get("properties").is_none() => {
                    Ok(Ty::Map(Box::new(self.ty(name, values, path)?)))
                }
                _ => Err(Error::at(path, "an object with members and values")),
            },
            other => Err(Error::at(path, format!("unknown type: {other:?}"))),
        }
    }

    fn reference(&self, target: &Value, path: &str) -> Result<Ty> {
        let name = target.as_str().ok_or_else(|| Error::at(path, "odd reference"))?;
        Ok(if self.overrides.strings.contains(name) { Ty::Text } else { Ty::Named(name.to_owned()) })
    }
}

/// The members that matter, sorted.
fn keys(schema: &Value, path: &str) -> Result<Vec<String>> {
    let members = schema.as_object().ok_or_else(|| Error::at(path, "expected an object"))?;
    let mut keys: Vec<String> =
        members.keys().filter(|key| !IGNORED.contains(&key.as_str())).cloned().collect();
    keys.sort();
    Ok(keys)
}

/// The only alternative.
fn only<'a>(alternatives: &'a Value, path: &str) -> Result<&'a Value> {
    match alternatives.as_array().map(Vec::as_slice) {
        Some([only]) => Ok(only),
        _ => Err(Error::at(path, "expected one alternative")),
    }
}

/// The texts of an enum.
pub(crate) fn texts(schema: &Value, path: &str) -> Result<Vec<String>> {
    let texts = schema["enum"].as_array().ok_or_else(|| Error::at(path, "expected an enum"))?;
    texts
        .iter()
        .map(|text| text.as_str().map(str::to_owned).ok_or_else(|| Error::at(path, "expected a text")))
        .collect()
}

fn integer(format: &str, path: &str) -> Result<Integer> {
    Ok(match format {
        "int32" => Integer::I32,
        "int64" => Integer::I64,
        "uint16" => Integer::U16,
        "uint32" => Integer::U32,
        "uint" | "uint64" => Integer::U64,
        _ => return Err(Error::at(path, format!("unknown integer: {format}"))),
    })
}

/// The methods of `ClientRequest` and its like.
fn calls(definitions: &Map<String, Value>, name: &str) -> Result<Vec<Call>> {
    let variants = definitions.get(name).and_then(|definition| definition["oneOf"].as_array());
    let variants = variants.ok_or_else(|| Error::at(name, "expected `oneOf`"))?;
    variants
        .iter()
        .map(|variant| {
            let method = variant["properties"]["method"]["enum"][0].as_str();
            let method = method.ok_or_else(|| Error::at(name, "a method without a name"))?.to_owned();
            let schema = &variant["properties"]["params"];
            let nullable = schema["anyOf"][0]["$ref"].as_str();
            let params = match (schema["$ref"].as_str(), nullable, schema["type"] == "null") {
                (Some(ty), None, false) => Params::Type(ty.to_owned()),
                (None, Some(ty), false) => Params::Nullable(ty.to_owned()),
                (None, None, true) => Params::None,
                _ => return Err(Error::at(&format!("{name}.{method}"), "unknown form of parameters")),
            };
            Ok(Call { method, params })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_form_is_an_error_with_its_path() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/protocol/schema/overrides.toml");
        let overrides = Overrides::load(&path).unwrap();
        for (form, place) in [
            (json!({ "type": "object", "properties": { "a": { "type": "tuple" } } }), "`T.a`"),
            (json!({ "type": "object", "properties": { "a": { "not": {} } } }), "`T.a`"),
            (json!({ "type": "object", "patternProperties": {} }), "`T`"),
            (json!({ "oneOf": [{ "type": "object", "properties": {} }] }), "`T[0]`"),
        ] {
            let mut loader = Loader { overrides: &overrides, schema: Schema::default() };
            let error = loader.define("T", &form, "T").unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }
}
