//! A turn on the real codex, watched in the terminal.
//!
//! ```text
//! cargo run --example quickstart [PROMPT]           a scripted model: no login, no tokens, a private home
//! cargo run --example quickstart -- --live [PROMPT] your own login and model, in the current folder
//! ```

mod support;

use codexkit::protocol::types::ThreadItem;
use codexkit::{Approval, ApprovalAnswer, Approvals, Codex, CodexBuilder, Event, Provision, Sandbox, Turn};
use codexkit_testkit::model::{Exec, Message, Model, Response};
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let live = arguments.first().is_some_and(|first| first == "--live");
    let prompt = arguments.split_off(usize::from(live)).join(" ");
    if live { run_live(&prompt).await } else { run_scripted(&prompt).await }
}

/// The user's own codex, in the current folder, which it may read.
async fn run_live(prompt: &str) -> Result<(), Box<dyn Error>> {
    let prompt =
        if prompt.is_empty() { "What is in this folder? Answer in three sentences." } else { prompt };
    note("Using your own login, configuration and model. The agent may read; for more it has to ask you.");
    let codex = provisioned(Codex::builder()).on_approval(ask_user).start().await?;
    let thread = codex.start_thread().cwd(".").sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await?;
    say_prompt(prompt);
    watch(thread.run(prompt).stream().await?).await?;
    codex.close().await;
    Ok(())
}

/// The real codex with a model that follows a script.
async fn run_scripted(prompt: &str) -> Result<(), Box<dyn Error>> {
    let prompt = if prompt.is_empty() { "Leave a note in the workspace." } else { prompt };
    note("The codex is real, its model is a script: no login, no tokens, a private home.");
    let offline = support::offline(script()).await?;
    let codex = provisioned(offline.fixture.codex()).on_approval(ask_user).start().await?;
    if let Some(version) = codex.server_info().version {
        note(&format!("codex {version} has started."));
    }
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await?;
    say_prompt(prompt);
    watch(thread.run(prompt).stream().await?).await?;
    codex.close().await;
    note("Try `--live` to do it with your own login and model.");
    Ok(())
}

/// Installs codex if there is none, and says so.
fn provisioned(builder: CodexBuilder) -> CodexBuilder {
    builder.provision(Provision::pinned().on_progress(|progress| note(&format!("{progress} ..."))))
}

/// What the scripted model says and does.
fn script() -> codexkit_testkit::model::Script {
    let paced = |text: &str| Message::words(text).paced(Duration::from_millis(25));
    let write = Exec::new("echo 'hello from codexkit' > note.txt && cat note.txt")
        .escalated("the sandbox lets me read only, and the note has to be written");
    Model::script()
        .respond(Response::new().text(paced("I look at the workspace first.")).exec("ls -a"))
        .respond(Response::new().text(paced("It is empty. Now I write the note, if you let me.")).exec(write))
        .text(paced("That is all: you saw text as it was streamed, a command, and an approval."))
}

/// Shows the events of a turn as they come.
async fn watch(mut turn: Turn) -> codexkit::Result<()> {
    while let Some(event) = turn.try_next().await? {
        match event {
            Event::TextDelta { text, .. } => print(&text),
            Event::ItemCompleted(ThreadItem::AgentMessage(_)) => println!(),
            Event::ItemStarted(ThreadItem::CommandExecution(command)) => {
                println!("{} {}", colour("33", "$"), command.command);
            }
            Event::ItemCompleted(ThreadItem::CommandExecution(command)) => {
                let output = command.aggregated_output.unwrap_or_default();
                output.lines().for_each(|line| println!("{}", colour("2", &format!("  {line}"))));
                println!("{}", colour("2", &format!("  ({})", command.status)));
            }
            Event::Retrying(error) => note(&error.message),
            _ => {}
        }
    }
    let output = turn.finish().await?.into_result()?;
    let tokens = output.usage.map_or(0, |usage| usage.turn.total);
    note(&format!("The turn took {:?} and {tokens} tokens.", output.timings.duration.unwrap_or_default()));
    Ok(())
}

/// Leaves the decision to whoever sits at the terminal. Without one, the answer is no.
async fn ask_user(ask: Approval) -> ApprovalAnswer {
    let what = ask.command_line().unwrap_or("a change of files").to_owned();
    let why = ask.reason().unwrap_or("no reason was given").to_owned();
    println!("{} the agent wants to run: {what}\n  because: {why}", colour("35", "?"));
    if !io::stdin().is_terminal() {
        note("Nobody is at the terminal, so the answer is no.");
        return ask.decline();
    }
    print("  allow it? [y/N] ");
    let mut answer = String::new();
    let read = tokio::task::spawn_blocking(move || io::stdin().read_line(&mut answer).map(|_| answer));
    match read.await {
        Ok(Ok(answer)) if answer.trim().eq_ignore_ascii_case("y") => ask.accept(),
        _ => ask.decline(),
    }
}

fn say_prompt(prompt: &str) {
    println!("\n{} {prompt}\n", colour("1;36", ">"));
}

fn note(text: &str) {
    println!("{}", colour("2", text));
}

fn print(text: &str) {
    print!("{text}");
    // A terminal that has gone away is no reason to stop.
    let _ = io::stdout().flush();
}

/// Colours only where somebody sees them.
fn colour(code: &str, text: &str) -> String {
    match io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}
