//! A tool: a function that the model can call.

use super::arguments;
use super::call::ToolCall;
use super::reply::{ToolError, ToolReply};
use crate::future::BoxFuture;
use crate::protocol::types::{FunctionDynamicToolNamespaceTool, FunctionDynamicToolSpec};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

pub(super) type Handler =
    Arc<dyn Fn(ToolCall) -> BoxFuture<'static, Result<ToolReply, ToolError>> + Send + Sync>;

/// An async function that the agent can call.
///
/// Cheap to clone, and the same tool can be given to any number of threads. What the function needs, its closure holds.
/// A closure that holds the [`Thread`](crate::Thread) it is given to keeps it, and the connection, for ever; the id of the
/// thread is in the [`ToolCall`].
///
/// Names consist of ASCII letters, digits, `_` and `-`, at most 128 of them. They must differ from those of the tools that
/// codex brings along, except in a [`Namespace`](super::Namespace).
#[derive(Clone)]
#[must_use = "a tool does nothing until it is given to a thread"]
pub struct Tool {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) schema: Value,
    pub(super) defer_loading: bool,
    pub(super) deadline: Option<Duration>,
    pub(super) handler: Handler,
}

impl Tool {
    /// A tool with a JSON schema for its arguments, which must describe an object.
    ///
    /// The arguments are read into what the function takes: any type that can be deserialised, or a
    /// [`Value`](serde_json::Value). If they do not fit, the model is told what is wrong and where, and the function is not
    /// called. Codex passes the shape of the schema on to the model, but not bounds, patterns and formats: those the
    /// function has to check.
    ///
    /// The function runs in a task of its own. Its result becomes a [`ToolReply`]; an error, or a panic, becomes a text that
    /// the model sees. Every error that can be displayed becomes a [`ToolError`] by `?`.
    ///
    /// ```
    /// use codexkit::Tool;
    /// use serde::Deserialize;
    /// use serde_json::json;
    ///
    /// #[derive(Deserialize)]
    /// struct Sum { a: i64, b: i64 }
    ///
    /// let schema = json!({
    ///     "type": "object",
    ///     "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } },
    ///     "required": ["a", "b"],
    /// });
    /// let add = Tool::new("add", "Adds two numbers", schema, |sum: Sum| async move {
    ///     let total = sum.a.checked_add(sum.b).ok_or("the sum is too large")?;
    ///     Ok(total.to_string())
    /// });
    /// ```
    pub fn new<A, F, Fut, R>(
        name: impl Into<String>,
        description: impl Into<String>,
        schema: impl Into<Value>,
        function: F,
    ) -> Self
    where
        A: DeserializeOwned,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
        R: Into<ToolReply>,
    {
        Self::with_context(name, description, schema, move |_, arguments| function(arguments))
    }

    /// As [`new`](Self::new), for a function that also wants to know where the call comes from.
    ///
    /// ```
    /// use codexkit::{Tool, ToolCall};
    /// use serde_json::{Value, json};
    ///
    /// let whoami = Tool::with_context(
    ///     "whoami",
    ///     "Tells which agent this is",
    ///     json!({ "type": "object", "properties": {} }),
    ///     |call: ToolCall, _: Value| async move { Ok(call.thread().to_string()) },
    /// );
    /// ```
    pub fn with_context<A, F, Fut, R>(
        name: impl Into<String>,
        description: impl Into<String>,
        schema: impl Into<Value>,
        function: F,
    ) -> Self
    where
        A: DeserializeOwned,
        F: Fn(ToolCall, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
        R: Into<ToolReply>,
    {
        let handler = move |call: ToolCall| -> BoxFuture<'static, Result<ToolReply, ToolError>> {
            match arguments::read(call.arguments()) {
                Ok(arguments) => {
                    let reply = function(call, arguments);
                    Box::pin(async move { reply.await.map(Into::into) })
                }
                Err(error) => Box::pin(ready(Err(error))),
            }
        };
        Self {
            name: name.into(),
            description: description.into(),
            schema: schema.into(),
            defer_loading: false,
            deadline: None,
            handler: Arc::new(handler),
        }
    }

    /// How long a call may take; then it is stopped, and the model learns of it. Default:
    /// [`Limits::ask_deadline`](crate::Limits::ask_deadline).
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Whether the model is not shown the tool at first, but finds it by searching. Only for tools in a
    /// [`Namespace`](super::Namespace), and only models that can search find it.
    pub fn defer_loading(mut self, on: bool) -> Self {
        self.defer_loading = on;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn spec(&self) -> FunctionDynamicToolSpec {
        FunctionDynamicToolSpec::new(&self.description, self.schema.clone(), &self.name)
    }

    pub(super) fn spec_in_namespace(&self) -> FunctionDynamicToolNamespaceTool {
        let spec = FunctionDynamicToolNamespaceTool::new(&self.description, self.schema.clone(), &self.name);
        if self.defer_loading { spec.defer_loading(true) } else { spec }
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("name", &self.name)
            .field("defer_loading", &self.defer_loading)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
