//! What the server and the handle of a model share.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::http_error::HttpError;
use super::ledger::Ledger;
use super::request::ModelRequest;
use super::response::Response;
use super::script::{Answer, Script};

#[derive(Debug)]
pub(super) struct Shared {
    script: Mutex<Script>,
    pub(super) ledger: Ledger,
}

impl Shared {
    pub(super) fn new(script: Script) -> Self {
        Self { script: Mutex::new(script), ledger: Ledger::new() }
    }

    /// How many scripted responses nobody has asked for yet.
    pub(super) fn left(&self) -> usize {
        self.script().left()
    }

    /// Finds the response to a request; without one, an error that says so.
    pub(super) fn respond_to(&self, request: &ModelRequest) -> Response {
        // Matchers and responders are the test's own code: their panic must not look like a lost connection.
        let response = catch_unwind(AssertUnwindSafe(|| self.scripted(request)));
        let complaint = match response {
            Ok(Some(response)) => return response,
            Ok(None) => format!("nothing is scripted for {request:?}"),
            Err(panic) => format!("the script panicked ({}) on {request:?}", text_of(&*panic)),
        };
        self.ledger.complain(complaint.clone());
        // Codex does not retry a 400, and the turn fails with the body as its message.
        Response::new().http_error(HttpError::new(400).body(format!("codexkit scripted model: {complaint}")))
    }

    fn scripted(&self, request: &ModelRequest) -> Option<Response> {
        let answer = self.script().take(request)?;
        Some(match answer {
            Answer::Scripted(response) => response,
            Answer::Computed(responder) => responder(request),
        })
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
