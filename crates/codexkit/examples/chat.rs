//! Talk with the agent in the terminal. It may read, and has to ask for everything else.
//!
//! ```text
//! cargo run --example chat            a scripted model
//! cargo run --example chat -- --live  your own login and model, in the current folder
//! ```

mod support;

use codexkit::protocol::types::ThreadItem;
use codexkit::{Approval, ApprovalAnswer, Approvals, Event, Sandbox, Thread};
use codexkit_testkit::model::{Exec, Message, Model};
use std::error::Error;
use std::io::{self, Write};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let script = Model::script().text(Message::words("Hello! I am a script."));
    let script =
        script.exec(Exec::new("echo hello > note.txt").escalated("you want it")).text("As you like.");
    let offline = support::offline(script.text("We have not met.")).await?;
    let codex = offline.codex_or_live().on_approval(ask_user).start().await?;
    let begin_anew = || codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask);

    let mut thread = begin_anew().await?;
    while let Some(line) = read_line("you (or /new): ".to_owned()).await? {
        match line.trim() {
            "" => {}
            "/new" => thread = begin_anew().await?,
            // A turn that fails is no reason to end the conversation.
            prompt => answer(&thread, prompt).await.unwrap_or_else(|error| println!("({error})")),
        }
    }
    codex.close().await;
    Ok(())
}

async fn answer(thread: &Thread, prompt: &str) -> Result<(), Box<dyn Error>> {
    let mut turn = thread.run(prompt).stream().await?;
    while let Some(event) = turn.try_next().await? {
        match event {
            Event::TextDelta { text, .. } => print!("{text}"),
            Event::ItemCompleted(ThreadItem::AgentMessage(_)) => println!(),
            _ => {}
        }
        io::stdout().flush()?;
    }
    turn.finish().await?.into_result()?;
    Ok(())
}

async fn ask_user(ask: Approval) -> ApprovalAnswer {
    let what = ask.command_line().unwrap_or("change files");
    let answer = read_line(format!("may it do this: {what}? [y/N] ")).await;
    if answer.is_ok_and(|line| line.as_deref() == Some("y")) { ask.accept() } else { ask.decline() }
}

/// None at the end of the input. Reading blocks, so it is done on a thread that may block.
async fn read_line(prompt: String) -> io::Result<Option<String>> {
    let reading = tokio::task::spawn_blocking(move || {
        print!("{prompt}");
        io::stdout().flush()?;
        io::stdin().lines().next().transpose()
    });
    reading.await?
}
