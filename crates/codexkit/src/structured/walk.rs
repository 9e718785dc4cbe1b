//! The schemas within a schema.

use crate::error::{Error, ErrorKind};
use serde_json::{Map, Value};

/// Keywords that hold one schema for each name.
const BY_NAME: [&str; 3] = ["properties", "$defs", "definitions"];

/// Calls `visit` with each schema that stands directly within this one, and where that is.
pub(super) fn children<E>(
    node: &mut Map<String, Value>,
    path: &str,
    mut visit: impl FnMut(&mut Value, String) -> Result<(), E>,
) -> Result<(), E> {
    for keyword in BY_NAME {
        let Some(Value::Object(schemas)) = node.get_mut(keyword) else { continue };
        for (name, schema) in schemas {
            let place = match keyword {
                "properties" => join(path, name),
                _ => join(keyword, name),
            };
            visit(schema, place)?;
        }
    }
    if let Some(items) = node.get_mut("items") {
        visit(items, format!("{path}[]"))?;
    }
    if let Some(Value::Array(alternatives)) = node.get_mut("anyOf") {
        for alternative in alternatives {
            visit(alternative, path.to_owned())?;
        }
    }
    Ok(())
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The schema that a reference within `root` leads to.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    match reference.strip_prefix('#')? {
        "" => Some(root),
        pointer => root.pointer(pointer).filter(|target| target.is_object()),
    }
}

/// The types that a schema allows, by its `type`.
pub(super) fn types(node: &Map<String, Value>) -> Vec<&str> {
    match node.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The schema cannot be used; `path` is the place within the answer that it describes.
pub(super) fn refused(path: &str, problem: impl AsRef<str>) -> Error {
    let place = if path.is_empty() { "the root".to_owned() } else { format!("`{path}`") };
    let text = format!("this schema cannot be asked of the model: at {place}, {}", problem.as_ref());
    Error::new(ErrorKind::Usage, text)
}
