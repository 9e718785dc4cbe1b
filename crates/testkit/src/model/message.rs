//! A text that the model says.

use std::time::Duration;

use serde_json::{Value, json};

use super::gate::Gate;
use super::pause::Pause;
use super::sse::Sse;

/// Where in a turn a message belongs, when the model says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Said on the way, between tool calls.
    Commentary,
    /// A part of the answer.
    PartialAnswer,
    /// The answer.
    FinalAnswer,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Commentary => "commentary",
            Self::PartialAnswer => "partial_answer",
            Self::FinalAnswer => "final_answer",
        }
    }
}

/// A message of the model, streamed in one or many chunks.
///
/// A plain string is a message in one chunk. Between chunks it can wait at a [`Gate`] or for a time, or lose the
/// connection.
///
/// ```
/// use codexkit_testkit::model::{Message, Model, Phase};
///
/// let script = Model::script()
///     .text("Hello")
///     .text(Message::chunks(["Hel", "lo"]).phase(Phase::FinalAnswer));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Message {
    parts: Vec<Part>,
    phase: Option<Phase>,
    id: Option<String>,
}

#[derive(Clone, Debug)]
enum Part {
    Chunk(String),
    Pause(Pause),
    Cut,
}

impl Message {
    /// A message in one chunk.
    pub fn new(text: impl Into<String>) -> Self {
        Self::default().chunk(text)
    }

    /// A message in these chunks.
    pub fn chunks<C: Into<String>>(chunks: impl IntoIterator<Item = C>) -> Self {
        chunks.into_iter().fold(Self::default(), Self::chunk)
    }

    /// A message that is streamed word by word.
    pub fn words(text: impl AsRef<str>) -> Self {
        Self::chunks(text.as_ref().split_inclusive(char::is_whitespace))
    }

    /// Adds a chunk.
    pub fn chunk(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Chunk(text.into()));
        self
    }

    /// Stops here until the gate is opened.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.parts.push(Part::Pause(Pause::At(gate.clone())));
        self
    }

    /// Waits here for a time.
    pub fn delay(mut self, time: Duration) -> Self {
        self.parts.push(Part::Pause(Pause::For(time)));
        self
    }

    /// Drops the connection here: nothing after this point is sent.
    pub fn cut(mut self) -> Self {
        self.parts.push(Part::Cut);
        self
    }

    /// Waits before each chunk said so far, so that a person can watch the text come in.
    pub fn paced(mut self, time: Duration) -> Self {
        self.parts = self.parts.into_iter().fold(Vec::new(), |mut parts, part| {
            if matches!(part, Part::Chunk(_)) {
                parts.push(Part::Pause(Pause::For(time)));
            }
            parts.push(part);
            parts
        });
        self
    }

    /// Sets the phase. Without one the model leaves it open.
    pub fn phase(mut self, phase: Phase) -> Self {
        self.phase = Some(phase);
        self
    }

    /// Sets the id of the item. By default the model makes one up.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    pub(super) fn render(self, sse: &mut Sse) {
        let id = self.id.unwrap_or_else(|| sse.item_id("msg"));
        let item = |status: &str, content: Value| {
            let mut item = json!({
                "type": "message", "id": id, "role": "assistant", "status": status, "content": content,
            });
            if let Some(phase) = self.phase {
                item["phase"] = phase.as_str().into();
            }
            item
        };
        let part = |text: &str| json!({ "type": "output_text", "text": text, "annotations": [] });

        let mut text = String::new();
        sse.open_item(&item("in_progress", json!([])));
        sse.item_event("response.content_part.added", &id, json!({ "content_index": 0, "part": part("") }));
        for part in self.parts {
            match part {
                Part::Chunk(chunk) => {
                    text.push_str(&chunk);
                    let fields = json!({ "content_index": 0, "delta": chunk });
                    sse.item_event("response.output_text.delta", &id, fields);
                }
                Part::Pause(pause) => sse.pause(pause),
                Part::Cut => sse.cut(),
            }
        }
        sse.item_event("response.output_text.done", &id, json!({ "content_index": 0, "text": text }));
        sse.item_event("response.content_part.done", &id, json!({ "content_index": 0, "part": part(&text) }));
        sse.close_item(item("completed", json!([part(&text)])));
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
