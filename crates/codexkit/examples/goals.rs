//! Set the agent a goal, which it pursues by itself, turn after turn.
//!
//! ```text
//! cargo run --example goals
//! ```

mod support;

use codexkit::Event;
use codexkit::protocol::types::{ThreadGoalStatus, ThreadItem};
use codexkit_testkit::model::{Model, Response};
use serde_json::json;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let reached = Response::new().call("update_goal", json!({ "status": "complete" }));
    let offline = support::offline(
        Model::script()
            .text("Two tests fail. I mend the first one.")
            .text("I mend the second one.")
            .respond(reached)
            .text("All tests pass."),
    )
    .await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    // The server begins a turn after the other until the agent says that it is there, or the tokens are spent. All of them
    // together are one stream. Dropping it pauses the goal; `goal.control()` steers and stops it.
    let mut goal = thread.pursue("All tests pass").token_budget(100_000).stream().await?;
    while let Some(event) = goal.try_next().await? {
        if let Event::ItemCompleted(ThreadItem::AgentMessage(message)) = event {
            println!("agent: {}", message.text);
        }
    }
    let output = goal.finish().await?;
    println!("turns: {}", output.turns.len());
    match output.goal {
        Some(goal) if goal.status == ThreadGoalStatus::Complete => {
            println!("reached, with {} tokens", goal.tokens_used);
        }
        Some(goal) => println!("not reached: {}", goal.status),
        None => println!("somebody has cleared the goal"),
    }
    codex.close().await;
    Ok(())
}
