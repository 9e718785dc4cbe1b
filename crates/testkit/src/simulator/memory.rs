//! A simulated server in memory.

use super::act::Act;
use super::driver::{self, Body, Shared};
use super::engine::Engine;
use super::script::Simulator;
use super::step::Deed;
use super::used;
use codexkit::transport::Lines;
use codexkit::{Codex, CodexBuilder, Result};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite, duplex};

/// What a pipe of the system holds.
const PIPE: usize = 64 * 1024;

impl Simulator {
    /// Starts a server in memory and connects to it with default settings.
    ///
    /// Must be called inside a tokio runtime with time. Cancel safe: dropping the future ends the server.
    ///
    /// # Errors
    /// When the server is scripted not to shake hands.
    pub async fn connect(self) -> Result<(Codex, SimulatedServer)> {
        self.connect_with(Codex::builder()).await
    }

    /// Starts a server in memory and connects to it with these settings.
    ///
    /// Cancel safe: dropping the future ends the server.
    ///
    /// # Errors
    /// When the server is scripted not to shake hands.
    pub async fn connect_with(self, builder: CodexBuilder) -> Result<(Codex, SimulatedServer)> {
        let ((read, output), (input, write)) = (duplex(PIPE), duplex(PIPE));
        let server = self.serve(input, output);
        let codex = builder.connect_over(Lines::new(read, write)).await?;
        Ok((codex, server))
    }

    /// Starts a server at the other end of two byte streams: its input and its output.
    pub fn serve(
        self,
        input: impl AsyncRead + Unpin + Send + 'static,
        output: impl AsyncWrite + Unpin + Send + 'static,
    ) -> SimulatedServer {
        used::note();
        let shared = Shared::new(Engine::new(self));
        let server = SimulatedServer { shared: shared.clone() };
        // It ends with its streams.
        tokio::spawn(async move { driver::drive(&shared, input, output, &mut Bodiless).await });
        server
    }
}

/// A server in memory has neither a standard error nor children.
struct Bodiless;

impl Body for Bodiless {
    fn act(&mut self, _: &Deed) -> io::Result<()> {
        Ok(())
    }
}

/// A simulated server that runs in memory, to look at it and to have it do more. It ends with its connection, not with
/// this handle.
#[derive(Clone, Debug)]
pub struct SimulatedServer {
    shared: Arc<Shared>,
}

impl SimulatedServer {
    /// The frames that the client has sent, oldest first; of very many only the newest 100,000.
    #[must_use]
    pub fn received(&self) -> Vec<Value> {
        self.shared.engine().received().cloned().collect()
    }

    /// The calls of a method that have come.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Value> {
        self.shared.engine().received().filter(|frame| frame["method"] == method).cloned().collect()
    }

    /// How many lines of the client were no frames. A client must never send one.
    #[must_use]
    pub fn rejected(&self) -> usize {
        self.shared.engine().rejected()
    }

    /// Waits until a frame has come that the test looks for, and returns the first. Waits for ever if none comes.
    ///
    /// Cancel safe.
    pub async fn receives(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut received = std::pin::pin!(self.shared.received.notified());
            // From here on nothing is missed.
            received.as_mut().enable();
            let found = self.shared.engine().received().find(|frame| wanted(frame)).cloned();
            match found {
                Some(frame) => return frame,
                None => received.await,
            }
        }
    }

    /// Waits until a method was called so often, and returns these calls. Cancel safe.
    pub async fn is_called(&self, method: &str, times: usize) -> Vec<Value> {
        loop {
            let mut received = std::pin::pin!(self.shared.received.notified());
            received.as_mut().enable();
            let calls = self.calls(method);
            if calls.len() >= times {
                return calls;
            }
            received.await;
        }
    }

    /// Plays an act outside of any turn, now.
    pub fn perform(&self, act: Act) {
        self.shared.engine().perform(None, act);
        self.shared.changed.notify_one();
    }

    /// Starts a turn on a thread that nobody has asked for.
    pub fn start_turn(&self, thread: impl AsRef<str>, act: Act) {
        self.shared.engine().perform(Some(thread.as_ref()), act);
        self.shared.changed.notify_one();
    }
}
