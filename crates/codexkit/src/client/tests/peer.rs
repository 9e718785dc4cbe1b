//! A server in memory that says and does what a test tells it to.

use crate::client::{AskFuture, AskHandler, Client, Hello, Incoming};
use crate::error::Result;
use crate::limits::Limits;
use crate::protocol::RpcError;
use crate::transport::{Lines, Link};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};

/// The server's end of a connection in memory.
pub(crate) struct Peer {
    input: Option<BufReader<DuplexStream>>,
    output: DuplexStream,
}

/// A handler that says no to everything, in words that a test can recognise.
pub(crate) struct Refusing;

impl AskHandler for Refusing {
    fn answer(&self, _: Incoming) -> AskFuture {
        Box::pin(async { Err(RpcError::new(RpcError::INTERNAL_ERROR, "refused")) })
    }
}

/// What a pipe can hold: with less than a frame in it, writers have to wait.
const PIPE: usize = 64 * 1024;

/// A connection that has shaken hands, and its peer.
pub(crate) async fn connected() -> (Client, Peer) {
    connected_with(Limits::default(), Arc::new(Refusing)).await
}

pub(crate) async fn connected_with(limits: Limits, handler: Arc<dyn AskHandler>) -> (Client, Peer) {
    let (opening, mut peer) = opening(limits, handler);
    let opening = tokio::spawn(opening);
    peer.shake_hands().await;
    (opening.await.unwrap().unwrap(), peer)
}

/// A connection that is about to shake hands.
pub(crate) fn opening(
    limits: Limits,
    handler: Arc<dyn AskHandler>,
) -> (impl Future<Output = Result<Client>> + Send + 'static, Peer) {
    let ((read, output), (write, input)) = (duplex(PIPE), duplex(PIPE));
    let opening =
        Client::open(Link::new(Lines::new(read, write)), None, handler, limits, Hello::default(), None);
    (opening, Peer { input: Some(BufReader::new(input)), output })
}

impl Peer {
    pub(crate) async fn shake_hands(&mut self) {
        let hello = self.receive().await;
        assert_eq!(hello["method"], "initialize");
        let info = json!({
            "userAgent": "codexkit/0.169.0 (Test)",
            "codexHome": "/home", "platformFamily": "unix", "platformOs": "linux",
        });
        self.answer(&hello, info).await;
        assert_eq!(self.receive().await["method"], "initialized");
    }

    /// The next frame of the client.
    pub(crate) async fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.input.as_mut().unwrap().read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Whether the client has closed its side.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.input.as_mut().unwrap().fill_buf().await.unwrap().is_empty()
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.output.write_all(text.as_bytes()).await.unwrap();
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&format!("{frame}\n")).await;
    }

    pub(crate) async fn answer(&mut self, request: &Value, result: Value) {
        self.send(json!({ "id": request["id"], "result": result })).await;
    }

    pub(crate) async fn refuse(&mut self, request: &Value, message: &str) {
        self.send(json!({ "id": request["id"], "error": { "code": -32600, "message": message } })).await;
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "method": method, "params": params })).await;
    }

    /// Reads no more, as if the process had gone.
    pub(crate) fn stop_reading(&mut self) {
        self.input = None;
    }

    /// Ends the server's output.
    pub(crate) async fn hang_up(&mut self) {
        self.output.shutdown().await.unwrap();
    }
}
