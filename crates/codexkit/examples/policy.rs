//! Stop a turn by what happens in it, however it came to that.
//!
//! ```text
//! cargo run --example policy
//! ```

mod support;

use codexkit::protocol::types::{ThreadItem, TurnStatus};
use codexkit::{Event, InterruptedBy};
use codexkit_testkit::model::Model;
use std::error::Error;
use std::ops::ControlFlow::{self, Break, Continue};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::script().text("It is a parser.").exec("ls").never()).await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    for prompt in ["Explain this crate", "Explain it better"] {
        // A turn that does more than talk is interrupted. `outcome` makes that a value; a plain run would fail.
        let output = thread.run(prompt).on_event(words_only).outcome().await?;
        match (output.status, output.interrupted_by) {
            (TurnStatus::Completed, _) => println!("agent: {}", output.streamed_text),
            (_, Some(InterruptedBy::Policy)) => println!("stopped: it wanted to do more than talk"),
            (status, by) => println!("{status} {by:?}"),
        }
    }
    codex.close().await;
    Ok(())
}

/// The policy sees every event. What has begun may be over before the interrupt arrives, so this is for stopping early, not
/// for safety: what must not happen at all needs a sandbox, an approval, or rules.
fn words_only(event: &Event) -> ControlFlow<()> {
    match event {
        Event::ItemStarted(ThreadItem::UserMessage(_) | ThreadItem::AgentMessage(_)) => Continue(()),
        Event::ItemStarted(ThreadItem::Reasoning(_) | ThreadItem::Plan(_)) => Continue(()),
        Event::ItemStarted(_) => Break(()),
        _ => Continue(()),
    }
}
