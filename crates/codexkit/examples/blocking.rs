//! Without async: a plain `main`, streams as iterators, and two threads of the program with an agent each.
//!
//! ```text
//! cargo run --example blocking --features blocking
//! ```

mod support;

use codexkit::Event;
use codexkit::blocking::{Codex, CodexBuilder, Tool};
use codexkit_testkit::model::{Message, Model, Script, prompt_contains};
use serde_json::{Value, json};
use std::error::Error;
use std::process::Command;
use std::thread;

fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::blocking::offline(script())?;
    let codex = CodexBuilder::from(offline.codex()).start()?;

    // What is awaited elsewhere ends with `wait`.
    let thread = codex.start_thread().tool(kernel()).wait()?;
    let output = thread.run("What does this machine run?").wait()?;
    println!("{}", output.text());

    // A stream is an iterator, and other threads hold handles of the same connection.
    let questions = ["What is a crate?", "What is a trait?"];
    let agents = questions.map(|question| {
        let codex = codex.clone();
        thread::spawn(move || ask(&codex, question))
    });
    for agent in agents {
        println!("{}", agent.join().map_err(|_| "the thread of an agent panicked")??);
    }
    // The last handle closes the connection, and waits for it.
    Ok(())
}

fn ask(codex: &Codex, question: &str) -> codexkit::Result<String> {
    let mut answer = String::new();
    for event in codex.start_thread().ephemeral(true).wait()?.run(question).stream()? {
        if let Event::TextDelta { text, .. } = event? {
            answer += &text;
        }
    }
    Ok(answer)
}

/// The function may block: each call runs on a thread of its own.
fn kernel() -> Tool {
    let nothing = json!({ "type": "object", "properties": {} });
    Tool::new("kernel", "Tells the name of the operating system", nothing, |_: Value| {
        let output = Command::new("uname").output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    })
}

/// What the model answers.
fn script() -> Script {
    let said = |text: &str| Model::script().text(Message::words(text));
    Model::script()
        .when(prompt_contains("crate"), said("A crate is what is compiled at once."))
        .when(prompt_contains("trait"), said("A trait is what types have in common."))
        .call("kernel", json!({}))
        .text("It is one of those.")
}
