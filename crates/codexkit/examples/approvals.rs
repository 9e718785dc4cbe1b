//! Decide what the agent may do, command by command.
//!
//! ```text
//! cargo run --example approvals
//! ```

mod support;

use codexkit::{Approval, ApprovalAnswer, Approvals, Sandbox};
use codexkit_testkit::model::{Exec, Model};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(
        Model::script()
            .exec(Exec::new("echo 1.0 > VERSION").escalated("the release needs its number"))
            .exec(Exec::new("rm -rf .").escalated("a clean start"))
            .text("VERSION is written; the rest I was not allowed to do."),
    )
    .await?;

    // One handler for the whole connection. Without one, the answer to everything is no.
    let codex = offline.codex().on_approval(decide).start().await?;
    // The agent may read by itself and has to ask for everything else.
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await?;

    let output = thread.run("Prepare the release").await?;

    println!("agent: {}", output.text());
    codex.close().await;
    Ok(())
}

/// It runs in a task of its own, so it may take its time, and call codex or anything else.
async fn decide(ask: Approval) -> ApprovalAnswer {
    let Some(command) = ask.command_line() else {
        return ask.decline();
    };
    println!("asked: {command}, because: {}", ask.reason().unwrap_or("it did not say"));
    // Comparing whole commands is safe; finding out what a command does by looking for words in it is not.
    if command == "/bin/bash -lc 'echo 1.0 > VERSION'" {
        println!("  accepted");
        ask.accept()
    } else {
        println!("  declined");
        ask.decline()
    }
}
