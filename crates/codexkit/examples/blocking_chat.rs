//! Talk with the agent in the terminal, without async. It may read, and has to ask for everything else.
//!
//! ```text
//! cargo run --example blocking_chat --features blocking            a scripted model
//! cargo run --example blocking_chat --features blocking -- --live  your own login and model, in the current folder
//! ```

mod support;

use codexkit::blocking::{CodexBuilder, Thread};
use codexkit::protocol::types::ThreadItem;
use codexkit::{Approval, ApprovalAnswer, Approvals, Event, Sandbox};
use codexkit_testkit::model::{Exec, Message, Model};
use std::error::Error;
use std::io::{self, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let script = Model::script().text(Message::words("Hello! I am a script."));
    let script =
        script.exec(Exec::new("echo hello > note.txt").escalated("you want it")).text("As you like.");
    let offline = support::blocking::offline(script.text("We have not met."))?;
    let codex = CodexBuilder::from(offline.codex_or_live()).on_approval(ask_user).start()?;
    let begin_anew = || codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask);

    let mut thread = begin_anew().wait()?;
    while let Some(line) = read_line("you (or /new): ")? {
        match line.trim() {
            "" => {}
            "/new" => thread = begin_anew().wait()?,
            // A turn that fails is no reason to end the conversation.
            prompt => answer(&thread, prompt).unwrap_or_else(|error| println!("({error})")),
        }
    }
    codex.close()?;
    Ok(())
}

fn answer(thread: &Thread, prompt: &str) -> Result<(), Box<dyn Error>> {
    let mut turn = thread.run(prompt).stream()?;
    for event in &mut turn {
        match event? {
            Event::TextDelta { text, .. } => print!("{text}"),
            Event::ItemCompleted(ThreadItem::AgentMessage(_)) => println!(),
            _ => {}
        }
        io::stdout().flush()?;
    }
    turn.finish()?.into_result()?;
    Ok(())
}

fn ask_user(ask: Approval) -> ApprovalAnswer {
    let what = ask.command_line().unwrap_or("change files");
    let answer = read_line(&format!("may it do this: {what}? [y/N] "));
    if answer.is_ok_and(|line| line.as_deref() == Some("y")) { ask.accept() } else { ask.decline() }
}

/// None at the end of the input.
fn read_line(prompt: &str) -> io::Result<Option<String>> {
    print!("{prompt}");
    io::stdout().flush()?;
    io::stdin().lines().next().transpose()
}
