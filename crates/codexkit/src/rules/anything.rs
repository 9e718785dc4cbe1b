//! Everything of one kind.

use super::subject::Part;
use std::fmt;

/// Everything of one kind, for rules that deny or ask: see [`Command::any`](super::Command::any) and its likes.
#[derive(Clone)]
pub struct Anything(pub(super) Topic);

#[derive(Clone, Copy)]
pub(super) enum Topic {
    Command,
    Files,
    Network,
    McpTool,
    Permissions,
}

impl Anything {
    pub(super) fn concerns(&self, part: &Part<'_>) -> bool {
        matches!(
            (self.0, part),
            (Topic::Command, Part::Command(_))
                | (Topic::Files, Part::File(_))
                | (Topic::Network, Part::Network(_))
                | (Topic::McpTool, Part::McpTool(_))
                | (Topic::Permissions, Part::Permission(_))
        )
    }
}

impl fmt::Debug for Anything {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Topic::Command => "any command",
            Topic::Files => "any change of files",
            Topic::Network => "any connection",
            Topic::McpTool => "any tool of an MCP server",
            Topic::Permissions => "any permission",
        })
    }
}
