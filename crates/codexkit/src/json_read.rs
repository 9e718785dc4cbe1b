//! Reading JSON into a type, so that an error tells the place.

use crate::protocol::DecodeError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Write as _;

/// Reads a value. The error names the place and the problem.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    // From text rather than from the value: then the error knows its position, and the position tells the path.
    let text = value.to_string();
    serde_json::from_str(&text).map_err(|error| explain(&text, &error))
}

/// `text` is a single line.
fn explain(text: &str, error: &serde_json::Error) -> DecodeError {
    let full = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let problem = full.strip_suffix(&position).unwrap_or(&full);
    DecodeError::new(problem).under(&path(text, error.column()))
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
