//! Schemas that a model can be held to.

use super::{fits, limits, rewrite, walk};
use crate::error::Result;
use crate::protocol::DecodeError;
use serde_json::Value;
use std::convert::Infallible;
use std::fmt;

/// A JSON schema in the strict form that OpenAI's models can be held to.
///
/// In that form every object names all its properties, requires them all and allows no others; what may be left out is
/// `null` instead. A schema is brought into it where that is possible, and [`changes`](Self::changes) tells what was
/// changed. What the form does not know, such as maps with free keys, tuples and `allOf`, is refused with the place
/// where it stands, before anything is sent.
///
/// ```
/// use codexkit::StrictSchema;
/// use serde_json::json;
///
/// let schema = StrictSchema::new(json!({
///     "type": "object",
///     "properties": { "risk": { "type": "integer" }, "remark": { "type": "string" } },
///     "required": ["risk"],
///     "additionalProperties": false,
/// }))?;
/// assert_eq!(schema.as_value()["properties"]["remark"]["type"], json!(["string", "null"]));
/// assert_eq!(schema.changes()[0].path, "remark");
///
/// let error = StrictSchema::new(json!({ "type": "array", "items": { "type": "string" } })).unwrap_err();
/// assert_eq!(error.kind(), codexkit::ErrorKind::Usage);
/// # Ok::<(), codexkit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StrictSchema {
    sent: Value,
    /// With the bounds that the model cannot be held to, which are looked at when the answer is there.
    checked: Value,
    pub(super) changes: Vec<SchemaChange>,
    leniency: Leniency,
}

/// Something in a schema that had to be changed, which can make a difference to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaChange {
    /// Where in the answer, as in `stops[].city`; empty for the answer itself. Definitions begin with `$defs`.
    pub path: String,
    /// What was changed.
    pub what: String,
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "at `{path}`: {}", self.what),
        }
    }
}

/// Who judges missing and additional properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leniency {
    /// The schema.
    None,
    /// The type that the answer is read into.
    #[cfg_attr(
        not(feature = "schema"),
        allow(dead_code, reason = "types know their schema by that feature alone")
    )]
    Type,
}

impl StrictSchema {
    /// Brings a schema into the strict form. Optional properties become nullable ones.
    ///
    /// # Errors
    ///
    /// `Usage` for what the strict form does not know, with its place.
    pub fn new(schema: Value) -> Result<Self> {
        Self::build(schema, Leniency::None)
    }

    /// The schema of a type. Its optional fields are required, as `null` where the field can be that. Needs the feature
    /// `schema`.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    #[cfg(feature = "schema")]
    pub fn of<T: schemars::JsonSchema>() -> Result<Self> {
        Self::build(crate::schema_of::schema_of::<T>(), Leniency::Type)
    }

    fn build(schema: Value, leniency: Leniency) -> Result<Self> {
        let (checked, changes) = rewrite::rewrite(schema, leniency)?;
        limits::check(&checked)?;
        let mut sent = checked.clone();
        strip(&mut sent);
        Ok(Self { sent, checked, changes, leniency })
    }

    /// The schema as the model gets it.
    pub fn as_value(&self) -> &Value {
        &self.sent
    }

    /// What had to be changed.
    pub fn changes(&self) -> &[SchemaChange] {
        &self.changes
    }

    /// Whether a value has the form. The keywords `pattern` and `format` are left to the model provider.
    pub(super) fn check(&self, value: &Value) -> Result<(), DecodeError> {
        fits::fits(value, &self.checked, self.leniency)
    }
}

/// Takes away what the model is not told.
fn strip(schema: &mut Value) {
    let Value::Object(node) = schema else { return };
    for keyword in rewrite::CHECKED_HERE {
        node.remove(keyword);
    }
    let Ok(()) = walk::children(node, "", |child, _| {
        strip(child);
        Ok::<(), Infallible>(())
    });
}
