//! How large a strict schema may be. The numbers are those of OpenAI's documentation.

use super::walk::{children, refused};
use crate::error::{Error, Result};
use serde_json::Value;

const DEEPEST: usize = 10;
const MOST_PROPERTIES: usize = 5000;
const MOST_ENUM_VALUES: usize = 1000;
const MOST_CHARACTERS: usize = 120_000;

#[derive(Default)]
struct Size {
    properties: usize,
    enum_values: usize,
    characters: usize,
}

pub(super) fn check(schema: &Value) -> Result<()> {
    let mut size = Size::default();
    size.add(&mut schema.clone(), "", 0)?;
    let too_much = |what: &str, is: usize, most: usize| {
        Err(refused("", format!("there are {is} {what} in all, and {most} are allowed")))
    };
    if size.properties > MOST_PROPERTIES {
        return too_much("properties", size.properties, MOST_PROPERTIES);
    }
    if size.enum_values > MOST_ENUM_VALUES {
        return too_much("enum values", size.enum_values, MOST_ENUM_VALUES);
    }
    if size.characters > MOST_CHARACTERS {
        return too_much("characters in names and enum values", size.characters, MOST_CHARACTERS);
    }
    Ok(())
}

impl Size {
    fn add(&mut self, schema: &mut Value, path: &str, depth: usize) -> Result<()> {
        let Value::Object(node) = schema else { return Ok(()) };
        let depth = depth + usize::from(node.contains_key("properties"));
        if depth > DEEPEST {
            return Err(refused(path, format!("objects are nested more than {DEEPEST} levels deep")));
        }
        for keyword in ["properties", "$defs", "definitions"] {
            if let Some(Value::Object(named)) = node.get(keyword) {
                self.characters += named.keys().map(|name| name.chars().count()).sum::<usize>();
                self.properties += if keyword == "properties" { named.len() } else { 0 };
            }
        }
        let values = node.get("enum").and_then(Value::as_array).into_iter().flatten();
        for value in values.clone().chain(node.get("const")) {
            self.characters += value.as_str().map_or(0, |text| text.chars().count());
        }
        self.enum_values += values.count();
        children::<Error>(node, path, |child, place| {
            // What is defined is counted where it stands, not where it is used.
            let depth =
                if place.starts_with("$defs") || place.starts_with("definitions") { 0 } else { depth };
            self.add(child, &place, depth)
        })
    }
}
