//! The answers that permit nothing.

use crate::client::AskAnswer;
use crate::protocol::RpcError;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::time::{SystemTime, UNIX_EPOCH};

/// The answer that permits nothing, in the form that the method asks for. The turn goes on with it.
pub(super) fn safe(method: &str) -> AskAnswer {
    let answer = match method {
        "item/commandExecution/requestApproval" | "item/fileChange/requestApproval" => {
            json!({ "decision": "decline" })
        }
        "item/permissions/requestApproval" => json!({ "permissions": {} }),
        "item/tool/requestUserInput" => json!({ "answers": {} }),
        "item/tool/call" => json!({
            "contentItems": [{ "type": "inputText", "text": "this tool is not available" }],
            "success": false,
        }),
        "mcpServer/elicitation/request" => json!({ "action": "decline" }),
        "currentTime/read" => json!({ "currentTimeAt": unix_seconds() }),
        // The form of a refusal has changed over the versions; an error is one in all of them.
        "applyPatchApproval" | "execCommandApproval" => {
            return Err(RpcError::new(RpcError::INTERNAL_ERROR, "declined"));
        }
        "account/chatgptAuthTokens/refresh" | "attestation/generate" => {
            return Err(RpcError::new(RpcError::INTERNAL_ERROR, "this client has none to give"));
        }
        unknown => {
            tracing::warn!(method = unknown, "the server asked for something that this SDK does not know");
            return Err(RpcError::new(RpcError::METHOD_NOT_FOUND, "this client does not know the method"));
        }
    };
    to_raw_value(&answer).map_err(|error| RpcError::new(RpcError::INTERNAL_ERROR, error.to_string()))
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
