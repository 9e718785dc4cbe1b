//! Rules about tools of MCP servers.

use super::anything::{Anything, Topic};
use super::permit::Permit;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

type Check = Arc<dyn Fn(Option<&Value>) -> bool + Send + Sync>;

/// Tools of MCP servers, for rules.
///
/// An allow rule compares names exactly. A deny or an ask rule ignores case and what separates words in a name.
///
/// ```
/// use codexkit::rules::{McpTool, Rules};
///
/// let rules = Rules::new().allow(McpTool::named("tickets", "search")).deny(McpTool::named("tickets", "delete"));
/// ```
#[derive(Clone)]
pub struct McpTool {
    server: String,
    tool: Option<String>,
    check: Option<Check>,
}

/// A call to decide about.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToolCall<'a> {
    pub(super) server: &'a str,
    pub(super) tool: &'a str,
    pub(super) arguments: Option<&'a Value>,
}

impl McpTool {
    /// This tool of this server.
    pub fn named(server: impl Into<String>, tool: impl Into<String>) -> Self {
        Self { server: server.into(), tool: Some(tool.into()), check: None }
    }

    /// All tools of this server, those that it may get later included.
    pub fn of_server(server: impl Into<String>) -> Self {
        Self { server: server.into(), tool: None, check: None }
    }

    /// Only with arguments for which the check says yes. It gets none when the server does not tell them. Only an allow
    /// rule looks at it.
    ///
    /// ```
    /// use codexkit::rules::McpTool;
    ///
    /// let small = McpTool::named("shop", "pay")
    ///     .when(|arguments| arguments.is_some_and(|arguments| arguments["cents"].as_u64() < Some(500)));
    /// ```
    #[must_use]
    pub fn when(mut self, check: impl Fn(Option<&Value>) -> bool + Send + Sync + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Every tool of every server. Only for rules that deny or ask.
    pub fn any() -> Anything {
        Anything(Topic::McpTool)
    }

    pub(super) fn permits(&self, call: &ToolCall<'_>) -> Permit {
        if self.server != call.server || self.tool.as_ref().is_some_and(|tool| tool != call.tool) {
            return Permit::No;
        }
        match &self.check {
            Some(check) if !check(call.arguments) => {
                Permit::Almost("the arguments did not pass the check of the rule".to_owned())
            }
            _ => Permit::Yes,
        }
    }

    pub(super) fn concerns(&self, call: &ToolCall<'_>) -> bool {
        let same = |a: &str, b: &str| loose(a) == loose(b);
        same(&self.server, call.server) && self.tool.as_ref().is_none_or(|tool| same(tool, call.tool))
    }
}

fn loose(name: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    name.to_lowercase().chars().map(letter).collect()
}

impl fmt::Debug for McpTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tool {
            Some(tool) => write!(f, "tool {tool:?} of {:?}", self.server),
            None => write!(f, "tools of {:?}", self.server),
        }
    }
}
