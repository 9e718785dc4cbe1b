//! Ways to a server other than starting one on pipes.

use crate::builder::CodexBuilder;
use crate::client::Dial;
use crate::codex::Codex;
use crate::error::{Clock, Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::launch::{self, Listen, ServerProcess, StartGate};
use crate::limits::Limits;
use crate::transport::{Endpoint, Link, ListenAt, Transport};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often a socket is looked at that a server is about to open. It says nothing when it has.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How soon after its last sign of life a server that has failed to listen ends.
const SETTLE: Duration = Duration::from_millis(500);

impl Codex {
    /// Connects to a server that runs, with default settings.
    ///
    /// Cancel safe: dropping the future closes what it has opened.
    ///
    /// # Errors
    ///
    /// See [`CodexBuilder::connect`].
    pub async fn connect(endpoint: impl Into<Endpoint>) -> Result<Self> {
        Self::builder().connect(endpoint).await
    }
}

impl CodexBuilder {
    /// Connects to a server that runs and shakes hands: over `ws://`, `wss://` or a unix socket. See [`Endpoint`].
    ///
    /// The server goes on when the connection ends. The turns that were started here and not let go by
    /// [`Turn::detach`](crate::Turn::detach) are interrupted before that.
    ///
    /// Cancel safe: dropping the future closes what it has opened.
    ///
    /// # Errors
    ///
    /// - `Connect`: nobody listens there, or the way is blocked.
    /// - `Unauthorized`, `Forbidden`: the server does not let us in.
    /// - `Timeout`: something listens there and says nothing, within [`Limits::connect`] for the WebSocket and
    ///   [`Limits::initialize`] for the first answer.
    /// - `Closed`: the server has let us in, and has closed the connection before it has answered.
    /// - `Handshake`, `Incompatible`: what answers is no codex server, or one that is too old; no trust in its certificate.
    /// - `Usage`: an address that is none; a token that would go over a network without encryption; settings for starting a
    ///   server, which make no sense for one that runs.
    pub async fn connect(self, endpoint: impl Into<Endpoint>) -> Result<Codex> {
        self.connect_boxed(endpoint.into()).await
    }

    /// Shakes hands with a server over a transport of one's own. See [`transport`](crate::transport).
    ///
    /// When the connection ends, the transport is dropped; whether that ends the server is up to it.
    ///
    /// Cancel safe: dropping the future drops the transport.
    ///
    /// ```
    /// # async fn example(container: tokio::net::TcpStream) -> codexkit::Result<()> {
    /// use codexkit::Codex;
    /// use codexkit::transport::Lines;
    ///
    /// let (output, input) = container.into_split();
    /// let codex = Codex::builder().connect_over(Lines::new(output, input)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Closed` when the transport ends before the server has answered, `Timeout` when it does not answer within
    /// [`Limits::initialize`]; `Handshake`, `Incompatible`; `Usage` for settings that are for starting a server.
    pub async fn connect_over(self, transport: impl Transport) -> Result<Codex> {
        self.connect_link(Link::new(transport)).await
    }

    fn connect_boxed(self, endpoint: Endpoint) -> BoxFuture<'static, Result<Codex>> {
        Box::pin(async move {
            self.check_nothing_is_for_starting()?;
            let link = open(&endpoint, self.bounds()).await?;
            let limits = self.bounds().clone();
            let dial: Dial = Arc::new(move || {
                let (endpoint, limits) = (endpoint.clone(), limits.clone());
                Box::pin(async move { open(&endpoint, &limits).await })
            });
            self.open(link, None, Some(dial)).await
        })
    }

    fn connect_link(self, link: Link) -> BoxFuture<'static, Result<Codex>> {
        Box::pin(async move {
            self.check_nothing_is_for_starting()?;
            self.open(link, None, None).await
        })
    }

    /// Starts a server that listens, and connects to it.
    pub(crate) async fn start_listening(&self, at: &Endpoint) -> Result<Codex> {
        let mut settings = self.launch_settings().clone();
        let at = at.listen_at(settings.home().as_deref())?;
        settings.listen = Some(Listen { url: at.url.clone(), token: at.token() });
        let _gate = StartGate::enter(settings.home().as_deref()).await;
        let process = launch::spawn_listening(&settings, self.bounds())?;
        match self.connect_to(&process, &at).await {
            Ok(codex) => Ok(codex),
            // Its end explains everything else, if it comes soon.
            Err(error) => match timeout(SETTLE, process.exited()).await {
                Ok(exit) => {
                    let stderr = process.settled_stderr().await;
                    Err(launch::early_death(&settings.program, exit, &stderr).with_source(error))
                }
                Err(_) => Err(error),
            },
        }
    }

    async fn connect_to(&self, process: &ServerProcess, at: &ListenAt) -> Result<Codex> {
        let limits = self.bounds();
        let (endpoint, link) =
            timeout(limits.initialize, reach(process, at, limits)).await.map_err(|_| {
                let text = format!("codex did not begin to listen within {:?}", limits.initialize);
                Error::new(ErrorKind::Timeout(Clock::Initialize), text)
            })??;
        let codex = self.open(link, Some(process.clone()), None).await?;
        Ok(codex.reached_at(endpoint))
    }
}

/// Waits until a server listens, and connects to it.
async fn reach(process: &ServerProcess, at: &ListenAt, limits: &Limits) -> Result<(Endpoint, Link)> {
    let Some(socket) = at.known() else {
        let told = process.says(|stderr| at.told_by(stderr)).await;
        let endpoint = told.ok_or_else(|| {
            Error::new(ErrorKind::Spawn, "codex ended, or closed its standard error, before it listened")
        })?;
        let link = open(&endpoint, limits).await?;
        return Ok((endpoint, link));
    };
    loop {
        match open(&socket, limits).await {
            Err(error) if error.kind() == ErrorKind::Connect && !process.has_exited() => {
                sleep(LOOK_AGAIN).await
            }
            outcome => return outcome.map(|link| (socket, link)),
        }
    }
}

async fn open(endpoint: &Endpoint, limits: &Limits) -> Result<Link> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::new(ErrorKind::Usage, "a connection can only be made inside a tokio runtime"));
    }
    endpoint.open(limits).await.map(Link::new)
}
