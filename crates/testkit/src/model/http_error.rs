//! An HTTP status instead of a stream.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// An HTTP error in place of a stream: `429`, or one with a code, a body and headers.
///
/// ```
/// use codexkit_testkit::model::{HttpError, Model};
///
/// let script = Model::script()
///     .fail(503)
///     .fail(HttpError::new(429).code("usage_limit_reached").field("resets_at", 1_795_300_000));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpError {
    status: u16,
    retry_after: Option<Duration>,
    error: Map<String, Value>,
    body: Option<String>,
}

impl HttpError {
    /// An error with this status and a body in the shape of the API: `{"error":{"message":..}}`.
    pub fn new(status: u16) -> Self {
        let message = format!("scripted failure with status {status}");
        let error = Map::from_iter([("message".to_owned(), Value::from(message))]);
        Self { status, retry_after: None, error, body: None }
    }

    /// Sets the machine-readable cause, for instance `usage_limit_reached` or `model_not_found`.
    ///
    /// The API writes it as `type` in some errors and as `code` in others, so both are set.
    pub fn code(self, code: impl Into<String>) -> Self {
        let code = code.into();
        self.field("type", code.clone()).field("code", code)
    }

    /// Sets the text of the error.
    pub fn message(self, message: impl Into<String>) -> Self {
        self.field("message", message.into())
    }

    /// Sets one more field of the `error` object.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.error.insert(name.into(), value.into());
        self
    }

    /// Replaces the whole body by this text.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a `retry-after` header, in whole seconds, rounded up.
    ///
    /// Codex 0.169 waits as long as it says, and repeats a 429 only when it is there.
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn retry_after_header(&self) -> Option<(String, String)> {
        let time = self.retry_after?;
        let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
        Some(("retry-after".to_owned(), seconds.to_string()))
    }

    pub(super) fn into_body(self) -> String {
        self.body.unwrap_or_else(|| json!({ "error": self.error }).to_string())
    }
}

impl From<u16> for HttpError {
    fn from(status: u16) -> Self {
        Self::new(status)
    }
}
