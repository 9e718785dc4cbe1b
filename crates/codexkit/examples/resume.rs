//! Go on with a conversation in another program, a day later.
//!
//! ```text
//! cargo run --example resume
//! ```

mod support;

use codexkit::protocol::ThreadId;
use codexkit_testkit::model::Model;
use std::error::Error;
use support::Offline;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let script = Model::script().text("I will remember it.").text("Your cat is called Ada.");
    let offline = support::offline(script).await?;
    // All that has to be kept is the id. It is a text, and serde can store it.
    let id = monday(&offline).await?.to_string();
    tuesday(&offline, id.into()).await
}

async fn monday(offline: &Offline) -> Result<ThreadId, Box<dyn Error>> {
    let codex = offline.codex().start().await?;
    // The server stores a thread with its first turn, unless it is `ephemeral(true)`.
    let thread = codex.start_thread().await?;
    println!("monday: {}", thread.run("My cat is called Ada.").await?.text());
    let id = thread.id().clone();
    codex.close().await;
    Ok(id)
}

async fn tuesday(offline: &Offline, id: ThreadId) -> Result<(), Box<dyn Error>> {
    let codex = offline.codex().start().await?;
    // Model, folder and sandbox stay as they were, unless something else is set here.
    let thread = codex.resume_thread(id).await?;
    println!("the conversation began with: {}", thread.info().preview);
    println!("tuesday: {}", thread.run("What is the name of my cat?").await?.text());
    codex.close().await;
    Ok(())
}
