//! Give a turn, or a whole thread, so much and no more.
//!
//! ```text
//! cargo run --example budgets
//! ```

mod support;

use codexkit::{Budget, ErrorKind};
use codexkit_testkit::model::{Model, Response, Usage, prompt_is};
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let costly = |response: Response| response.usage(Usage::new(900, 100));
    let script = Model::script()
        .respond(costly(Response::new().exec("cat chapter-1")))
        .respond(costly(Response::new().text("The first chapter is dull.").exec("cat chapter-2")))
        .never()
        .when(prompt_is("That is enough"), Model::script().text("It is dull."));
    let offline = support::offline(script).await?;
    let codex = offline.codex().start().await?;

    // For all turns of the thread together: tokens, and time while they run.
    let whole = Budget::new().tokens(50_000).time(Duration::from_secs(3600));
    let thread = codex.start_thread().budget(whole).await?;

    // For this turn. It is stopped when it would need one more; what it has given is in the error.
    match thread.run("Read the book").budget(Budget::new().model_calls(2)).await {
        Ok(output) => println!("agent: {}", output.text()),
        Err(error) if error.kind() == ErrorKind::BudgetExceeded => {
            println!("stopped: {error}");
            let given = error.output().ok_or("an error without output")?;
            println!("so far: {}", given.streamed_text);
            println!("tokens: {}", given.usage.map_or(0, |usage| usage.turn.total));
        }
        Err(error) => return Err(error.into()),
    }
    println!("agent: {}", thread.run("That is enough").await?.text());
    codex.close().await;
    Ok(())
}
