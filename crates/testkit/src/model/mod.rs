//! A model that follows a script.
//!
//! [`Model`] is an HTTP server on loopback that speaks the Responses API the way codex needs it. A test says what the
//! model answers, points a real codex at it, and afterwards looks at what codex asked. No login, no tokens, no
//! network.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use codexkit_testkit::fixture::Fixture;
//! use codexkit_testkit::model::Model;
//!
//! let model = Model::start(Model::script().exec("ls").text("Two files.")).await?;
//! let fixture = Fixture::new(&model)?;
//! // .. run codex in the fixture and ask it "What is here?" ..
//!
//! let second = &model.requests()[1];
//! assert_eq!(second.last_user_text(), "What is here?");
//! model.assert_finished();
//! # Ok(()) }
//! ```
//!
//! - [`Script`]: which response answers which request
//! - [`Response`]: what one response says, and how it fails
//! - [`Gate`]: stop a response at a point, and know that it stands there
//! - [`ModelRequest`]: what codex asked, and whether it listened to the end

mod call;
mod config;
mod exec;
mod gate;
mod http_error;
mod item;
mod ledger;
mod message;
mod outcome;
mod patience;
mod pause;
mod reasoning;
mod request;
mod response;
mod script;
mod server;
mod shared;
mod sse;
mod stream;
mod unfinished;
mod usage;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::Location;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

pub use call::Call;
pub use config::ModelConfig;
pub use exec::Exec;
pub use gate::Gate;
pub use http_error::HttpError;
pub use item::Item;
pub use message::{Message, Phase};
pub use outcome::Outcome;
pub use reasoning::Reasoning;
pub use request::ModelRequest;
pub use response::Response;
pub use script::{Script, prompt_contains, prompt_is};
pub use unfinished::Unfinished;
pub use usage::Usage;

use patience::patiently;
use shared::Shared;

/// A scripted model, running. It stops when it is dropped.
#[derive(Debug)]
#[must_use = "the model stops when it is dropped"]
pub struct Model {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<std::convert::Infallible>,
    /// Where it runs if it was started without a runtime.
    runtime: Option<Runtime>,
}

impl Model {
    /// An empty script, to be filled and given to [`start`](Model::start).
    pub fn script() -> Script {
        Script::new()
    }

    /// A script that answers every request by this function.
    pub fn respond_with(responder: impl Fn(&ModelRequest) -> Response + Send + Sync + 'static) -> Script {
        Script::new().respond_with(responder)
    }

    /// Starts a model on a free port of the loopback interface. Cancel safe.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(script: impl Into<Script>) -> io::Result<Self> {
        Self::serve(script.into())
    }

    /// As [`start`](Self::start), for programs without async, as those that use `codexkit::blocking`: the model runs on a
    /// thread of its own.
    ///
    /// ```
    /// use codexkit_testkit::fixture::Fixture;
    /// use codexkit_testkit::model::Model;
    ///
    /// let model = Model::start_blocking(Model::script().text("Hello"))?;
    /// let fixture = Fixture::new(&model)?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// When no port can be opened, or no thread be started.
    pub fn start_blocking(script: impl Into<Script>) -> io::Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("model").enable_all().build()?;
        let mut model = {
            let _inside = runtime.enter();
            Self::serve(script.into())?
        };
        model.runtime = Some(runtime);
        Ok(model)
    }

    /// Serves on the runtime at hand.
    fn serve(script: Script) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(script));
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server, runtime: None })
    }

    /// Where the API is: `http://127.0.0.1:<port>/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The configuration that points codex at this model.
    pub fn config(&self) -> ModelConfig {
        ModelConfig::new(self.base_url())
    }

    /// The configuration as a `config.toml`: short for `config().to_toml()`.
    #[must_use]
    pub fn config_toml(&self) -> String {
        self.config().to_toml()
    }

    /// The configuration as `--config` overrides: short for `config().overrides()`.
    #[must_use]
    pub fn config_overrides(&self) -> Vec<(String, String)> {
        self.config().overrides()
    }

    /// The requests so far, oldest first. Of a very long run only the newest 4096 are kept.
    #[must_use]
    pub fn requests(&self) -> Vec<ModelRequest> {
        self.shared.ledger.requests()
    }

    /// Waits until `count` requests have come in all, and returns [`requests`](Model::requests).
    ///
    /// # Panics
    /// When they do not come within 30 seconds.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) -> impl Future<Output = Vec<ModelRequest>> {
        let caller = Location::caller();
        let mut total = self.shared.ledger.total();
        let what = move || format!("{count} requests to the model, got {:?}", self.requests());
        async move {
            // The ledger lives in `self`, so the wait cannot fail.
            let _ = patiently(caller, what, total.wait_for(|total| *total >= count)).await;
            self.requests()
        }
    }

    /// Waits for the next request: the first call gives the first one, the second call the second one, and so on.
    ///
    /// Cancel safe: a request is only given out when it is returned.
    ///
    /// # Panics
    /// When none comes within 30 seconds.
    #[track_caller]
    pub fn next_request(&self) -> impl Future<Output = ModelRequest> {
        let caller = Location::caller();
        let mut total = self.shared.ledger.total();
        let what = move || format!("another request to the model, got {:?}", self.requests());
        let next = async move {
            loop {
                total.mark_unchanged();
                if let Some(request) = self.shared.ledger.next() {
                    return request;
                }
                let _ = total.changed().await;
            }
        };
        patiently(caller, what, next)
    }

    /// Checks that the script was played to its end: every response was asked for, and nothing else was.
    ///
    /// # Errors
    /// Says what is left and what was not expected.
    pub fn check(&self) -> Result<(), Unfinished> {
        let (left, unexpected) = (self.shared.left(), self.shared.ledger.unexpected());
        if left == 0 && unexpected.is_empty() { Ok(()) } else { Err(Unfinished::new(left, unexpected)) }
    }

    /// Asserts what [`check`](Model::check) checks.
    ///
    /// # Panics
    /// When the script was not played to its end, or something else was asked for.
    #[track_caller]
    pub fn assert_finished(&self) {
        if let Err(unfinished) = self.check() {
            panic!("{unfinished}");
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.shared.ledger.stop();
        self.server.abort();
        if let Some(runtime) = self.runtime.take() {
            // The only way that does not block, wherever the model is dropped.
            runtime.shutdown_background();
        }
    }
}
