//! Stand between the SDK and a server: a peer within the program passes all messages on, and could change, record or
//! refuse them.
//!
//! ```text
//! cargo run --example in_process
//! ```

mod support;

use codexkit::Codex;
use codexkit::transport::{Memory, MemorySink, MemorySource, Transport, memory};
use codexkit_testkit::model::Model;
use serde_json::Value;
use std::error::Error;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::script().text("I hear you.")).await?;
    let (ours, peer) = memory();
    let standing_between = tokio::spawn(stand_between(peer, offline.command().await?.into()));

    let codex = Codex::builder().connect_over(ours).await?;
    let answer = codex.ask("Do you hear me?").await?;
    println!("agent: {}", answer.text());
    codex.close().await;
    standing_between.await??;
    Ok(())
}

/// Passes messages on in both directions, until the program closes the connection.
async fn stand_between(peer: Memory, mut server: Command) -> std::io::Result<()> {
    let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let (Some(input), Some(output)) = (server.stdin.take(), server.stdout.take()) else { return Ok(()) };
    let (from_program, to_program) = peer.split();
    // Neither direction waits for the other: a server may have to be read before it reads.
    let (sent, received) = tokio::join!(pass_in(from_program, input), pass_out(output, to_program));
    sent.and(received)
}

async fn pass_in(mut from_program: MemorySource, mut input: ChildStdin) -> std::io::Result<()> {
    while let Some(message) = from_program.receive().await {
        let frame: Value = serde_json::from_str(&message)?;
        println!("-> {}", frame["method"].as_str().unwrap_or("an answer"));
        input.write_all(format!("{message}\n").as_bytes()).await?;
    }
    Ok(())
}

async fn pass_out(output: ChildStdout, to_program: MemorySink) -> std::io::Result<()> {
    let mut lines = BufReader::new(output).lines();
    while let Some(message) = lines.next_line().await? {
        if !to_program.send(message).await {
            break;
        }
    }
    Ok(())
}
