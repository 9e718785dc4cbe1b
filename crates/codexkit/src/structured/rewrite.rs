//! Bringing a schema into the strict form.

use super::strict::{Leniency, SchemaChange};
use super::walk::{children, refused, resolve, types};
use crate::error::Result;
use serde_json::{Map, Value, json};

/// What is looked at when the answer is there, since the model cannot be held to it.
pub(super) const CHECKED_HERE: [&str; 5] =
    ["minLength", "maxLength", "uniqueItems", "minProperties", "maxProperties"];

/// What the strict form knows.
const KNOWN: [&str; 22] = [
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "definitions",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
];

/// What says nothing about the form of an answer.
const REMARKS: [&str; 7] =
    ["$comment", "$schema", "default", "deprecated", "examples", "readOnly", "writeOnly"];

const TYPES: [&str; 7] = ["string", "number", "boolean", "integer", "object", "array", "null"];

const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// How deep schemas may be within one another here. The strict form allows much less.
const DEEPEST: usize = 100;

/// The schema in the strict form, still with [what is checked here](CHECKED_HERE), and what was changed.
pub(super) fn rewrite(mut schema: Value, leniency: Leniency) -> Result<(Value, Vec<SchemaChange>)> {
    unfold_root(&mut schema);
    let root = schema.clone();
    let mut rewriting = Rewriting { root: &root, leniency, changes: Vec::new() };
    rewriting.schema(&mut schema, "", 0)?;
    match schema.get("type") {
        Some(Value::String(one)) if one == "object" => Ok((schema, rewriting.changes)),
        _ => Err(refused("", "an answer has to be an object: put it into a field of a struct")),
    }
}

/// A root that is nothing but a reference is replaced by what it leads to.
fn unfold_root(schema: &mut Value) {
    let reference = schema.get("$ref").and_then(Value::as_str).filter(|reference| *reference != "#");
    let target = reference.and_then(|reference| resolve(schema, reference)).cloned();
    if let (Value::Object(root), Some(Value::Object(target))) = (schema, target) {
        root.remove("$ref");
        for (keyword, value) in target {
            root.entry(keyword).or_insert(value);
        }
    }
}

struct Rewriting<'a> {
    root: &'a Value,
    leniency: Leniency,
    changes: Vec<SchemaChange>,
}

impl Rewriting<'_> {
    fn schema(&mut self, schema: &mut Value, path: &str, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(refused(path, "it is nested too deep"));
        }
        let Value::Object(node) = schema else {
            return Err(refused(path, "anything is allowed, and a type is wanted"));
        };
        self.keywords(node, path)?;
        self.reference(node, path)?;
        check_type(node, path)?;
        if types(node).contains(&"object") {
            self.object(node, path)?;
        } else if node.contains_key("properties") {
            return Err(refused(path, "there are `properties`, but the `type` is no object"));
        }
        if types(node).contains(&"array") && !node.contains_key("items") {
            return Err(refused(path, "there is a list, and `items` does not say of what"));
        }
        children(node, path, |child, place| self.schema(child, &place, depth + 1))
    }

    fn changed(&mut self, path: &str, what: impl Into<String>) {
        self.changes.push(SchemaChange { path: path.to_owned(), what: what.into() });
    }

    /// Keeps what is known, replaces what can be replaced, and refuses the rest.
    fn keywords(&mut self, node: &mut Map<String, Value>, path: &str) -> Result<()> {
        if let Some(Value::Array(mut parts)) = node.remove("allOf") {
            match (parts.pop(), parts.is_empty()) {
                (Some(Value::Object(only)), true)
                    if only.keys().all(|keyword| !node.contains_key(keyword)) =>
                {
                    node.extend(only);
                }
                _ => return Err(refused(path, "`allOf` is not supported; write its parts as one schema")),
            }
        }
        if let Some(alternatives) = node.remove("oneOf") {
            if node.contains_key("anyOf") {
                return Err(refused(path, "`oneOf` beside `anyOf` is not supported"));
            }
            node.insert("anyOf".to_owned(), alternatives);
        }
        node.retain(|keyword, _| !REMARKS.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
        for keyword in node.keys() {
            if CHECKED_HERE.contains(&keyword.as_str()) {
                let what = format!("the model is not told of `{keyword}`; the answer is checked for it");
                self.changes.push(SchemaChange { path: path.to_owned(), what });
            } else if !KNOWN.contains(&keyword.as_str()) {
                return Err(refused(
                    path,
                    format!("`{keyword}` is not supported; leave it out{}", hint(keyword)),
                ));
            }
        }
        let format = node.get("format").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !FORMATS.contains(&format.as_str()) && node.remove("format").is_some() {
            // Of numbers it only tells how they are stored.
            if types(node).contains(&"string") {
                self.changed(path, format!("the model is not told of the format `{format}`"));
            }
        }
        Ok(())
    }

    /// A reference must lead somewhere, and stand alone.
    fn reference(&mut self, node: &mut Map<String, Value>, path: &str) -> Result<()> {
        let Some(reference) = node.get("$ref") else { return Ok(()) };
        let target = reference.as_str().and_then(|reference| resolve(self.root, reference));
        if target.is_none() {
            return Err(refused(path, format!("the reference {reference} leads nowhere within the schema")));
        }
        if node.len() > 1 {
            if let Some(other) = node.keys().find(|keyword| !is_annotation(keyword) && *keyword != "$ref") {
                return Err(refused(path, format!("`{other}` beside `$ref` is not supported")));
            }
            if let Some(reference) = node.remove("$ref") {
                node.insert("anyOf".to_owned(), json!([{ "$ref": reference }]));
            }
        }
        Ok(())
    }

    /// An object names, requires and closes its properties.
    fn object(&mut self, node: &mut Map<String, Value>, path: &str) -> Result<()> {
        let open = node.get("additionalProperties").filter(|more| **more != Value::Bool(false));
        if open.is_some() {
            let problem =
                "keys that the schema does not name are not supported; use a list of pairs instead of a map";
            return Err(refused(path, problem));
        }
        if !node.contains_key("properties") && !node.contains_key("additionalProperties") {
            match self.leniency {
                Leniency::None => return Err(refused(path, "the object names no `properties`")),
                Leniency::Type => {}
            }
        }
        let closed = node.insert("additionalProperties".to_owned(), false.into()).is_some();
        if !closed && self.leniency == Leniency::None {
            self.changed(path, "no further properties are allowed");
        }
        let required: Vec<String> = match node.remove("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let properties = node.entry("properties").or_insert_with(|| json!({}));
        let Value::Object(properties) = properties else {
            return Err(refused(path, "`properties` is no object"));
        };
        if let Some(stranger) = required.iter().find(|name| !properties.contains_key(*name)) {
            return Err(refused(
                path,
                format!("`{stranger}` is required, and `properties` does not name it"),
            ));
        }
        for (name, schema) in properties.iter_mut().filter(|(name, _)| !required.contains(name)) {
            let nullable = is_nullable(schema, self.root, 0);
            let what = match self.leniency {
                _ if nullable => "it is required now: `null` stands for leaving it out",
                Leniency::Type => "it is required now",
                Leniency::None => {
                    make_nullable(schema);
                    "it is required now, and nullable: `null` stands for leaving it out"
                }
            };
            self.changes.push(SchemaChange { path: super::walk::join(path, name), what: what.to_owned() });
        }
        let all = properties.keys().cloned().map(Value::String).collect();
        node.insert("required".to_owned(), Value::Array(all));
        Ok(())
    }
}

fn hint(keyword: &str) -> &'static str {
    match keyword {
        "prefixItems" | "additionalItems" => ", and use a struct with named fields instead of a tuple",
        "patternProperties" | "propertyNames" | "unevaluatedProperties" => ", and name the properties",
        _ => "",
    }
}

fn is_annotation(keyword: &str) -> bool {
    matches!(keyword, "title" | "description" | "$defs" | "definitions")
}

/// There must be a type, which values can tell.
fn check_type(node: &mut Map<String, Value>, path: &str) -> Result<()> {
    if let Some(unknown) = types(node).into_iter().find(|name| !TYPES.contains(name)) {
        return Err(refused(path, format!("there is no type `{unknown}`")));
    }
    if !types(node).is_empty() || node.contains_key("$ref") || node.contains_key("anyOf") {
        return Ok(());
    }
    let values = node.get("enum").and_then(Value::as_array).into_iter().flatten().chain(node.get("const"));
    let mut told: Vec<Value> = values.map(|value| type_of(value).into()).collect();
    told.dedup();
    let told = match (told.pop(), told.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => told.into_iter().chain([last]).collect(),
        (None, _) if node.contains_key("properties") => "object".into(),
        (None, _) => return Err(refused(path, "anything is allowed, and a type is wanted")),
    };
    node.insert("type".to_owned(), told);
    Ok(())
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_nullable(schema: &Value, root: &Value, depth: usize) -> bool {
    let Value::Object(node) = schema else { return false };
    let target = node.get("$ref").and_then(Value::as_str).and_then(|reference| resolve(root, reference));
    let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| node.get(keyword)?.as_array());
    depth < DEEPEST
        && (types(node).contains(&"null")
            || node.get("enum").and_then(Value::as_array).is_some_and(|values| values.contains(&Value::Null))
            || alternatives.flatten().chain(target).any(|schema| is_nullable(schema, root, depth + 1)))
}

/// Allows `null` as well.
fn make_nullable(schema: &mut Value) {
    let inner = schema.take();
    let description = inner.get("description").cloned();
    *schema = match inner {
        Value::Object(mut node)
            if node.get("type").is_some_and(Value::is_string) && !node.contains_key("const") =>
        {
            let only = node.remove("type").unwrap_or_default();
            node.insert("type".to_owned(), json!([only, "null"]));
            if let Some(Value::Array(values)) = node.get_mut("enum") {
                values.push(Value::Null);
            }
            Value::Object(node)
        }
        inner => json!({ "anyOf": [inner, { "type": "null" }] }),
    };
    if let (Value::Object(node), Some(description)) = (schema, description) {
        node.entry("description").or_insert(description);
    }
}
