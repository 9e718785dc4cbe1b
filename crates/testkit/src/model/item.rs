//! The items that a response is made of.

use serde_json::{Value, json};

use super::call::Call;
use super::exec::Exec;
use super::message::Message;
use super::reasoning::Reasoning;
use super::sse::Sse;

/// Anything that a response can contain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A text.
    Message(Message),
    /// A thought.
    Reasoning(Reasoning),
    /// A tool call.
    Call(Call),
    /// Any other item of the Responses API, given as JSON: `web_search_call`, `image_generation_call`, ..
    Raw(Value),
}

impl Item {
    pub(super) fn render(self, sse: &mut Sse) {
        match self {
            Self::Message(message) => message.render(sse),
            Self::Reasoning(reasoning) => reasoning.render(sse),
            Self::Call(call) => call.render(sse),
            Self::Raw(item) => render_raw(item, sse),
        }
    }
}

fn render_raw(item: Value, sse: &mut Sse) {
    let mut started = item.clone();
    if started.get("status").is_some() {
        started["status"] = json!("in_progress");
    }
    sse.open_item(&started);
    sse.close_item(item);
}

impl From<Message> for Item {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<Reasoning> for Item {
    fn from(reasoning: Reasoning) -> Self {
        Self::Reasoning(reasoning)
    }
}

impl From<Call> for Item {
    fn from(call: Call) -> Self {
        Self::Call(call)
    }
}

impl From<Exec> for Item {
    fn from(exec: Exec) -> Self {
        Self::Call(exec.into())
    }
}

impl From<Value> for Item {
    fn from(item: Value) -> Self {
        Self::Raw(item)
    }
}
