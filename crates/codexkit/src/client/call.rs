//! One call, from its parameters to its answer.

use super::Client;
use super::core::StartTurn;
use super::outbox::Outgoing;
use crate::error::{Clock, Error, ErrorKind, Result, answered_with};
use crate::future::BoxFuture;
use crate::protocol::envelope::Outbound;
use crate::protocol::route::RouteKey;
use crate::protocol::types::TurnStartParams;
use crate::protocol::{CallClass, DecodeError, Method, Request, ThreadId, TurnId};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;
use tokio::time::timeout;

/// What is to be known about a call beside its parameters.
#[derive(Debug)]
struct Call {
    method: Cow<'static, str>,
    class: CallClass,
    params: Box<RawValue>,
    start: Option<StartTurn>,
}

/// The one method that starts a turn on a thread of the caller's choice.
const START_TURN: &str = "turn/start";

impl Client {
    /// Calls the method that the parameters belong to.
    ///
    /// Cancel safe: dropped before it was written, the call is never made; dropped later, its answer is discarded, and
    /// a turn that it has started is interrupted.
    pub(crate) async fn call<R: Request>(&self, request: &R) -> Result<R::Response> {
        let params = request.encode().map_err(|error| unwritable(R::METHOD.name, error))?;
        let result = self.call_known(R::METHOD, params, false).await?;
        R::decode(&result).map_err(|error| Error::decode(R::METHOD.name, error, result.get()))
    }

    /// Starts a turn unless one runs on the thread already, and returns its id.
    ///
    /// Only the id is taken from the answer, so a form of it that we do not know cannot cost us a turn that runs.
    pub(crate) async fn start_turn(&self, request: &TurnStartParams) -> Result<TurnId> {
        let method = TurnStartParams::METHOD;
        let params = request.encode().map_err(|error| unwritable(method.name, error))?;
        let result = self.call_known(method, params, true).await?;
        RouteKey::peek(&result).turn.map(TurnId::new).ok_or_else(|| {
            let problem = DecodeError::new("missing").under("id").under("turn");
            Error::decode(method.name, problem, result.get())
        })
    }

    /// Calls any method by its name.
    pub(crate) fn call_raw(
        &self,
        method: &str,
        params: Box<RawValue>,
    ) -> BoxFuture<'_, Result<Box<RawValue>>> {
        match Method::find(method) {
            Some(method) => self.call_known(method, params, false),
            None => {
                let method = Cow::Owned(method.to_owned());
                Box::pin(self.carry_out(Call { method, class: CallClass::Quick, params, start: None }))
            }
        }
    }

    /// Sends a notification. It returns once the notification has a place on the way to the server.
    pub(crate) async fn notify(&self, method: &str, params: Option<&RawValue>) -> Result<()> {
        let frame = Outbound::Notification { method, params }.encode();
        let frame = frame.map_err(|error| unwritable(method, error))?;
        let sent = self.core.outbox.send(Outgoing::message(frame)).await;
        sent.map_err(|_| self.core.closed_error())
    }

    fn call_known(
        &self,
        method: &'static Method,
        params: Box<RawValue>,
        exclusive: bool,
    ) -> BoxFuture<'_, Result<Box<RawValue>>> {
        Box::pin(async move {
            if let Some(abilities) = self.core.abilities() {
                abilities.check(method, &params).map_err(|error| error.with_method(method.name))?;
            }
            let start = (method.name == START_TURN).then(|| thread_of(&params)).flatten();
            let start = start.map(|thread| StartTurn { thread, exclusive });
            self.carry_out(Call { method: method.name.into(), class: method.class, params, start }).await
        })
    }

    async fn carry_out(&self, call: Call) -> Result<Box<RawValue>> {
        let method = call.method.clone();
        let outcome = match call.class {
            CallClass::Long => self.exchange(call).await,
            _ => {
                let deadline = self.core.limits.call_deadline;
                let exchange = timeout(deadline, self.exchange(call));
                exchange.await.unwrap_or_else(|_| Err(late(&method, deadline)))
            }
        };
        outcome.map_err(|error| error.with_method(method))
    }

    async fn exchange(&self, call: Call) -> Result<Box<RawValue>> {
        let _place = self.core.gate.pass(call.class).await;
        let mut guard = self.core.register(call.start)?;
        let id = guard.id().into();
        let frame = Outbound::Request { id: &id, method: &call.method, params: &*call.params }.encode();
        let outgoing = Outgoing::call(guard.id(), frame.map_err(|error| unwritable(&call.method, error))?);
        let sent = match call.class {
            CallClass::Control => self.core.outbox.send_control(outgoing).await,
            _ => self.core.outbox.send(outgoing).await,
        };
        sent.map_err(|_| self.core.closed_error())?;
        guard.answer().await?.map_err(|error| answered_with(call.method, error))
    }
}

fn unwritable(method: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let text = format!("the parameters of `{method}` cannot be written as JSON");
    Error::new(ErrorKind::Encode, text).with_source(error)
}

fn late(method: &str, deadline: Duration) -> Error {
    let text =
        format!("`{method}` was not answered within {deadline:?}; `Limits::call_deadline` can be raised");
    Error::new(ErrorKind::Timeout(Clock::Call), text)
}

fn thread_of(params: &RawValue) -> Option<ThreadId> {
    RouteKey::peek(params).thread.map(ThreadId::new)
}
