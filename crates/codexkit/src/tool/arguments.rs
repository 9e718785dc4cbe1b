//! Reading the arguments of a call, so that the model learns where they are wrong.

use super::reply::ToolError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Write as _;

/// Reads the arguments. The error names the place and the problem.
pub(super) fn read<A: DeserializeOwned>(arguments: &Value) -> Result<A, ToolError> {
    // From text rather than from the value: then the error knows its position, and the position tells the path.
    let text = arguments.to_string();
    serde_json::from_str(&text).map_err(|error| explain(&text, &error))
}

/// What the model is told. `text` is a single line.
fn explain(text: &str, error: &serde_json::Error) -> ToolError {
    let full = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let problem = full.strip_suffix(&position).unwrap_or(&full);
    ToolError::new(match path(text, error.column()).as_str() {
        "" => format!("the arguments do not fit: {problem}"),
        path => format!("the argument `{path}` does not fit: {problem}"),
    })
}

/// A step from a value to one within it.
enum Step<'a> {
    /// Into an object, by a key; none before its first colon.
    Key(Option<&'a str>),
    /// Into a list.
    Index(usize),
}

/// The path of the value that stands at, or ends just before, the byte `end` of a JSON text.
fn path(text: &str, end: usize) -> String {
    let mut steps = Vec::new();
    let mut bytes = text.bytes().enumerate().take(end);
    let mut last_string = "";
    while let Some((at, byte)) = bytes.next() {
        match (byte, steps.last_mut()) {
            (b'"', _) => {
                let mut escaped = false;
                let close = bytes.find(|(_, byte)| {
                    let closes = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    closes
                });
                last_string = text.get(at + 1..close.map_or(end, |(close, _)| close)).unwrap_or_default();
            }
            (b'{', _) => steps.push(Step::Key(None)),
            (b'[', _) => steps.push(Step::Index(0)),
            (b'}' | b']', _) => drop(steps.pop()),
            (b':', Some(Step::Key(key))) => *key = Some(last_string),
            (b',', Some(Step::Key(key))) => *key = None,
            (b',', Some(Step::Index(index))) => *index += 1,
            _ => {}
        }
    }
    written(&steps)
}

fn written(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        // Writing into a string cannot fail.
        let _ = match step {
            Step::Key(None) => Ok(()),
            Step::Key(Some(key)) if path.is_empty() => write!(path, "{key}"),
            Step::Key(Some(key)) => write!(path, ".{key}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Trip {
        name: String,
        #[serde(default)]
        stops: Vec<Stop>,
        #[serde(default)]
        days: u8,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Stop {
        city: String,
        by: Means,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Means {
        Train,
        Ship,
    }

    fn refused(arguments: Value) -> String {
        read::<Trip>(&arguments).unwrap_err().text().to_owned()
    }

    #[test]
    fn arguments_that_fit_are_read() {
        let arguments = json!({ "name": "x", "days": 3, "stops": [{ "city": "Bonn", "by": "ship" }] });
        let trip: Trip = read(&arguments).unwrap();
        assert_eq!((trip.name.as_str(), trip.days, trip.stops.len()), ("x", 3, 1));
        assert_eq!(read::<Value>(&arguments).unwrap(), arguments);
    }

    #[test]
    fn a_problem_is_told_with_its_place() {
        let refusals = [
            (json!({}), "the arguments do not fit: missing field `name`"),
            (json!([1, 2]), "the argument `[0]` does not fit: invalid type: integer `1`, expected a string"),
            (json!("x"), "the arguments do not fit: invalid type: string \"x\", expected struct Trip"),
            (
                json!({ "name": 5, "stops": [] }),
                "the argument `name` does not fit: invalid type: integer `5`, expected a string",
            ),
            (
                json!({ "name": { "a": 1 } }),
                "the argument `name` does not fit: invalid type: map, expected a string",
            ),
            (
                json!({ "name": "a,b\"}\\", "days": 300 }),
                "the argument `days` does not fit: invalid value: integer `300`, expected u8",
            ),
            (
                json!({ "name": "x", "stops": [{ "city": "a", "by": "ship" }, { "by": "train" }] }),
                "the argument `stops[1]` does not fit: missing field `city`",
            ),
            (
                json!({ "name": "x", "stops": [{ "city": "a", "by": "foot" }] }),
                "the argument `stops[0].by` does not fit: unknown variant `foot`, expected `train` or `ship`",
            ),
            (
                json!({ "name": "x", "other": 1 }),
                "the arguments do not fit: unknown field `other`, expected one of `name`, `stops`, `days`",
            ),
        ];
        for (arguments, expected) in refusals {
            assert_eq!(refused(arguments), expected);
        }
    }
}
