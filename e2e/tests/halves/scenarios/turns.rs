//! Turns: waited for, watched, steered, stopped, many at once.

use super::super::half::{Settle, builder};
use crate::plain::{block_on, stage};
use codexkit::protocol::types::{ThreadItem, TurnStatus};
use codexkit::{Budget, BudgetCap, ErrorKind, Event, InterruptedBy, StepKind};
use e2e::model::{Gate, Message, Model, Response, prompt_contains};
use e2e::{covers, skipped};
use serde_json::{Value, json};
use std::thread;

#[test]
fn a_turn_gives_its_text_and_items() {
    covers!["000-065", "001-079"];
    if skipped() {
        return;
    }
    let (stage, settings) = stage(Model::script().text(Message::chunks(["Hello", ", world"])));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().developer_instructions("Be brief").settle().unwrap();

    let output = thread.run("Greet the world").settle().unwrap();

    assert_eq!((output.text(), &output.status), ("Hello, world", &TurnStatus::Completed));
    let kinds: Vec<_> = output.items.iter().map(ThreadItem::tag).collect();
    assert_eq!(kinds, ["userMessage", "agentMessage"]);
    assert_eq!(output.thread, *thread.id());
    let asked = &stage.model.requests()[0];
    assert_eq!(asked.last_user_text(), "Greet the world");
    assert!(asked.body().to_string().contains("Be brief"));
    stage.model.assert_finished();
}

#[test]
fn a_failed_turn_is_an_error_with_its_output_or_a_value() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().fail(400).fail(400));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let error = thread.run("Go").settle().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TurnFailed);
    assert_eq!(error.output().unwrap().status, TurnStatus::Failed);

    let outcome = thread.run("Go").outcome().settle().unwrap();
    assert_eq!(outcome.status, TurnStatus::Failed);
}

#[test]
fn events_come_one_by_one_and_then_the_output() {
    covers!["001-089"];
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().text(Message::chunks(["a", "b", "c"])));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let mut turn = thread.run("Go").stream().settle().unwrap();
    let mut seen = Vec::new();
    while let Some(event) = turn.try_next().settle().unwrap() {
        match event {
            Event::TextDelta { text, .. } => seen.push(text),
            Event::TurnCompleted(turn) => seen.push(turn.status.to_string()),
            _ => {}
        }
    }

    assert_eq!(seen, ["a", "b", "c", "completed"]);
    assert_eq!(turn.finish().settle().unwrap().text(), "abc");
}

#[test]
fn steps_are_the_completed_items() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().exec("echo hi").text("Done."));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let mut steps = thread.run("Go").stream().settle().unwrap().steps();
    let mut kinds = Vec::new();
    while let Some(step) = steps.try_next().settle().unwrap() {
        kinds.push(step.kind);
    }

    assert_eq!(kinds, [StepKind::User, StepKind::Command, StepKind::Agent]);
    assert_eq!(steps.finish().settle().unwrap().text(), "Done.");
}

#[test]
fn another_thread_steers_and_interrupts() {
    if skipped() {
        return;
    }
    // Given a turn that speaks and then waits,
    let gate = Gate::new();
    let speaking = Message::new("Well,").gate(&gate).chunk(" no.");
    let (stage, settings) = stage(Model::script().text(speaking).never());
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let mut turn = thread.run("Drive").stream().settle().unwrap();
    block_on("the words", gate.reached());

    // when another thread of the program steers it,
    let control = turn.control();
    let steering = control.clone();
    thread::spawn(move || steering.steer("Turn left").settle()).join().unwrap().unwrap();
    gate.open();
    let asked = block_on("the next request", stage.model.wait_for_requests(2));
    assert_eq!(asked[1].last_user_text(), "Turn left");

    // and then stops it, while this one reads,
    let stopping = thread::spawn(move || control.interrupt().settle());
    while turn.try_next().settle().unwrap().is_some() {}
    stopping.join().unwrap().unwrap();

    // then it has ended as an interrupted one.
    let output = turn.finish().settle().unwrap();
    assert_eq!(output.interrupted_by, Some(InterruptedBy::Program));
    assert_eq!(output.status, TurnStatus::Interrupted);
}

#[test]
fn eight_threads_of_the_program_work_on_one_connection() {
    if skipped() {
        return;
    }
    let script = (0..8).fold(Model::script(), |script, n| {
        let answer = Model::script().text(Message::words(format!("this is the answer {n}")));
        script.when(prompt_contains(format!("question {n}")), answer)
    });
    let (_stage, settings) = stage(script);
    let codex = builder(settings).start().settle().unwrap();

    let workers: Vec<_> = (0..8)
        .map(|n| {
            let codex = codex.clone();
            thread::spawn(move || {
                let thread = codex.start_thread().settle()?;
                thread.run(format!("question {n}")).settle()
            })
        })
        .collect();

    for (n, worker) in workers.into_iter().enumerate() {
        assert_eq!(worker.join().unwrap().unwrap().text(), format!("this is the answer {n}"));
    }
}

#[test]
fn an_answer_has_the_form_that_was_asked_for() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(Model::script().text("no form").text(r#"{"files":["a.rs"]}"#));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let schema = json!({
        "type": "object",
        "properties": { "files": { "type": "array", "items": { "type": "string" } } },
        "required": ["files"],
        "additionalProperties": false,
    });

    let answer = thread.run("Which?").json_schema::<Value>(schema).repair().settle().unwrap();

    assert_eq!(answer.value["files"], json!(["a.rs"]));
    assert_eq!(answer.rejected.unwrap().text(), "no form");
    assert!(stage.model.requests()[1].last_user_text().contains("required form"));
}

#[test]
fn a_budget_ends_a_turn() {
    if skipped() {
        return;
    }
    let (_stage, settings) =
        stage(Model::script().respond(Response::new().exec("true")).exec("true").never());
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let outcome = thread.run("Go").budget(Budget::new().model_calls(1)).outcome().settle().unwrap();

    assert_eq!(outcome.interrupted_by, Some(InterruptedBy::Budget));
    assert_eq!(outcome.budget_exceeded, Some(BudgetCap::ModelCalls(1)));
}

#[test]
fn a_goal_is_pursued_over_several_turns() {
    if skipped() {
        return;
    }
    let done = Response::new().call("update_goal", json!({ "status": "complete" }));
    let (_stage, settings) = stage(Model::script().text("First.").respond(done).text("Second."));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let output = thread.pursue("Tidy up").settle().unwrap();

    let texts: Vec<&str> = output.turns.iter().map(|turn| turn.text()).collect();
    assert_eq!(texts, ["First.", "Second."]);
}
