//! A conversation of two runs, and what a run gives.
//!
//! ```text
//! cargo run --example run
//! ```

mod support;

use codexkit::Sandbox;
use codexkit_testkit::model::Model;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(
        Model::script()
            .exec("ls")
            .text("There is one file, main.rs.")
            .text("It is written in Rust.")
            .text("Four."),
    )
    .await?;
    offline.fixture.write("main.rs", "fn main() {}\n")?;
    let codex = offline.codex().start().await?;

    // A thread is a conversation: each run goes on where the one before has ended.
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).await?;
    let output = thread.run("What is in this folder?").await?;
    println!("agent: {}", output.text());
    println!(
        "it took these items: {}",
        output.items.iter().map(|item| item.tag()).collect::<Vec<_>>().join(", ")
    );
    if let Some(usage) = output.usage {
        println!("and {} tokens in {} answers of the model", usage.turn.total, usage.model_calls);
    }

    println!("agent: {}", thread.run("And in which language?").await?.text());

    // A single question needs no thread.
    println!("agent: {}", codex.ask("What is two and two?").await?.text());
    codex.close().await;
    Ok(())
}
