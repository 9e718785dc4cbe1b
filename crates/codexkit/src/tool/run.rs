//! One call, from its beginning to a reply, whatever happens on the way.

use super::call::ToolCall;
use super::definition::Tool;
use super::reply::ToolReply;
use crate::future::{Panicked, catch_panic};
use std::time::Duration;

/// Runs a call. Errors, panics and lateness are replies, too.
pub(super) async fn run(tool: Tool, call: ToolCall, deadline: Duration) -> ToolReply {
    let deadline = tool.deadline.unwrap_or(deadline);
    let work = {
        let call = call.clone();
        // The function's own first steps may panic, too, so they belong into the future.
        catch_panic(Box::pin(async move { (tool.handler)(call).await }))
    };
    match tokio::time::timeout(deadline, work).await {
        Ok(Ok(Ok(reply))) => reply,
        Ok(Ok(Err(error))) => {
            tracing::debug!(tool = %call, error = error.text(), "a tool failed");
            error.into()
        }
        Ok(Err(Panicked)) => {
            tracing::error!(tool = %call, "a tool panicked");
            ToolReply::failure(format!("the tool `{call}` broke down; it may work with other arguments"))
        }
        Err(_) => {
            tracing::warn!(tool = %call, ?deadline, "a tool took too long and was stopped");
            ToolReply::failure(format!(
                "the tool `{call}` was stopped because it took longer than {deadline:?}"
            ))
        }
    }
}
