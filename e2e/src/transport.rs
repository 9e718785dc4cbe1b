//! The ways to a server, so that one test can be run over each of them.

use crate::Stage;
use codexkit::transport::{Memory, MemorySink, MemorySource, Transport as _, memory};
use codexkit::{Codex, CodexBuilder};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Pipes to a server of our own, which is the usual way.
    Stdio,
    /// A server of our own that listens at a port.
    WebSocket,
    /// A server of our own that listens at a unix socket.
    Unix,
    /// Messages within the program, to something that passes them on to a server.
    Memory,
}

/// Makes tests of functions that take a [`Transport`]: each is run over each.
#[macro_export]
macro_rules! over_every_transport {
    ($($name:ident),+ $(,)?) => {
        $crate::over_every_transport!(@ over_stdio Stdio $($name)+);
        $crate::over_every_transport!(@ over_websocket WebSocket $($name)+);
        $crate::over_every_transport!(@ over_unix_sockets Unix $($name)+);
        $crate::over_every_transport!(@ over_memory Memory $($name)+);
    };
    (@ $module:ident $transport:ident $($name:ident)+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $name() {
                    if !$crate::skipped() {
                        super::$name($crate::Transport::$transport).await;
                    }
                }
            )+
        }
    };
}

impl Transport {
    /// Starts the codex of a stage, and connects to it in this way.
    pub(crate) async fn start(
        self,
        stage: &Stage,
        change: impl FnOnce(CodexBuilder) -> CodexBuilder,
    ) -> codexkit::Result<Codex> {
        match self {
            Self::Stdio => change(stage.codex().await).start().await,
            Self::WebSocket => change(stage.codex().await).listen("ws://127.0.0.1:0").start().await,
            Self::Unix => {
                let socket = stage.fixture.home().join("test.sock");
                let builder = change(stage.codex().await);
                builder.listen(format!("unix://{}", socket.display())).start().await
            }
            Self::Memory => change(Codex::builder()).connect_over(in_memory(stage).await).await,
        }
    }
}

/// One end of a pair, at the other end of which the real codex is.
async fn in_memory(stage: &Stage) -> Memory {
    let mut codex = Command::from(stage.fixture.command(crate::codex_binary().await));
    codex
        .arg("app-server")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut codex = codex.spawn().expect("codex starts");
    let (input, output) = (codex.stdin.take().expect("a pipe"), codex.stdout.take().expect("a pipe"));
    let (ours, other) = memory();
    let (from_us, to_us) = other.split();
    // They end with the connection: nobody else knows of this codex.
    tokio::spawn(pass_in(from_us, input, codex));
    tokio::spawn(pass_out(output, to_us));
    ours
}

async fn pass_in(mut from_us: MemorySource, mut input: ChildStdin, mut codex: Child) {
    while let Some(message) = from_us.receive().await {
        if input.write_all(format!("{message}\n").as_bytes()).await.is_err() {
            break;
        }
    }
    drop(input);
    // Reaped here, or else killed when this task is dropped.
    let _ = codex.wait().await;
}

async fn pass_out(output: ChildStdout, to_us: MemorySink) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if !to_us.send(line).await {
            break;
        }
    }
}
