//! Messages as they came, before anyone looked into their parameters.

use serde_json::value::RawValue;

/// A notification with its parameters undecoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawNotification {
    /// The method, as in `turn/started`.
    pub method: Box<str>,
    /// The parameters as the server wrote them; `null` when it sent none.
    pub params: Box<RawValue>,
    /// When the server emitted it, in milliseconds since the epoch. Servers before 0.154 do not say.
    pub emitted_at_ms: Option<i64>,
}

impl RawNotification {
    /// A notification from its parts.
    pub fn new(method: impl Into<Box<str>>, params: Box<RawValue>) -> Self {
        Self { method: method.into(), params, emitted_at_ms: None }
    }
}

/// A request of the server with its parameters undecoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawRequest {
    /// The id that the answer must carry.
    pub id: crate::RequestId,
    /// The method, as in `item/fileChange/requestApproval`.
    pub method: Box<str>,
    /// The parameters as the server wrote them; `null` when it sent none.
    pub params: Box<RawValue>,
}

impl RawRequest {
    /// A request from its parts.
    pub fn new(id: crate::RequestId, method: impl Into<Box<str>>, params: Box<RawValue>) -> Self {
        Self { id, method: method.into(), params }
    }
}
