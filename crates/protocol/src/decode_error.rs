//! Why a JSON value is not the type that it should be.

use std::fmt;

/// A JSON value did not have the form that the schema promises.
///
/// The path names the place, as in `turn.items[3].id`; it is empty for the value itself.
///
/// One word wide: every decoder of the protocol returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    path: String,
    problem: String,
}

impl DecodeError {
    /// An error at the value itself.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(Box::new(Inner { path: String::new(), problem: problem.into() }))
    }

    /// The same error, seen from the object that holds the value under `field`.
    #[must_use]
    pub fn under(mut self, field: &str) -> Self {
        let separator = if self.0.path.is_empty() || self.0.path.starts_with('[') { "" } else { "." };
        self.0.path = format!("{field}{separator}{}", self.0.path);
        self
    }

    /// The same error, seen from the array that holds the value at `index`.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        self.under(&format!("[{index}]"))
    }

    /// Where in the value, as in `turn.items[3].id`.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What was wrong there.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError").field("path", &self.path()).field("problem", &self.problem()).finish()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.path.as_str() {
            "" => f.write_str(&self.0.problem),
            path => write!(f, "at `{path}`: {}", self.0.problem),
        }
    }
}

impl std::error::Error for DecodeError {}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_reads_from_the_outside_in() {
        let error = DecodeError::new("missing").under("id").at(3).under("items").under("turn");
        assert_eq!(error.to_string(), "at `turn.items[3].id`: missing");
    }
}
