//! Stop waiting for a turn without stopping the turn, and pick it up later.
//!
//! ```text
//! cargo run --example continuation
//! ```

mod support;

use codexkit::{Continuation, Idle};
use codexkit_testkit::model::{Gate, Model, Response};
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The scripted model takes its time, until somebody opens the gate.
    let gate = Gate::new();
    let slow = Response::new().text("I have begun.").gate(&gate).text("Now it is done.");
    let offline = support::offline(Model::script().respond(slow).never()).await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    // As long as somebody wants to wait; by default a run that takes longer would be interrupted.
    let patience = Duration::from_millis(300);
    let waited = thread.run("Build it").total(patience).on_idle(Idle::Report).await;
    let Err(error) = waited else { return Err("it was faster than expected".into()) };
    println!("not done in time: {:?}", error.kind());

    // The place where the wait was broken off can be stored.
    let stored = serde_json::to_string(error.continuation().ok_or("it does not run any more")?)?;
    gate.open();
    let continuation: Continuation = serde_json::from_str(&stored)?;
    let output = codex.continue_turn(&continuation).await?.finish().await?;
    println!("{}: {}", output.status, output.text());

    // Or it is called off, with the commands that it has left running.
    let waited = thread.run("Build it again").total(patience).on_idle(Idle::Report).await;
    let Err(error) = waited else { return Err("it was faster than expected".into()) };
    let cancelled = codex.cancel(error.continuation().ok_or("it does not run any more")?).await?;
    println!("{} by {:?}", cancelled.output.status, cancelled.output.interrupted_by);
    codex.close().await;
    Ok(())
}
