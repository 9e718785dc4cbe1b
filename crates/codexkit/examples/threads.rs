//! The life of a thread: named, found, forked, rolled back, put away, fetched back, deleted.
//!
//! ```text
//! cargo run --example threads
//! ```

mod support;

use codexkit::Codex;
use codexkit::protocol::types::ThreadListParams;
use codexkit_testkit::model::{Model, Response};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // This model repeats what the user has said so far; the server has put one message before.
    let counting = |request: &codexkit_testkit::model::ModelRequest| {
        Response::new().text(format!("That is {}.", request.user_texts()[1..].join(" and ")))
    };
    let offline = support::offline(Model::respond_with(counting)).await?;
    let codex = offline.codex().start().await?;

    let thread = codex.start_thread().await?;
    thread.run("apples").await?;
    println!("{}", thread.run("pears").await?.text());
    thread.set_name("shopping").await?;
    println!("stored: {:?}", names(&codex, false).await?);

    // A fork has the history, and goes its own way from there.
    let fork = thread.fork().ephemeral(true).await?;
    println!("the fork: {}", fork.run("nuts").await?.text());

    thread.archive().await?;
    println!("stored: {:?}, put away: {:?}", names(&codex, false).await?, names(&codex, true).await?);
    thread.unarchive().await?;
    println!("fetched back: {}", thread.run("figs").await?.text());

    // The last turn is forgotten, as if it had never been. Changed files stay as they are.
    thread.rollback(1).await?;
    println!("rolled back: {}", thread.run("plums").await?.text());
    println!("turns: {}", thread.turns().all().await?.len());

    thread.delete().await?;
    println!("stored: {:?}", names(&codex, false).await?);
    codex.close().await;
    Ok(())
}

/// What the threads are called that the server has stored, over all pages of the list.
async fn names(codex: &Codex, archived: bool) -> codexkit::Result<Vec<String>> {
    let threads = codex.list(ThreadListParams::new().archived(archived)).all().await?;
    Ok(threads.into_iter().map(|thread| thread.name.unwrap_or(thread.preview)).collect())
}
