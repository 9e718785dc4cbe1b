//! All the tools of a thread.

use super::call::ToolCall;
use super::check;
use super::definition::Tool;
use super::namespace::Namespace;
use super::reply::ToolReply;
use super::run;
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::protocol::Version;
use crate::protocol::types::{DynamicToolCallParams, DynamicToolCallResponse, DynamicToolSpec};
use std::time::Duration;

/// Before, tools were described in another form, without descriptions of namespaces.
const NAMESPACES_SINCE: Version = Version::new(0, 144, 4);

/// Tools and namespaces that are given to threads together.
///
/// ```
/// use codexkit::{Namespace, Tool, ToolSet};
/// use serde_json::{Value, json};
///
/// let nothing = json!({ "type": "object", "properties": {} });
/// let tool = |name: &str| Tool::new(name, "Does nothing", nothing.clone(), |_: Value| async { Ok(()) });
///
/// let tools = ToolSet::new()
///     .tool(tool("rest"))
///     .namespace(Namespace::new("breaks", "Ways to pause").tool(tool("short")).tool(tool("long")));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "tools do nothing until they are given to a thread"]
pub struct ToolSet {
    pub(super) tools: Vec<Tool>,
    pub(super) namespaces: Vec<Namespace>,
}

impl ToolSet {
    /// No tools yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tools.push(tool.into());
        self
    }

    /// Adds a namespace.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.push(namespace);
        self
    }

    /// Adds all the tools of another set.
    pub fn merge(mut self, others: impl Into<Self>) -> Self {
        let others = others.into();
        self.tools.extend(others.tools);
        self.namespaces.extend(others.namespaces);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.namespaces.is_empty()
    }

    /// Checks what the server, or the model behind it, would not take.
    ///
    /// # Errors
    ///
    /// `Usage`, with what is wrong and what to do about it.
    pub(crate) fn check(&self) -> Result<()> {
        check::check(self)
    }

    /// Checks whether a server of this version takes them.
    ///
    /// # Errors
    ///
    /// `Incompatible`, with the version that is needed.
    pub(crate) fn check_for(&self, server: Option<Version>) -> Result<()> {
        match server {
            Some(version) if version < NAMESPACES_SINCE && !self.namespaces.is_empty() => {
                let text = format!(
                    "namespaces of tools exist since codex {NAMESPACES_SINCE}, and this server is {version}; give the tools \
                     without one, or use a newer codex"
                );
                Err(Error::new(ErrorKind::Incompatible, text))
            }
            _ => Ok(()),
        }
    }

    /// The tools as the server is told of them.
    pub(crate) fn specs(&self) -> Vec<DynamicToolSpec> {
        let tools = self.tools.iter().map(|tool| DynamicToolSpec::Function(tool.spec()));
        let namespaces = self.namespaces.iter().map(|space| DynamicToolSpec::Namespace(space.spec()));
        tools.chain(namespaces).collect()
    }

    /// Runs a call to its end, whatever that is; a tool without a deadline of its own has the given one.
    pub(super) fn call(
        &self,
        params: DynamicToolCallParams,
        deadline: Duration,
    ) -> BoxFuture<'static, DynamicToolCallResponse> {
        let call = ToolCall::new(params);
        match self.find(&call).cloned() {
            Some(tool) => Box::pin(async move { run::run(tool, call, deadline).await.into_response() }),
            None => {
                let reply = unknown(&call);
                Box::pin(async move { reply.into_response() })
            }
        }
    }

    fn find(&self, call: &ToolCall) -> Option<&Tool> {
        let tools = match call.namespace() {
            None => &self.tools,
            Some(name) => &self.namespaces.iter().find(|space| space.name == name)?.tools,
        };
        tools.iter().find(|tool| tool.name == call.tool())
    }
}

/// The reply to a call of a tool that nobody here has.
pub(super) fn unknown(call: &ToolCall) -> ToolReply {
    tracing::warn!(tool = %call, thread = %call.thread(), "the model called a tool that this program does not have");
    ToolReply::failure(format!("the tool `{call}` is not available"))
}

impl From<Tool> for ToolSet {
    fn from(tool: Tool) -> Self {
        Self::new().tool(tool)
    }
}

impl From<Namespace> for ToolSet {
    fn from(namespace: Namespace) -> Self {
        Self::new().namespace(namespace)
    }
}

impl<T: Into<Tool>> From<Vec<T>> for ToolSet {
    fn from(tools: Vec<T>) -> Self {
        tools.into_iter().fold(Self::new(), Self::tool)
    }
}

impl<T: Into<Tool>, const N: usize> From<[T; N]> for ToolSet {
    fn from(tools: [T; N]) -> Self {
        Vec::from(tools).into()
    }
}
