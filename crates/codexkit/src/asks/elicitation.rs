//! What MCP servers want: answers of the user, and leave to run their tools.

use super::kind::{Answer, Question, write};
use super::origin::Origin;
use crate::client::AskAnswer;
use crate::protocol::types::{
    McpServerElicitationAction, McpServerElicitationRequestParams, McpServerElicitationRequestResponse,
};
use crate::rules::Subject;
use serde_json::{Value, json};

/// An MCP server wants something of the user. From `mcpServer/elicitation/request`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Elicitation {
    /// Where it comes from.
    pub origin: Origin,
    /// All that the server says about it: a form with its schema, or a page to visit.
    pub params: McpServerElicitationRequestParams,
}

/// The agent wants to run a tool of an MCP server that asks for leave. From `mcpServer/elicitation/request`, too, where it is
/// marked as such.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct McpToolApproval {
    /// Where it comes from.
    pub origin: Origin,
    /// All that the server says about it.
    pub params: McpServerElicitationRequestParams,
}

/// What an [`Elicitation`] is answered with; made by its methods.
#[derive(Clone, Debug)]
#[must_use = "the server waits for the answer"]
pub struct ElicitationAnswer(McpServerElicitationRequestResponse);

/// What an [`McpToolApproval`] is answered with; made by its methods.
#[derive(Clone, Debug)]
#[must_use = "the server waits for the answer"]
pub struct McpToolAnswer(McpServerElicitationRequestResponse);

/// The two things that come as elicitations.
pub(super) enum Elicited {
    Form(Elicitation),
    Tool(McpToolApproval),
}

impl Elicited {
    pub(super) fn new(params: McpServerElicitationRequestParams) -> Self {
        let origin = Origin {
            thread: params.thread_id().cloned(),
            turn: params.turn_id().cloned(),
            ..Origin::default()
        };
        match meta(&params, "codex_approval_kind").and_then(Value::as_str) {
            Some("mcp_tool_call") => Self::Tool(McpToolApproval { origin, params }),
            _ => Self::Form(Elicitation { origin, params }),
        }
    }
}

fn meta<'a>(params: &'a McpServerElicitationRequestParams, key: &str) -> Option<&'a Value> {
    params.meta()?.get(key)
}

fn message(params: &McpServerElicitationRequestParams) -> Option<&str> {
    match params {
        McpServerElicitationRequestParams::Form(form) => Some(&form.message),
        McpServerElicitationRequestParams::OpenaiForm(form) => Some(&form.message),
        McpServerElicitationRequestParams::OlderOpenaiForm(form) => Some(&form.message),
        McpServerElicitationRequestParams::Url(page) => Some(&page.message),
        _ => None,
    }
}

fn answer(action: McpServerElicitationAction) -> McpServerElicitationRequestResponse {
    McpServerElicitationRequestResponse::new(action)
}

impl Elicitation {
    /// The MCP server.
    pub fn server(&self) -> Option<&str> {
        self.params.server_name().map(String::as_str)
    }

    /// What it says to the user.
    pub fn message(&self) -> Option<&str> {
        message(&self.params)
    }

    /// Agrees, with what the form asks for.
    pub fn accept(&self, content: impl Into<Value>) -> ElicitationAnswer {
        ElicitationAnswer(answer(McpServerElicitationAction::Accept).content(content))
    }

    /// Says no.
    pub fn decline(&self) -> ElicitationAnswer {
        ElicitationAnswer(answer(McpServerElicitationAction::Decline))
    }

    /// Breaks off without a decision.
    pub fn cancel(&self) -> ElicitationAnswer {
        ElicitationAnswer(answer(McpServerElicitationAction::Cancel))
    }
}

impl McpToolApproval {
    /// The MCP server.
    pub fn server(&self) -> Option<&str> {
        self.params.server_name().map(String::as_str)
    }

    /// What the server of codex says about the call.
    pub fn message(&self) -> Option<&str> {
        message(&self.params)
    }

    /// The tool.
    pub fn tool(&self) -> Option<&str> {
        self.detail("tool_name")?.as_str()
    }

    /// What the tool is called with.
    pub fn arguments(&self) -> Option<&Value> {
        self.detail("tool_params")
    }

    /// A detail of the call, by its name in the metadata of the ask.
    pub fn detail(&self, name: &str) -> Option<&Value> {
        meta(&self.params, name)
    }

    /// Lets the agent run the tool, this once.
    pub fn accept(&self) -> McpToolAnswer {
        McpToolAnswer(answer(McpServerElicitationAction::Accept).content(json!({})))
    }

    /// Says no. The turn goes on.
    pub fn decline(&self) -> McpToolAnswer {
        McpToolAnswer(answer(McpServerElicitationAction::Decline))
    }

    /// Says no and breaks off.
    pub fn cancel(&self) -> McpToolAnswer {
        McpToolAnswer(answer(McpServerElicitationAction::Cancel))
    }
}

impl Question for Elicitation {
    type Answer = ElicitationAnswer;

    fn what(&self) -> Option<String> {
        Some(format!("tell {} what it asks for", self.server().unwrap_or("an MCP server")))
    }

    fn origin(&self) -> Option<&Origin> {
        Some(&self.origin)
    }

    fn safe_answer(&self) -> AskAnswer {
        self.decline().write()
    }
}

impl Question for McpToolApproval {
    type Answer = McpToolAnswer;

    fn what(&self) -> Option<String> {
        Some(match Subject::mcp_tool(&self.params) {
            Some(subject) => subject.to_string(),
            None => format!("call a tool of {}", self.server().unwrap_or("an MCP server")),
        })
    }

    fn origin(&self) -> Option<&Origin> {
        Some(&self.origin)
    }

    fn safe_answer(&self) -> AskAnswer {
        self.decline().write()
    }
}

impl Answer for ElicitationAnswer {
    fn permits(&self) -> bool {
        self.0.action == McpServerElicitationAction::Accept
    }

    fn write(self) -> AskAnswer {
        write(&self.0)
    }
}

impl Answer for McpToolAnswer {
    fn permits(&self) -> bool {
        self.0.action == McpServerElicitationAction::Accept
    }

    fn write(self) -> AskAnswer {
        write(&self.0)
    }
}
