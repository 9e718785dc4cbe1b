//! Tools under a common name.

use super::definition::Tool;
use crate::protocol::types::{DynamicToolNamespaceTool, NamespaceDynamicToolSpec};

/// Tools under a common name. Within it, tools may be called what they like, and [loading](Tool::defer_loading) them can be
/// deferred.
///
/// Its name consists of ASCII letters, digits, `_` and `-`, at most 64 of them, and it holds at least one tool.
///
/// ```
/// use codexkit::{Namespace, Tool};
/// use serde_json::{Value, json};
///
/// let nothing = json!({ "type": "object", "properties": {} });
/// let clock = Namespace::new("clock", "The time where this program runs")
///     .tool(Tool::new("now", "Tells the time", nothing, |_: Value| async { Ok("noon") }));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a namespace does nothing until it is given to a thread"]
pub struct Namespace {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) tools: Vec<Tool>,
}

impl Namespace {
    /// A namespace without any tools yet. The description is at most 1024 characters long.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into(), tools: Vec::new() }
    }

    /// Adds a tool.
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tools.push(tool.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn spec(&self) -> NamespaceDynamicToolSpec {
        let tools =
            self.tools.iter().map(|tool| DynamicToolNamespaceTool::Function(tool.spec_in_namespace()));
        NamespaceDynamicToolSpec::new(&self.description, &self.name, tools)
    }
}
