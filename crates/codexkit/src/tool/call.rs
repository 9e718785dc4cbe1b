//! One call of a tool.

use crate::protocol::types::DynamicToolCallParams;
use crate::protocol::{ThreadId, TurnId};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Where a call of a tool comes from. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ToolCall(Arc<DynamicToolCallParams>);

impl ToolCall {
    pub(super) fn new(params: DynamicToolCallParams) -> Self {
        Self(Arc::new(params))
    }

    /// The thread whose agent calls.
    pub fn thread(&self) -> &ThreadId {
        &self.0.thread_id
    }

    /// The turn in which it calls.
    pub fn turn(&self) -> &TurnId {
        &self.0.turn_id
    }

    /// The id of the call, which is also that of its item.
    pub fn id(&self) -> &str {
        &self.0.call_id
    }

    /// The namespace of the tool, if it is in one.
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// The name of the tool.
    pub fn tool(&self) -> &str {
        &self.0.tool
    }

    /// The arguments as the model wrote them.
    pub fn arguments(&self) -> &Value {
        &self.0.arguments
    }
}

/// The name of the tool, with its namespace.
impl fmt::Display for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = self.namespace() {
            write!(f, "{namespace}.")?;
        }
        f.write_str(self.tool())
    }
}
