//! The error object of JSON-RPC.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The error that a server answered a request with, all three parts as they came.
///
/// The server uses [`INVALID_REQUEST`](Self::INVALID_REQUEST) for nearly everything, so the code alone
/// says little; the SDK's own error kinds tell the cases apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RpcError {
    /// The error code.
    pub code: i64,
    /// What went wrong, in the server's words.
    pub message: String,
    /// More about it, for some errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    /// Nearly everything: unknown methods, bad parameters, unknown threads, wrong states.
    pub const INVALID_REQUEST: i64 = -32600;
    /// The method exists but cannot be used here.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// Parameters beyond a limit of the server.
    pub const INVALID_PARAMS: i64 = -32602;
    /// Failures inside the server, file system errors included.
    pub const INTERNAL_ERROR: i64 = -32603;
    /// The server did not take the request because too many were waiting.
    pub const OVERLOADED: i64 = -32001;

    /// An error without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl std::error::Error for RpcError {}
