//! What a tool gives back.

use super::data_url::data_url;
use crate::protocol::types::{DynamicToolCallOutputContentItem as Part, DynamicToolCallResponse};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// What a tool gives back to the model: texts, images and sounds.
///
/// A text becomes a reply by itself, and so does a JSON value, as its text.
///
/// ```
/// use codexkit::ToolReply;
///
/// let plain = ToolReply::from("sunny");
/// let picture = ToolReply::new().text("The chart:").image("data:image/png;base64,iVBORw0KGgo=");
/// let refusal = ToolReply::failure("there is no such city");
/// assert!(plain.is_success() && picture.is_success() && !refusal.is_success());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the model waits for it"]
pub struct ToolReply {
    parts: Vec<Part>,
    success: bool,
}

impl ToolReply {
    /// A reply without any parts yet. The model gets one without parts as a note that there is no output.
    pub fn new() -> Self {
        Self { parts: Vec::new(), success: true }
    }

    /// A reply that says what went wrong. The model sees the text, and the item of the call is marked as failed.
    pub fn failure(text: impl Into<String>) -> Self {
        let mut reply = Self::new().text(text);
        reply.success = false;
        reply
    }

    /// A reply that is a value, written as JSON.
    ///
    /// ```
    /// # fn example() -> Result<codexkit::ToolReply, codexkit::ToolError> {
    /// Ok(codexkit::ToolReply::json(&vec![1, 2, 3])?)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, ToolError> {
        Ok(Self::new().text(serde_json::to_string(value)?))
    }

    /// Adds a text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.part(Part::input_text(text))
    }

    /// Adds an image, as a `data:` URL. The server refuses URLs that lead elsewhere: then the model sees no part of the
    /// reply.
    pub fn image(self, url: impl Into<String>) -> Self {
        self.part(Part::input_image(url))
    }

    /// Adds an image of this type, such as `image/png`. The model sees it if the server can read it.
    pub fn image_data(self, media_type: &str, image: impl AsRef<[u8]>) -> Self {
        self.image(data_url(media_type, image.as_ref()))
    }

    /// Adds a sound, as a `data:` URL. A model that cannot hear gets a note in its place.
    pub fn audio(self, url: impl Into<String>) -> Self {
        self.part(Part::input_audio(url))
    }

    /// Whether the call is reported as a success.
    pub fn is_success(&self) -> bool {
        self.success
    }

    fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// The reply as it goes to the server.
    pub(super) fn into_response(self) -> DynamicToolCallResponse {
        let parts = if self.parts.is_empty() { self.text("(no output)") } else { self };
        DynamicToolCallResponse::new(parts.parts, parts.success)
    }
}

impl Default for ToolReply {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&str> for ToolReply {
    fn from(text: &str) -> Self {
        Self::new().text(text)
    }
}

impl From<String> for ToolReply {
    fn from(text: String) -> Self {
        Self::new().text(text)
    }
}

/// The value as JSON; a JSON string with its quotes, too.
impl From<Value> for ToolReply {
    fn from(value: Value) -> Self {
        Self::new().text(value.to_string())
    }
}

/// For tools that have nothing to say.
impl From<()> for ToolReply {
    fn from((): ()) -> Self {
        Self::new()
    }
}

/// Why a tool failed, in words for the model.
///
/// Made from anything that can be displayed, so `?` works on every error in a tool. It is no error type of its own: to
/// hand one on, take its [`text`](Self::text).
#[derive(Clone, PartialEq, Eq)]
pub struct ToolError(String);

impl ToolError {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What the model is told.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The alternate form, in which error types that chain their causes show them all.
impl<E: fmt::Display> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self(format!("{error:#}"))
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ToolError").field(&self.0).finish()
    }
}

impl From<ToolError> for ToolReply {
    fn from(error: ToolError) -> Self {
        Self::failure(error.0)
    }
}
