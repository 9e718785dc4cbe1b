//! The smallest client that can see everything a model does, down to how the connection ends.

use std::time::Duration;

use codexkit_testkit::model::Model;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection on which one request was sent.
pub(crate) struct Asked {
    stream: BufReader<TcpStream>,
}

/// The head of a reply; the body is read through it.
pub(crate) struct Opened {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    stream: BufReader<TcpStream>,
}

/// A reply that was read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// False when the connection broke before the end of the body.
    pub(crate) whole: bool,
}

/// Sends a prompt and reads the whole reply.
pub(crate) async fn ask(model: &Model, prompt: &str) -> Reply {
    send(model, prompt).await.open().await.finish().await
}

/// Sends a prompt and does not read yet.
pub(crate) async fn send(model: &Model, prompt: &str) -> Asked {
    send_to(model, "POST", "/responses", &body(prompt).to_string()).await
}

pub(crate) async fn send_to(model: &Model, method: &str, path: &str, body: &str) -> Asked {
    let base = model.base_url();
    let (host, root) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!("{method} /{root}{path} HTTP/1.1\r\nhost: {host}\r\nX-Test: yes\r\n");
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    Asked { stream: BufReader::new(stream) }
}

/// A request as codex sends it: its own context first, then the user's prompt.
pub(crate) fn body(prompt: &str) -> Value {
    let user = |text: &str| {
        let content = json!([{ "type": "input_text", "text": text }]);
        json!({ "type": "message", "role": "user", "content": content })
    };
    json!({
        "model": "gpt-5.5",
        "instructions": "Be brief.",
        "input": [user("<environment_context/>"), user(prompt)],
        "tools": [{ "type": "function", "name": "exec_command" }, { "type": "web_search" }],
        "stream": true,
    })
}

impl Asked {
    /// Reads the head of the reply.
    pub(crate) async fn open(mut self) -> Opened {
        let status = self.line().await.expect("a status line");
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = self.line().await.unwrap().split_once(": ") {
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        Opened { status, headers, stream: self.stream }
    }

    /// True when the model closes the connection without a byte.
    pub(crate) async fn ends_without_a_byte(mut self) -> bool {
        self.line().await.is_none()
    }

    async fn line(&mut self) -> Option<String> {
        line(&mut self.stream).await
    }
}

impl Opened {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The next piece of the body; `Ok(None)` at its end, `Err` when the connection broke before that.
    pub(crate) async fn piece(&mut self) -> Result<Option<String>, ()> {
        let mut body = match self.header("content-length").map(str::parse) {
            Some(length) => vec![0; length.unwrap()],
            None => match usize::from_str_radix(&line(&mut self.stream).await.ok_or(())?, 16).unwrap() {
                0 => return Ok(None),
                length => vec![0; length],
            },
        };
        soon(self.stream.read_exact(&mut body)).await.map_err(drop)?;
        line(&mut self.stream).await;
        Ok(Some(String::from_utf8(body).unwrap()))
    }

    /// Reads until this text has come, and returns what came.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut body = String::new();
        while !body.contains(text) {
            body += &self.piece().await.expect("an open stream").expect("more to come");
        }
        body
    }

    pub(crate) async fn finish(mut self) -> Reply {
        let mut body = String::new();
        let whole = loop {
            match self.piece().await {
                Ok(Some(piece)) => body += &piece,
                Ok(None) => break true,
                Err(()) => break false,
            }
        };
        Reply { status: self.status, body, whole }
    }
}

impl Reply {
    /// The events of the stream.
    pub(crate) fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The deltas of the events of this type.
    pub(crate) fn deltas(&self, kind: &str) -> Vec<String> {
        let events = self.events();
        let deltas = events.iter().filter(|event| event["type"] == kind);
        deltas.map(|event| event["delta"].as_str().unwrap().to_owned()).collect()
    }

    /// What the model said, in chunks.
    pub(crate) fn text(&self) -> Vec<String> {
        self.deltas("response.output_text.delta")
    }

    /// The finished items.
    pub(crate) fn items(&self) -> Vec<Value> {
        let events = self.events();
        let done = events.iter().filter(|event| event["type"] == "response.output_item.done");
        done.map(|event| event["item"].clone()).collect()
    }

    pub(crate) fn last_event(&self) -> Value {
        self.events().pop().expect("an event")
    }
}

/// A line without its end; nothing when the connection is closed.
async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = soon(stream.read_line(&mut line)).await.unwrap_or(0);
    (read > 0).then(|| line.trim_end().to_owned())
}

/// A model that keeps the connection open by mistake shall fail the test, not hang it.
async fn soon<T>(read: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), read).await.expect("the model is silent")
}
