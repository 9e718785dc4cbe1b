//! A script that was not played as it is written.

use std::fmt;

/// What was wrong when a script was checked: see [`Model::check`](super::Model::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    left: usize,
    unexpected: Vec<String>,
}

impl Unfinished {
    pub(super) fn new(left: usize, unexpected: Vec<String>) -> Self {
        Self { left, unexpected }
    }

    /// How many scripted responses nobody asked for.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left
    }

    /// What was asked for without being scripted, in words.
    #[must_use]
    pub fn unexpected(&self) -> &[String] {
        &self.unexpected
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the script of the model was not played as written: {} responses are left", self.left)?;
        self.unexpected.iter().try_for_each(|complaint| write!(f, "; unexpected: {complaint}"))
    }
}

impl std::error::Error for Unfinished {}
