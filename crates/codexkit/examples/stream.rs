//! Watch a turn while it runs: text as it is written, commands with their output, changes of files.
//!
//! ```text
//! cargo run --example stream
//! ```

mod support;

use codexkit::protocol::types::ThreadItem;
use codexkit::{Event, Sandbox};
use codexkit_testkit::model::{Message, Model, Response};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(
        Model::script()
            .respond(Response::new().text(Message::words("I look at the file first.")).exec("cat notes.txt"))
            .patch("*** Begin Patch\n*** Update File: notes.txt\n@@\n-helo\n+hello\n*** End Patch\n")
            .text(Message::words("A letter was missing.")),
    )
    .await?;
    offline.fixture.write("notes.txt", "helo\n")?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().sandbox(Sandbox::WorkspaceWrite).await?;

    let mut turn = thread.run("Correct notes.txt").stream().await?;
    while let Some(event) = turn.try_next().await? {
        match event {
            Event::TextDelta { text, .. } => print!("{text}"),
            Event::ItemCompleted(ThreadItem::AgentMessage(_)) => println!(),
            Event::ItemStarted(ThreadItem::CommandExecution(command)) => println!("$ {}", command.command),
            // Its whole output. `OutputDelta` has that of a longer command bit by bit.
            Event::ItemCompleted(ThreadItem::CommandExecution(command)) => {
                print!("{}", command.aggregated_output.unwrap_or_default());
            }
            Event::ItemCompleted(ThreadItem::FileChange(change)) => {
                println!("{} file(s) changed: {}", change.changes.len(), change.status);
            }
            // The server could not reach the model, and tries again by itself.
            Event::Retrying(error) => println!("({})", error.message),
            // This program was too slow; only what can be spared is left out, such as output of commands.
            Event::Lagged { missed } => println!("({missed} events were left out)"),
            _ => {}
        }
    }
    // All that was streamed is here, too: the end of the turn, its items, text, tokens, changes.
    let output = turn.finish().await?.into_result()?;
    println!("{}", output.diff.unwrap_or_default());
    codex.close().await;
    Ok(())
}
