//! The connection as users hold it.

use crate::asks::{AskObserver, Owners};
use crate::builder::CodexBuilder;
use crate::client::{Client, ServerInfo};
use crate::error::{Closed, Error, ErrorKind, Result};
use crate::event::Notifications;
use crate::input::Input;
use crate::output::TurnOutput;
use crate::protocol::Request;
use crate::protocol::types::GetAccountParams;
use crate::transport::Endpoint;
use crate::turn::{Parked, Turn};
use serde_json::Value;
use serde_json::value::to_raw_value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A connection to a codex server, on which any number of threads can work at once.
///
/// Cheap to clone. When the last clone and the last [`Thread`](crate::Thread) and [`Turn`](crate::Turn) of it are
/// dropped, the connection is closed, and [`close`](Self::close) does the same and waits for it. A server that this
/// program has [started](Self::start) is then shut down, together with the commands that its agents have started. One
/// that it has [connected](Self::connect) to goes on, with the turns that were
/// [let go](crate::Turn::detach); the others are interrupted.
#[derive(Clone, Debug)]
pub struct Codex {
    pub(crate) client: Client,
    /// Who answers what the server asks.
    pub(crate) owners: Arc<Owners>,
    /// Whether the server has said that its model provider can be used.
    login_known: Arc<AtomicBool>,
    /// Turns that can be picked up again.
    pub(crate) parked: Arc<Parked>,
    pid: Option<u32>,
    endpoint: Option<Arc<Endpoint>>,
}

impl Codex {
    /// Finds codex, starts `codex app-server` and shakes hands, all with default settings.
    ///
    /// Cancel safe: dropping the future ends the server that it has started.
    ///
    /// # Errors
    ///
    /// See [`CodexBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Settings for a connection.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
    }

    pub(crate) fn new(client: Client, owners: Arc<Owners>, pid: Option<u32>) -> Self {
        Self { client, owners, login_known: Arc::default(), parked: Arc::default(), pid, endpoint: None }
    }

    pub(crate) fn reached_at(self, endpoint: Endpoint) -> Self {
        Self { endpoint: Some(Arc::new(endpoint)), ..self }
    }

    /// Asks one question on a new thread and waits for the answer.
    ///
    /// The thread is ephemeral: the server does not store it. Uses `thread/start` and `turn/start`.
    ///
    /// Cancel safe: dropping the future interrupts the turn.
    ///
    /// # Errors
    ///
    /// As for starting a thread and for running a turn on it.
    pub async fn ask(&self, question: impl Into<Input>) -> Result<TurnOutput> {
        let thread = self.start_thread().ephemeral(true).await?;
        thread.run(question).await
    }

    /// Calls a method of the server. The parameters are the request.
    ///
    /// Cancel safe: dropped before it was written, the call is never made; dropped later, its answer is discarded. A
    /// `turn/start` that nobody waits for any more is interrupted.
    ///
    /// # Errors
    ///
    /// `Incompatible` and `ExperimentalRequired` before anything is sent; the kind that the server's error means;
    /// `Timeout` after [`Limits::call_deadline`](crate::Limits::call_deadline), unless the method is one that answers
    /// when its work is done; `Closed`; `Decode`.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response> {
        self.client.call(request).await
    }

    /// Calls a method by its name, known to this SDK or not, and returns what the server answers.
    ///
    /// `params` is sent as it is; most methods want an object, even an empty one.
    ///
    /// Cancel safe, as [`call`](Self::call) is.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub async fn call_raw(&self, method: &str, params: &Value) -> Result<Value> {
        let params = to_raw_value(params).map_err(|error| {
            Error::new(ErrorKind::Encode, "the parameters cannot be written as JSON").with_source(error)
        })?;
        let result = self.client.call_raw(method, params).await?;
        serde_json::from_str(result.get())
            .map_err(|error| Error::decode(method.to_owned(), error.into(), result.get()))
    }

    /// Sends a notification by its name. Cancel safe: dropped before it is ready, nothing was sent.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended.
    pub async fn notify(&self, method: &str, params: Option<&Value>) -> Result<()> {
        let params = params.map(to_raw_value).transpose().map_err(|error| {
            Error::new(ErrorKind::Encode, "the parameters cannot be written as JSON").with_source(error)
        })?;
        self.client.notify(method, params.as_deref()).await
    }

    /// All notifications of the connection from now on, those of every thread included.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended.
    pub fn subscribe(&self) -> Result<Notifications> {
        Notifications::all(&self.client)
    }

    /// The notifications of one method from now on, known to this SDK or not, as in `account/updated`.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended.
    pub fn subscribe_to(&self, method: impl Into<String>) -> Result<Notifications> {
        Notifications::of_method(&self.client, method.into())
    }

    /// What the server asks from now on, on all threads, as copies. The owners of the asks answer them all the same.
    pub fn observe_asks(&self) -> AskObserver {
        self.owners.observe()
    }

    /// What the server said about itself.
    pub fn server_info(&self) -> &ServerInfo {
        self.client.server()
    }

    /// The id of the server's process, if this program has started it. Behind the npm wrapper it is the wrapper's.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Where the server listens that this program has started to [listen](CodexBuilder::listen), with the token that lets
    /// others in.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_deref()
    }

    /// Closes the connection, for all clones, and says how it ended. Everything that still waits fails with `Closed`.
    ///
    /// A server of this program's own is shut down. On any other, the turns that were started here and not
    /// [let go](crate::Turn::detach) are interrupted first.
    ///
    /// Waits until the server, or the connection to it, is gone: at most a few times
    /// [`Limits::shutdown_step`](crate::Limits::shutdown_step). Cancel safe: it goes on when the future is dropped.
    pub async fn close(&self) -> Closed {
        self.client.close().await
    }

    /// Waits for the end of the connection, whoever causes it. Cancel safe.
    pub async fn closed(&self) -> Closed {
        self.client.closed().await
    }

    /// Keeps a turn that runs on, until it is picked up again.
    pub(crate) fn park(&self, turn: Turn) {
        self.parked.put(turn);
    }

    /// Forgets that somebody was logged in.
    pub(crate) fn forget_login(&self) {
        self.login_known.store(false, Ordering::Relaxed);
    }

    /// Fails if a turn could only fail because nobody is logged in. Uses `account/read`, until it has once said yes.
    pub(crate) async fn check_login(&self) -> Result<()> {
        if self.login_known.load(Ordering::Relaxed) {
            return Ok(());
        }
        let account = self.call(&GetAccountParams::new()).await?;
        if account.requires_openai_auth && account.account.is_none() {
            return Err(Error::new(
                ErrorKind::NotLoggedIn,
                "nobody is logged in, and the model provider asks for it; run `codex login` or give an API key",
            ));
        }
        self.login_known.store(true, Ordering::Relaxed);
        Ok(())
    }
}
