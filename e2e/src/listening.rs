//! A codex that listens and belongs to nobody who connects to it.

use crate::Stage;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A codex that listens at a port, started without the SDK. It is killed when it is dropped.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens.
    pub url: String,
    _process: Child,
}

impl Listening {
    /// Starts the codex of a stage with these flags behind `--listen`.
    pub async fn start(stage: &Stage, flags: &[&str]) -> Self {
        let mut codex = Command::from(stage.fixture.command(crate::codex_binary().await));
        codex.args(["app-server", "--listen", "ws://127.0.0.1:0"]).args(flags);
        codex.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = codex.spawn().expect("codex starts");
        let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        let url = loop {
            let line = lines.next_line().await.expect("text").expect("it listens before it ends");
            if let Some((_, url)) = line.split_once("listening on: ") {
                break url.trim().to_owned();
            }
        };
        // A server whose standard error is not read would stop at some time.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url, _process: process }
    }
}
