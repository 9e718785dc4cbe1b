//! One response of the model.

use std::time::Duration;

use serde_json::Value;

use super::call::Call;
use super::exec::Exec;
use super::gate::Gate;
use super::http_error::HttpError;
use super::item::Item;
use super::message::Message;
use super::pause::Pause;
use super::reasoning::Reasoning;
use super::sse::{Beat, Sse};
use super::usage::Usage;

/// What the model answers to one request: items in order, stops between them, and how it ends.
///
/// Stops before the first item hold the whole reply back, its HTTP status included. Without another ending the
/// response completes.
///
/// ```
/// use codexkit_testkit::model::{Gate, Model, Response};
///
/// let gate = Gate::new();
/// let answer = Response::new().reasoning("**Checking**").text("I look first.").exec("ls").gate(&gate).exec("pwd");
/// let script = Model::script().respond(answer).text("Two commands ran.");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Response {
    steps: Vec<Step>,
    ending: Ending,
    usage: Usage,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
enum Step {
    Item(Item),
    Event(Value),
    Pause(Pause),
    Cut,
}

#[derive(Clone, Debug, Default)]
enum Ending {
    #[default]
    Complete,
    Failed {
        code: String,
        message: String,
    },
    Incomplete(String),
    Http(HttpError),
    HangUp,
}

impl Response {
    /// A response that says nothing and completes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn text(self, message: impl Into<Message>) -> Self {
        self.item(message.into())
    }

    /// Adds a thought.
    pub fn reasoning(self, reasoning: impl Into<Reasoning>) -> Self {
        self.item(reasoning.into())
    }

    /// Adds a command.
    pub fn exec(self, command: impl Into<Exec>) -> Self {
        self.item(command.into())
    }

    /// Adds a patch (`*** Begin Patch` ..).
    pub fn patch(self, patch: impl Into<String>) -> Self {
        self.item(Call::patch(patch))
    }

    /// Adds a call of any function.
    pub fn call(self, name: impl Into<String>, arguments: impl Into<Value>) -> Self {
        self.item(Call::function(name, arguments))
    }

    /// Adds any item.
    pub fn item(self, item: impl Into<Item>) -> Self {
        self.step(Step::Item(item.into()))
    }

    /// Adds one event exactly as given, `type` included: for events that a client should survive.
    pub fn event(self, event: Value) -> Self {
        self.step(Step::Event(event))
    }

    /// Waits here for a time.
    pub fn delay(self, time: Duration) -> Self {
        self.step(Step::Pause(Pause::For(time)))
    }

    /// Stops here until the gate is opened.
    pub fn gate(self, gate: &Gate) -> Self {
        self.step(Step::Pause(Pause::At(gate.clone())))
    }

    /// Says nothing more from here on and keeps the connection open.
    pub fn stall(self) -> Self {
        self.step(Step::Pause(Pause::Forever))
    }

    /// Drops the connection here, in the middle of the stream: nothing after this point is sent.
    pub fn cut(self) -> Self {
        self.step(Step::Cut)
    }

    /// Closes the connection without any answer. Items are not sent.
    pub fn hang_up(self) -> Self {
        self.ending(Ending::HangUp)
    }

    /// Answers with an HTTP error instead of a stream. Items are not sent.
    pub fn http_error(self, error: impl Into<HttpError>) -> Self {
        self.ending(Ending::Http(error.into()))
    }

    /// Ends the stream with `response.failed` and this code, such as `context_length_exceeded`.
    pub fn failed(self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.ending(Ending::Failed { code: code.into(), message: message.into() })
    }

    /// Ends the stream with `response.incomplete` for this reason, such as `max_output_tokens`.
    pub fn incomplete(self, reason: impl Into<String>) -> Self {
        self.ending(Ending::Incomplete(reason.into()))
    }

    /// Sets the token counts.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Adds an HTTP header to the reply.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Puts stops before everything else.
    pub(super) fn after(mut self, pauses: impl IntoIterator<Item = Pause>) -> Self {
        self.steps.splice(0..0, pauses.into_iter().map(Step::Pause));
        self
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Writes the reply to this request.
    pub(super) fn render(mut self, request: usize) -> Reply {
        let mut steps = self.steps.into_iter().peekable();
        let mut lead = Vec::new();
        while let Some(Step::Pause(pause)) = steps.next_if(|step| matches!(step, Step::Pause(_))) {
            lead.push(pause);
        }
        let stream = |end: &dyn Fn(Sse) -> Vec<Beat>| {
            let mut sse = Sse::open(request);
            steps.for_each(|step| step.render(&mut sse));
            Body::Stream(end(sse))
        };
        let body = match self.ending {
            Ending::Complete => stream(&|sse| sse.complete(self.usage)),
            Ending::Failed { code, message } => stream(&|sse| sse.fail(&code, &message)),
            Ending::Incomplete(reason) => stream(&|sse| sse.leave_incomplete(&reason, self.usage)),
            Ending::Http(error) => {
                self.headers.extend(error.retry_after_header());
                Body::Error { status: error.status(), text: error.into_body() }
            }
            Ending::HangUp => Body::Nothing,
        };
        Reply { lead, headers: self.headers, body }
    }
}

impl Step {
    fn render(self, sse: &mut Sse) {
        match self {
            Self::Item(item) => item.render(sse),
            Self::Event(event) => {
                let kind = event["type"].as_str().unwrap_or("message").to_owned();
                sse.raw_event(&kind, &event);
            }
            Self::Pause(pause) => sse.pause(pause),
            Self::Cut => sse.cut(),
        }
    }
}

/// A response, ready to be sent.
#[derive(Debug)]
pub(super) struct Reply {
    /// Stops before the HTTP status.
    pub(super) lead: Vec<Pause>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Stream(Vec<Beat>),
    Error {
        status: u16,
        text: String,
    },
    /// No answer at all: the connection closes.
    Nothing,
}
