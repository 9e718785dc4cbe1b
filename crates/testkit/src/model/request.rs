//! A request that the model got.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::outcome::Outcome;
use super::patience::patiently;

/// One request that codex made to the model, and what became of the answer.
///
/// Clones are the same request.
#[derive(Clone)]
pub struct ModelRequest {
    inner: Arc<Inner>,
}

struct Inner {
    number: usize,
    headers: Vec<(String, String)>,
    body: Value,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl ModelRequest {
    pub(super) fn new(
        number: usize,
        headers: Vec<(String, String)>,
        body: Value,
        outcome: watch::Receiver<Option<Outcome>>,
    ) -> Self {
        Self { inner: Arc::new(Inner { number, headers, body, outcome }) }
    }

    /// Which request of this model it is, from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.inner.number
    }

    /// The whole body. `Null` when it was not JSON.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.inner.body
    }

    /// The header of this name, in any case, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.inner.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The name of the model that was asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        self.body()["model"].as_str().unwrap_or_default()
    }

    /// The system instructions.
    #[must_use]
    pub fn instructions(&self) -> &str {
        self.body()["instructions"].as_str().unwrap_or_default()
    }

    /// The items of the conversation so far.
    #[must_use]
    pub fn input(&self) -> &[Value] {
        self.body()["input"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The texts of all user messages, oldest first. Codex puts messages of its own before the user's.
    #[must_use]
    pub fn user_texts(&self) -> Vec<String> {
        self.input()
            .iter()
            .filter(|item| item["role"] == "user")
            .map(|item| text_of(&item["content"]))
            .collect()
    }

    /// The text of the newest user message, or nothing.
    #[must_use]
    pub fn last_user_text(&self) -> String {
        let newest = self.input().iter().rfind(|item| item["role"] == "user");
        newest.map(|item| text_of(&item["content"])).unwrap_or_default()
    }

    /// What the tools gave back, by call id: for functions and for custom tools.
    #[must_use]
    pub fn function_outputs(&self) -> BTreeMap<String, String> {
        let outputs = self.input().iter().filter(|item| is_tool_output(item));
        outputs
            .filter_map(|item| Some((item["call_id"].as_str()?.to_owned(), text_of(&item["output"]))))
            .collect()
    }

    /// What the tool gave back to this call.
    #[must_use]
    pub fn function_output(&self, call_id: &str) -> Option<String> {
        self.function_outputs().remove(call_id)
    }

    /// The names of the tools that are offered; for a tool without a name, its type.
    #[must_use]
    pub fn tools(&self) -> Vec<&str> {
        let tools = self.body()["tools"].as_array().map_or(&[][..], Vec::as_slice);
        tools.iter().filter_map(|tool| tool["name"].as_str().or_else(|| tool["type"].as_str())).collect()
    }

    /// Waits until the answer to this request has ended, and says how.
    ///
    /// # Panics
    /// When it has not ended within 30 seconds.
    #[track_caller]
    pub fn outcome(&self) -> impl Future<Output = Outcome> {
        let caller = Location::caller();
        let mut outcome = self.inner.outcome.clone();
        let what = move || format!("the end of {self:?}");
        async move {
            // The sender always leaves an outcome behind; without it the model has stopped.
            let end = patiently(caller, what, outcome.wait_for(Option::is_some)).await;
            end.ok().and_then(|end| *end).unwrap_or(Outcome::Stopped)
        }
    }

    /// How the answer ended, if it has.
    #[must_use]
    pub fn outcome_now(&self) -> Option<Outcome> {
        *self.inner.outcome.borrow()
    }
}

fn is_tool_output(item: &Value) -> bool {
    item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"))
}

/// The text of a content: plain, in parts, or whatever it is, as JSON.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl fmt::Debug for ModelRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelRequest")
            .field("number", &self.number())
            .field("model", &self.model())
            .field("last_user_text", &self.last_user_text())
            .field("outcome", &self.outcome_now())
            .finish_non_exhaustive()
    }
}
