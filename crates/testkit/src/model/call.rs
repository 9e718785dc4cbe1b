//! A tool that the model calls.

use serde_json::{Value, json};

use super::sse::Sse;

/// A tool call: any function by name, or a custom (freeform) tool such as `apply_patch`.
///
/// Commands have their own builder, [`Exec`](super::Exec).
#[derive(Clone, Debug)]
#[must_use]
pub struct Call {
    name: String,
    namespace: Option<String>,
    input: Input,
    id: Option<String>,
}

#[derive(Clone, Debug)]
enum Input {
    /// Arguments of a function: JSON, as text.
    Arguments(String),
    /// Free text for a custom tool.
    Text(String),
}

impl Call {
    /// Calls a function with JSON arguments.
    pub fn function(name: impl Into<String>, arguments: impl Into<Value>) -> Self {
        Self::new(name, Input::Arguments(arguments.into().to_string()))
    }

    /// Calls a function with arguments that need not be JSON, as a model does when it errs.
    pub fn function_with_raw_arguments(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self::new(name, Input::Arguments(arguments.into()))
    }

    /// Calls a custom tool with a free text.
    pub fn custom(name: impl Into<String>, input: impl Into<String>) -> Self {
        Self::new(name, Input::Text(input.into()))
    }

    /// Calls `apply_patch` with this patch (`*** Begin Patch` ..).
    pub fn patch(patch: impl Into<String>) -> Self {
        Self::custom("apply_patch", patch)
    }

    /// Sets the namespace of the tool: `mcp__<server>` for a tool of an MCP server.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the call id, which is also the item id that clients see. By default the model makes one up.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn new(name: impl Into<String>, input: Input) -> Self {
        Self { name: name.into(), namespace: None, input, id: None }
    }

    pub(super) fn render(self, sse: &mut Sse) {
        let call_id = self.id.unwrap_or_else(|| sse.item_id("call"));
        let (kind, prefix, field, events) = match self.input {
            Input::Arguments(_) => ("function_call", "fc", "arguments", "response.function_call_arguments"),
            Input::Text(_) => ("custom_tool_call", "ctc", "input", "response.custom_tool_call_input"),
        };
        let (Input::Arguments(input) | Input::Text(input)) = self.input;
        let id = sse.item_id(prefix);
        let item = |status: &str, input: &str| {
            let mut item = json!({
                "type": kind, "id": id, "call_id": call_id, "name": self.name, "status": status,
            });
            item[field] = input.into();
            if let Some(namespace) = &self.namespace {
                item["namespace"] = namespace.as_str().into();
            }
            item
        };

        sse.open_item(&item("in_progress", ""));
        sse.item_event(&format!("{events}.delta"), &id, json!({ "call_id": call_id, "delta": input }));
        sse.item_event(&format!("{events}.done"), &id, json!({ field: input }));
        sse.close_item(item("completed", &input));
    }
}
