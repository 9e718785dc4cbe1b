//! A server in memory that says what a test tells it to.

use codexkit::transport::Lines;
use codexkit::{Codex, Limits};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};

/// What a pipe can hold.
const PIPE: usize = 64 * 1024;

/// The server's end of a connection.
pub(crate) struct Peer {
    input: BufReader<DuplexStream>,
    output: DuplexStream,
}

/// A connection that has shaken hands, and its peer.
pub(crate) async fn connected(limits: Limits) -> (Codex, Peer) {
    let ((read, output), (write, input)) = (duplex(PIPE), duplex(PIPE));
    let mut peer = Peer { input: BufReader::new(input), output };
    let opening = tokio::spawn(Codex::builder().limits(limits).connect_over(Lines::new(read, write)));
    let info = json!({
        "userAgent": "codexkit/0.169.0 (Test)",
        "codexHome": "/home", "platformFamily": "unix", "platformOs": "linux",
    });
    peer.answer("initialize", info).await;
    assert_eq!(peer.receive().await["method"], "initialized");
    (opening.await.expect("no panic").expect("the connection opens"), peer)
}

impl Peer {
    async fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.input.read_line(&mut line).await.expect("the client writes");
        serde_json::from_str(&line).expect("the client writes JSON")
    }

    /// Answers the next request, which is for this method.
    pub(crate) async fn answer(&mut self, method: &str, result: Value) {
        let request = self.receive().await;
        assert_eq!(request["method"], method);
        self.send(&json!({ "id": request["id"], "result": result })).await;
    }

    /// Begins a turn for a client that starts one: the login, the thread and the turn that it asks for.
    pub(crate) async fn begin_turn(&mut self, thread: &str, turn: &str) {
        let login = json!({ "account": null, "requiresOpenaiAuth": false });
        let mut next = self.receive().await;
        if next["method"] == "account/read" {
            self.send(&json!({ "id": next["id"], "result": login })).await;
            next = self.receive().await;
        }
        assert_eq!(next["method"], "turn/start");
        let begun = json!({ "id": turn, "items": [], "status": "inProgress" });
        self.send(&json!({ "id": next["id"], "result": { "turn": begun } })).await;
        self.notify("turn/started", json!({ "threadId": thread, "turn": begun })).await;
    }

    pub(crate) async fn end_turn(&mut self, thread: &str, turn: &str) {
        let ended = json!({ "id": turn, "items": [], "status": "completed" });
        self.notify("turn/completed", json!({ "threadId": thread, "turn": ended })).await;
    }

    /// Starts a thread for a client that asks for it.
    pub(crate) async fn start_thread(&mut self, thread: &str) {
        let recorded = include_str!("../../../protocol/tests/traffic/turn.jsonl");
        let started = recorded.lines().find(|line| line.contains(r#""result":{"thread":"#));
        let mut started: Value = serde_json::from_str(started.expect("it was recorded")).expect("it is JSON");
        let mut result = started["result"].take();
        result["thread"]["id"] = thread.into();
        self.answer("thread/start", result).await;
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "method": method, "params": params })).await;
    }

    /// Writes frames as they are, each with its line break.
    pub(crate) async fn write(&mut self, frames: &[u8]) {
        self.output.write_all(frames).await.expect("the client reads");
    }

    async fn send(&mut self, frame: &Value) {
        self.write(format!("{frame}\n").as_bytes()).await;
    }
}
