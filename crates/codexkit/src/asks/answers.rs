//! Answers to what nobody here can answer.

use super::kind::write;
use crate::client::AskAnswer;
use crate::protocol::types::{DynamicToolCallOutputContentItem, DynamicToolCallResponse};
use crate::protocol::{RawRequest, RpcError};

/// The agent calls a tool that is not there. It learns of it, and the turn goes on.
pub(super) fn no_such_tool() -> AskAnswer {
    let text = DynamicToolCallOutputContentItem::input_text("this tool is not available");
    write(&DynamicToolCallResponse::new([text], false))
}

/// The server asks something that this SDK does not know.
pub(super) fn unknown(request: &RawRequest) -> AskAnswer {
    tracing::warn!(method = %request.method, "the server asked for something that this SDK does not know");
    Err(RpcError::new(RpcError::METHOD_NOT_FOUND, "this client does not know the method"))
}
