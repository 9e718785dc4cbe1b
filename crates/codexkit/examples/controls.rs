//! Steer a turn that runs, interrupt one, and let one run on by itself.
//!
//! ```text
//! cargo run --example controls
//! ```

mod support;

use codexkit::{Busy, Event};
use codexkit_testkit::model::{Gate, Model, Response};
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The scripted model waits at the gate in the middle of its first answer, and never ends its third one.
    let gate = Gate::new();
    let offline = support::offline(
        Model::script()
            .respond(Response::new().text("I write it in C.").gate(&gate))
            .text("In Rust, then.")
            .respond(Response::new().text("One, two, three").stall())
            .text("I have looked around.")
            .text("All is well."),
    )
    .await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    // Steering: the agent takes up what it is told at its next step. A control works from any task.
    let mut turn = thread.run("Write a parser").stream().await?;
    let control = turn.control();
    while let Some(event) = turn.try_next().await? {
        if let Event::TextDelta { text, .. } = event {
            println!("agent: {text}");
            if text.contains("in C") {
                control.steer("In Rust, please").await?;
                gate.open();
            }
        }
    }

    // Interrupting: the turn ends, and what it has given until then is there.
    let mut turn = thread.run("Count to a million").stream().await?;
    while let Some(event) = turn.try_next().await? {
        if let Event::TextDelta { .. } = event {
            turn.control().interrupt().await?;
        }
    }
    let output = turn.finish().await?;
    println!("{} by {:?}: {}", output.status, output.interrupted_by, output.streamed_text);

    // Detaching: dropping a turn interrupts it, this lets it run on.
    thread.run("Look around").stream().await?.detach();
    // A thread runs one turn at a time, so the next one has to wait.
    let output = thread.run("And?").on_busy(Busy::Wait(Duration::from_secs(60))).await?;
    println!("agent: {}", output.text());
    codex.close().await;
    Ok(())
}
