//! One call, from its parameters to its answer.

use super::Client;
use super::core::StartTurn;
use super::outbox::Outgoing;
use crate::error::{Clock, Error, ErrorKind, Result, answered_with};
use crate::future::BoxFuture;
use crate::protocol::envelope::Outbound;
use crate::protocol::route::RouteKey;
use crate::protocol::{CallClass, DecodeError, Method, Request, ThreadId, TurnId};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

/// What is to be known about a call beside its parameters.
#[derive(Debug)]
struct Call {
    method: Cow<'static, str>,
    class: CallClass,
    params: Box<RawValue>,
    start: Option<StartTurn>,
    /// Told when the server gets to see the call.
    on_written: Option<Arc<Notify>>,
}

/// What a call was answered with.
#[derive(Debug)]
struct Answered {
    result: Box<RawValue>,
    /// For a call that starts a turn: the turn that ran before, and that it may have joined.
    joinable: Option<TurnId>,
}

/// The methods whose answers name the turn that they start.
const STARTS_A_TURN: [&str; 2] = ["turn/start", "review/start"];

/// A turn that the server has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) turn: TurnId,
    /// Whether it ran before, and has got more input.
    pub(crate) joined: bool,
}

impl Client {
    /// Calls the method that the parameters belong to.
    ///
    /// Cancel safe: dropped before it was written, the call is never made; dropped later, its answer is discarded, and
    /// a turn that it has started is interrupted.
    pub(crate) async fn call<R: Request>(&self, request: &R) -> Result<R::Response> {
        let params = request.encode().map_err(|error| unwritable(R::METHOD.name, error))?;
        let result = self.call_known(R::METHOD, params, None, None).await?.result;
        R::decode(&result).map_err(|error| Error::decode(R::METHOD.name, error, result.get()))
    }

    /// As [`call`](Self::call), and tells when the call is on its way: what is sent from then on comes after it.
    pub(crate) async fn call_and_tell<R: Request>(
        &self,
        request: &R,
        on_written: Arc<Notify>,
    ) -> Result<R::Response> {
        let params = request.encode().map_err(|error| unwritable(R::METHOD.name, error))?;
        let result = self.call_known(R::METHOD, params, None, Some(on_written)).await?.result;
        R::decode(&result).map_err(|error| Error::decode(R::METHOD.name, error, result.get()))
    }

    /// Starts a turn; if it is to be `exclusive`, unless one runs on the thread already. Without an id in the answer, the
    /// turn is yet to be announced.
    ///
    /// Only the id is taken from the answer, so a form of it that we do not know cannot cost us a turn that runs.
    pub(crate) async fn start_turn<R: Request>(
        &self,
        request: &R,
        thread: &ThreadId,
        exclusive: bool,
    ) -> Result<Option<Started>> {
        let method = R::METHOD;
        let params = request.encode().map_err(|error| unwritable(method.name, error))?;
        self.start_turn_known(method, params, StartTurn { thread: thread.clone(), exclusive, owned: true })
            .await
    }

    fn start_turn_known(
        &self,
        method: &'static Method,
        params: Box<RawValue>,
        start: StartTurn,
    ) -> BoxFuture<'_, Result<Option<Started>>> {
        Box::pin(async move {
            let answer = self.call_known(method, params, Some(start), None).await?;
            let Some(turn) = RouteKey::peek(&answer.result).turn.map(TurnId::new) else {
                return match STARTS_A_TURN.contains(&method.name) {
                    true => {
                        let problem = DecodeError::new("missing").under("id").under("turn");
                        Err(Error::decode(method.name, problem, answer.result.get()))
                    }
                    false => Ok(None),
                };
            };
            let joined = answer.joinable.as_ref() == Some(&turn);
            Ok(Some(Started { turn, joined }))
        })
    }

    /// Waits until no turn runs on a thread, or the connection has ended. Cancel safe.
    pub(crate) async fn free(&self, thread: &ThreadId) {
        self.core.free(thread).await;
    }

    /// Calls any method by its name.
    pub(crate) fn call_raw(
        &self,
        method: &str,
        params: Box<RawValue>,
    ) -> BoxFuture<'_, Result<Box<RawValue>>> {
        let (known, method) = (Method::find(method), method.to_owned());
        Box::pin(async move {
            let answer = match known {
                Some(method) => self.call_known(method, params, None, None).await,
                None => {
                    let method = Cow::Owned(method);
                    let call =
                        Call { method, class: CallClass::Quick, params, start: None, on_written: None };
                    self.carry_out(call).await
                }
            };
            Ok(answer?.result)
        })
    }

    /// Makes a call that nobody waits for, at once: what a handle that is dropped still has to say.
    pub(crate) fn leave_behind<R: Request>(&self, request: &R) {
        if let Ok(params) = request.encode() {
            self.core.update(|state, effects| state.leave_behind(R::METHOD.name, &params, effects));
        }
    }

    /// Sends a notification. It returns once the notification has a place on the way to the server.
    pub(crate) async fn notify(&self, method: &str, params: Option<&RawValue>) -> Result<()> {
        let frame = Outbound::Notification { method, params }.encode();
        let frame = frame.map_err(|error| unwritable(method, error))?;
        self.core.check_size(&frame)?;
        let sent = self.core.outbox.send(Outgoing::message(frame)).await;
        sent.map_err(|_| self.core.closed_error())
    }

    fn call_known(
        &self,
        method: &'static Method,
        params: Box<RawValue>,
        start: Option<StartTurn>,
        on_written: Option<Arc<Notify>>,
    ) -> BoxFuture<'_, Result<Answered>> {
        Box::pin(async move {
            if let Some(abilities) = self.core.abilities() {
                abilities.check(method, &params).map_err(|error| error.with_method(method.name))?;
            }
            let start = start.or_else(|| {
                let thread = STARTS_A_TURN.contains(&method.name).then(|| thread_of(&params)).flatten()?;
                Some(StartTurn { thread, exclusive: false, owned: false })
            });
            let call = Call { method: method.name.into(), class: method.class, params, start, on_written };
            self.carry_out(call).await
        })
    }

    async fn carry_out(&self, call: Call) -> Result<Answered> {
        let outcome = match call.class {
            CallClass::Long => self.exchange(&call, None).await,
            _ => {
                let limit = self.core.limits.call_deadline;
                let exchange = self.exchange(&call, Instant::now().checked_add(limit));
                timeout(limit, exchange).await.unwrap_or_else(|_| Err(late(&call.method, limit)))
            }
        };
        outcome.map_err(|error| error.with_method(call.method))
    }

    /// Makes the call, again if the server was too busy to take it.
    async fn exchange(&self, call: &Call, deadline: Option<Instant>) -> Result<Answered> {
        for pause in self.core.limits.overload.pauses() {
            let outcome = self.exchange_over_links(call).await;
            let overloaded = matches!(&outcome, Err(error) if error.kind() == ErrorKind::Overloaded);
            if !overloaded || deadline.is_some_and(|deadline| Instant::now() + pause >= deadline) {
                return outcome;
            }
            sleep(pause).await;
        }
        self.exchange_over_links(call).await
    }

    /// Makes the call, again on another link if it only reads.
    async fn exchange_over_links(&self, call: &Call) -> Result<Answered> {
        loop {
            match self.exchange_once(call).await {
                Err(error) if error.kind() == ErrorKind::Disconnected && only_reads(&call.method) => {}
                outcome => return outcome,
            }
        }
    }

    async fn exchange_once(&self, call: &Call) -> Result<Answered> {
        let _place = self.core.gate.pass(call.class).await;
        let mut guard = self.core.register(call.start.clone())?;
        if let Some(waiting) = &call.on_written {
            self.core.update(|state, _| state.pending.tell_when_written(guard.id(), waiting.clone()));
        }
        let id = guard.id().into();
        let frame = Outbound::Request { id: &id, method: &call.method, params: &*call.params }.encode();
        let frame = frame.map_err(|error| unwritable(&call.method, error))?;
        self.core.check_size(&frame)?;
        let outgoing = Outgoing::call(guard.id(), frame);
        let sent = match call.class {
            CallClass::Control => self.core.outbox.send_control(outgoing).await,
            _ => self.core.outbox.send(outgoing).await,
        };
        sent.map_err(|_| self.core.closed_error())?;
        let result = guard.answer().await?.map_err(|error| answered_with(call.method.clone(), error))?;
        Ok(Answered { result, joinable: guard.joinable() })
    }
}

/// Whether a call changes nothing on the server, so that it may be made twice.
fn only_reads(method: &str) -> bool {
    let deed = method.rsplit('/').next().unwrap_or(method);
    let reads =
        ["list", "read", "get", "search", "searchOccurrences", "readFile", "readDirectory", "getMetadata"];
    // To resume a thread twice is to resume it.
    reads.contains(&deed) || method == "thread/resume"
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
