//! What the model thinks, as far as it shows it.

use serde_json::{Value, json};

use super::sse::Sse;

/// A reasoning item: sections of a summary, and the raw text if the model shows it.
///
/// A plain string is a summary of one section in one chunk.
///
/// ```
/// use codexkit_testkit::model::{Model, Reasoning, Response};
///
/// let thought = Reasoning::new("**Looking** at the files").section("**Planning** the change").content("hm");
/// let script = Model::script().respond(Response::new().reasoning(thought).text("Done"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reasoning {
    summary: Vec<Vec<String>>,
    content: Vec<String>,
    id: Option<String>,
}

impl Reasoning {
    /// Reasoning with a summary of one section, in one chunk.
    pub fn new(summary: impl Into<String>) -> Self {
        Self::default().section(summary)
    }

    /// Reasoning with a summary of one section, in these chunks.
    pub fn chunks<C: Into<String>>(chunks: impl IntoIterator<Item = C>) -> Self {
        let section = chunks.into_iter().map(Into::into).collect();
        Self { summary: vec![section], ..Self::default() }
    }

    /// Adds a section to the summary.
    pub fn section(mut self, text: impl Into<String>) -> Self {
        self.summary.push(vec![text.into()]);
        self
    }

    /// Adds a chunk of the raw reasoning text.
    pub fn content(mut self, chunk: impl Into<String>) -> Self {
        self.content.push(chunk.into());
        self
    }

    /// Sets the id of the item. By default the model makes one up.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    pub(super) fn render(self, sse: &mut Sse) {
        let id = self.id.unwrap_or_else(|| sse.item_id("rs"));
        let item = |summary: Vec<Value>, content: Vec<Value>| {
            json!({
                "type": "reasoning", "id": id, "summary": summary, "content": content, "encrypted_content": null,
            })
        };

        sse.open_item(&item(Vec::new(), Vec::new()));
        let mut summary = Vec::new();
        for (index, section) in self.summary.iter().enumerate() {
            summary.push(render_section(sse, &id, index, section));
        }
        for chunk in &self.content {
            let fields = json!({ "content_index": 0, "delta": chunk });
            sse.item_event("response.reasoning_text.delta", &id, fields);
        }
        let mut content = Vec::new();
        if !self.content.is_empty() {
            let text = self.content.concat();
            let fields = json!({ "content_index": 0, "text": text });
            sse.item_event("response.reasoning_text.done", &id, fields);
            content.push(json!({ "type": "reasoning_text", "text": text }));
        }
        sse.close_item(item(summary, content));
    }
}

/// Streams one section of the summary and returns it as it stands in the finished item.
fn render_section(sse: &mut Sse, id: &str, index: usize, chunks: &[String]) -> Value {
    let part = |text: &str| json!({ "type": "summary_text", "text": text });
    let mut event = |kind: &str, mut fields: Value| {
        fields["summary_index"] = index.into();
        sse.item_event(&format!("response.reasoning_summary_{kind}"), id, fields);
    };
    let text = chunks.concat();
    event("part.added", json!({ "part": part("") }));
    for chunk in chunks {
        event("text.delta", json!({ "delta": chunk }));
    }
    event("text.done", json!({ "text": text }));
    event("part.done", json!({ "part": part(&text) }));
    part(&text)
}

impl From<&str> for Reasoning {
    fn from(summary: &str) -> Self {
        Self::new(summary)
    }
}

impl From<String> for Reasoning {
    fn from(summary: String) -> Self {
        Self::new(summary)
    }
}
