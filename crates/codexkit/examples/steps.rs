//! Watch a turn step by step, for those who do not want every piece of it.
//!
//! ```text
//! cargo run --example steps
//! ```

mod support;

use codexkit::StepKind;
use codexkit_testkit::model::{Message, Model, Phase, Response};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let first = Message::new("I count the lines.").phase(Phase::Commentary);
    let answer = Message::new("There are two lines.").phase(Phase::FinalAnswer);
    let offline = support::offline(
        Model::script()
            .respond(Response::new().reasoning("**Counting**").text(first).exec("wc -l < notes.txt"))
            .text(answer),
    )
    .await?;
    offline.fixture.write("notes.txt", "one\ntwo\n")?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    // A step comes when it is over, with all that there is to read in it; `step.item` has the rest.
    let mut steps = thread.run("How many lines has notes.txt?").stream().await?.steps();
    while let Some(step) = steps.try_next().await? {
        let who = match step.kind {
            StepKind::User => "you",
            StepKind::Agent => "agent",
            StepKind::Thinking => "thought",
            StepKind::Command => "command",
            StepKind::FileChange => "change",
            StepKind::Tool => "tool",
            _ => continue,
        };
        println!("{who}: {}", step.text.replace('\n', "\n  "));
    }
    let output = steps.finish().await?.into_result()?;
    println!("the answer: {}", output.text());
    codex.close().await;
    Ok(())
}
