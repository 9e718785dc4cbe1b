//! What the two halves of a WebSocket tell each other.

use crate::sync::lock;
use std::sync::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What the two halves of a WebSocket tell each other.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The sink owes something, or the source has ended.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// The last ping of the server that was not answered yet. Earlier ones need no answer.
    ping: Option<Vec<u8>>,
    /// The closing of the server that was not answered yet.
    close: Option<Vec<u8>>,
    /// When there last was a sign that the server is there.
    alive: Instant,
    source_ended: bool,
}

/// What the sink has to send on behalf of the source.
#[derive(Debug, Default)]
pub(super) struct Owed {
    pub(super) pong: Option<Vec<u8>>,
    pub(super) close: Option<Vec<u8>>,
}

impl Shared {
    pub(super) fn new() -> Self {
        let state = State { ping: None, close: None, alive: Instant::now(), source_ended: false };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// The server has sent something, or has taken a good part of something large.
    pub(super) fn is_alive(&self) {
        lock(&self.state).alive = Instant::now();
    }

    pub(super) fn last_alive(&self) -> Instant {
        lock(&self.state).alive
    }

    pub(super) fn owe_pong(&self, payload: &[u8]) {
        lock(&self.state).ping = Some(payload.to_vec());
        self.changed.notify_one();
    }

    pub(super) fn owe_close(&self, payload: &[u8]) {
        lock(&self.state).close = Some(payload.to_vec());
        self.changed.notify_one();
    }

    pub(super) fn take_owed(&self) -> Owed {
        let mut state = lock(&self.state);
        Owed { pong: state.ping.take(), close: state.close.take() }
    }

    /// Waits until there is something to send. Cancel safe.
    pub(super) async fn owes(&self) {
        self.wait_until(|state| state.ping.is_some() || state.close.is_some()).await;
    }

    /// Nothing more is read.
    pub(super) fn source_ended(&self) {
        lock(&self.state).source_ended = true;
        self.changed.notify_one();
    }

    /// Waits until nothing more is read. Cancel safe.
    pub(super) async fn wait_for_source(&self) {
        self.wait_until(|state| state.source_ended).await;
    }

    /// There is one who waits, the sink, so one permit is enough.
    async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        while !holds(&lock(&self.state)) {
            self.changed.notified().await;
        }
    }
}
