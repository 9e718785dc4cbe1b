//! Answer the questions of an agent in the terminal. It asks them in plan mode.
//!
//! ```text
//! cargo run --example questions
//! ```

mod support;

use codexkit::protocol::types::{CollaborationMode, ModeKind, Settings, ToolRequestUserInputQuestion};
use codexkit::{UserInputAnswers, UserInputRequest};
use codexkit_testkit::model::Model;
use serde_json::json;
use std::error::Error;
use std::io::{self, Write};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let question = json!({
        "id": "database",
        "header": "Database",
        "question": "Where shall the data live?",
        "options": [
            { "label": "SQLite", "description": "one file, no server" },
            { "label": "PostgreSQL", "description": "for many writers" },
        ],
    });
    let offline = support::offline(
        Model::script()
            .call("request_user_input", json!({ "questions": [question] }))
            .text("Then I plan with that."),
    )
    .await?;

    let codex = offline.codex().on_user_input(ask_in_terminal).start().await?;
    let thread = codex.start_thread().await?;
    let plan = CollaborationMode::new(ModeKind::Plan, Settings::new("gpt-5.5"));
    let output = thread.run("Plan the storage").collaboration_mode(plan).await?;

    println!("agent: {}", output.text());
    codex.close().await;
    Ok(())
}

/// Reading a line blocks, so it is done on a thread that may block.
async fn ask_in_terminal(request: UserInputRequest) -> Result<UserInputAnswers, tokio::task::JoinError> {
    tokio::task::spawn_blocking(move || request.answer_each(ask)).await
}

/// The label of an option, or the words of the user; nothing leaves the question open.
fn ask(question: &ToolRequestUserInputQuestion) -> Option<String> {
    let options = question.options.as_deref().unwrap_or_default();
    println!("{}", question.question);
    for (number, option) in options.iter().enumerate() {
        println!("  {}: {} ({})", number + 1, option.label, option.description);
    }
    print!("your answer, a number or words: ");
    io::stdout().flush().ok()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    let chosen = line.trim().parse::<usize>().ok().and_then(|number| options.get(number.checked_sub(1)?));
    let answer = chosen.map_or(line.trim(), |option| &option.label);
    println!("{answer}");
    (!answer.is_empty()).then(|| answer.to_owned())
}
