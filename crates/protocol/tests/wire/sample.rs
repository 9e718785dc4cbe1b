//! Makes values out of the committed schemas.

use serde_json::{Map, Value, json};

/// How much of a value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Only what is required.
    Minimal,
    /// Everything.
    Maximal,
    /// Everything, and null wherever it may be.
    Null,
}

pub(crate) const TEXT: &str = "a \"text\"\n\u{1F600}";

/// A schema by definitions.
pub(crate) struct Schema(Map<String, Value>);

impl Schema {
    pub(crate) fn load(name: &str) -> Self {
        let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
        Self(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// The methods of a list, with the schema of their parameters.
    pub(crate) fn methods(&self, list: &str) -> Vec<(&str, &Value)> {
        let variants = self.0[list]["oneOf"].as_array().unwrap();
        variants
            .iter()
            .map(|variant| {
                (
                    variant["properties"]["method"]["enum"][0].as_str().unwrap(),
                    &variant["properties"]["params"],
                )
            })
            .collect()
    }

    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The values of a definition: one of each alternative.
    pub(crate) fn samples(&self, definition: &Value, size: Size) -> Vec<Value> {
        self.make(definition, size, 0)
    }

    fn make(&self, schema: &Value, size: Size, depth: usize) -> Vec<Value> {
        // Recursive types stop growing here; what is required never recurses without end.
        let size = if depth > 7 && size == Size::Maximal { Size::Minimal } else { size };
        if let Some(target) = schema["$ref"].as_str() {
            return self.make(&self.0[target], size, depth + 1);
        }
        let alternatives = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[*key].as_array());
        match (alternatives, schema["properties"].is_object()) {
            (Some(alternatives), false) => {
                let null = json!({ "type": "null" });
                if size == Size::Null && alternatives.contains(&null) {
                    return vec![Value::Null];
                }
                // The server's own word for "any text and any object from the future".
                let catch_all = json!({ "type": ["string", "object"] });
                let known = alternatives.iter().filter(|one| **one != null && **one != catch_all);
                known.flat_map(|one| self.make(one, size, depth + 1)).collect()
            }
            (Some(alternatives), true) => {
                let mut bare = schema.clone();
                for key in ["oneOf", "anyOf"] {
                    bare.as_object_mut().unwrap().remove(key);
                }
                let common = self.object(&bare, size, depth);
                let own = alternatives.iter().flat_map(|one| self.make(one, size, depth + 1));
                own.map(|mut own| {
                    own.as_object_mut().unwrap().extend(common.clone());
                    own
                })
                .collect()
            }
            (None, _) => self.plain(schema, size, depth),
        }
    }

    fn plain(&self, schema: &Value, size: Size, depth: usize) -> Vec<Value> {
        if let Some(texts) = schema["enum"].as_array() {
            return texts.clone();
        }
        let (kind, nullable) = match &schema["type"] {
            Value::Array(kinds) => (kinds[0].as_str(), true),
            kind => (kind.as_str(), false),
        };
        if nullable && size == Size::Null {
            return vec![Value::Null];
        }
        vec![match kind {
            None => json!({ "any": [1, -2, 0.5, "text", null, true] }),
            Some("null") => Value::Null,
            Some("boolean") => json!(true),
            Some("string") => json!(TEXT),
            Some("integer") => json!(7),
            Some("number") => json!(1.5),
            Some("array") => json!([self.first(&schema["items"], size, depth)]),
            Some("object") => Value::Object(self.object(schema, size, depth)),
            Some(other) => panic!("unknown type {other}"),
        }]
    }

    fn first(&self, schema: &Value, size: Size, depth: usize) -> Value {
        self.make(schema, size, depth + 1).remove(0)
    }

    fn object(&self, schema: &Value, size: Size, depth: usize) -> Map<String, Value> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            if size != Size::Minimal || required.contains(&json!(name)) {
                object.insert(name.clone(), self.first(member, size, depth));
            }
        }
        match &schema["additionalProperties"] {
            Value::Null | Value::Bool(false) => {}
            values if size != Size::Minimal => {
                object.insert("another".to_owned(), self.first(values, size, depth));
            }
            _ => {}
        }
        object
    }
}
