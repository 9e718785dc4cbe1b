//! The script: which response answers which request.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::exec::Exec;
use super::gate::Gate;
use super::http_error::HttpError;
use super::message::Message;
use super::pause::Pause;
use super::request::ModelRequest;
use super::response::Response;

/// What the model answers: a queue of responses, one for each request that codex makes.
///
/// A turn takes as many responses as it needs: after a command or a patch codex asks again with the result, and a
/// response without calls ends the turn. So `.exec("ls").text("Done")` is one turn with two responses, and
/// `.text("A").text("B")` is two turns.
///
/// Many turns at once get scripts of their own with [`when`](Script::when); what no queue covers goes to
/// [`respond_with`](Script::respond_with), if there is one. A request that nothing is scripted for is answered with
/// an error that codex does not retry and that says so, and [`Model::check`](super::Model::check) reports it.
///
/// ```
/// use codexkit_testkit::model::{Model, prompt_contains};
///
/// let script = Model::script()
///     .when(prompt_contains("agent 1"), Model::script().exec("ls").text("One is done"))
///     .when(prompt_contains("agent 2"), Model::script().fail(429).text("Two is done"))
///     .text("I am nobody's agent");
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Script {
    queue: VecDeque<Response>,
    /// Stops that hold back the response that is added next.
    ahead: Vec<Pause>,
    routes: Vec<Route>,
    responder: Option<Responder>,
}

#[derive(Clone)]
struct Route {
    matches: Arc<dyn Fn(&ModelRequest) -> bool + Send + Sync>,
    script: Script,
}

type Responder = Arc<dyn Fn(&ModelRequest) -> Response + Send + Sync>;

impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a response.
    pub fn respond(mut self, response: Response) -> Self {
        let response = response.after(self.ahead.drain(..));
        self.queue.push_back(response);
        self
    }

    /// Adds the same response several times: `times(6, Response::new().http_error(500))`.
    pub fn times(self, count: usize, response: Response) -> Self {
        (0..count).fold(self, |script, _| script.respond(response.clone()))
    }

    /// Adds a response that is one message.
    pub fn text(self, message: impl Into<Message>) -> Self {
        self.respond(Response::new().text(message))
    }

    /// Adds a response that runs one command.
    pub fn exec(self, command: impl Into<Exec>) -> Self {
        self.respond(Response::new().exec(command))
    }

    /// Adds a response that applies one patch (`*** Begin Patch` ..).
    pub fn patch(self, patch: impl Into<String>) -> Self {
        self.respond(Response::new().patch(patch))
    }

    /// Adds a response that calls one function.
    pub fn call(self, name: impl Into<String>, arguments: impl Into<Value>) -> Self {
        self.respond(Response::new().call(name, arguments))
    }

    /// Adds an HTTP error: a status, or an [`HttpError`] with a code, a body and headers.
    pub fn fail(self, error: impl Into<HttpError>) -> Self {
        self.respond(Response::new().http_error(error))
    }

    /// Adds a response that never comes: the request stays open until the client gives up.
    pub fn never(self) -> Self {
        self.respond(Response::new().stall())
    }

    /// Holds the response that is added next back for a time.
    pub fn delay(mut self, time: Duration) -> Self {
        self.ahead.push(Pause::For(time));
        self
    }

    /// Holds the response that is added next back until the gate is opened.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.ahead.push(Pause::At(gate.clone()));
        self
    }

    /// Gives requests that match a script of their own, before the queue of this script is looked at.
    ///
    /// The first route that matches owns the request, even when its script has nothing left: so one turn can never
    /// take what was meant for another.
    pub fn when(
        mut self,
        matches: impl Fn(&ModelRequest) -> bool + Send + Sync + 'static,
        script: impl Into<Script>,
    ) -> Self {
        self.routes.push(Route { matches: Arc::new(matches), script: script.into() });
        self
    }

    /// Answers every request that nothing else is scripted for, from what the request says.
    ///
    /// ```
    /// use codexkit_testkit::model::{Model, Response};
    ///
    /// let echo = Model::respond_with(|request| Response::new().text(request.last_user_text()));
    /// ```
    pub fn respond_with(
        mut self,
        responder: impl Fn(&ModelRequest) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.responder = Some(Arc::new(responder));
        self
    }

    /// Takes the response to this request out of the script.
    pub(super) fn take(&mut self, request: &ModelRequest) -> Option<Answer> {
        if let Some(route) = self.routes.iter_mut().find(|route| (route.matches)(request)) {
            return route.script.take(request);
        }
        let scripted = self.queue.pop_front().map(Answer::Scripted);
        scripted.or_else(|| self.responder.clone().map(Answer::Computed))
    }

    /// How many scripted responses nobody has asked for yet.
    pub(super) fn left(&self) -> usize {
        self.queue.len() + self.routes.iter().map(|route| route.script.left()).sum::<usize>()
    }
}

/// How a request is answered. A responder runs outside the lock of the script.
pub(super) enum Answer {
    Scripted(Response),
    Computed(Responder),
}

impl From<Response> for Script {
    fn from(response: Response) -> Self {
        Self::new().respond(response)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("queue", &self.queue)
            .field("routes", &self.routes.len())
            .field("responder", &self.responder.is_some())
            .finish_non_exhaustive()
    }
}

/// Matches requests whose newest user message contains this text. For [`Script::when`].
pub fn prompt_contains(text: impl Into<String>) -> impl Fn(&ModelRequest) -> bool + Send + Sync + 'static {
    let text = text.into();
    move |request| request.last_user_text().contains(&text)
}

/// Matches requests whose newest user message is this text. For [`Script::when`].
pub fn prompt_is(text: impl Into<String>) -> impl Fn(&ModelRequest) -> bool + Send + Sync + 'static {
    let text = text.into();
    move |request| request.last_user_text() == text
}
