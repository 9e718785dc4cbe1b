//! Goals, which the agent pursues over several turns.

use codexkit::protocol::types::{ThreadGoalStatus, TurnStatus};
use codexkit::{ErrorKind, Event, Thread};
use e2e::model::{Gate, Model, ModelRequest, Response, Script};
use e2e::{Stage, covers, processes, skipped, soon};
use serde_json::json;

/// A model that says that the goal is reached in its third turn.
fn three_turns() -> Script {
    let done = Response::new().call("update_goal", json!({ "status": "complete" }));
    Model::script().text("First.").text("Second.").respond(done).text("Third.")
}

/// A model that works on a goal for ever, and is free for everything else.
fn busy() -> Script {
    let asked = |request: &ModelRequest| request.last_user_text() == "Hello";
    Model::script().when(asked, Model::script().text("Free.")).never()
}

async fn thread(script: impl Into<Script>) -> (Stage, Thread) {
    let stage = Stage::new(script).await;
    let thread = stage.thread().await;
    (stage, thread)
}

#[tokio::test]
async fn a_goal_is_one_logical_turn_over_several() {
    covers!["O30", "O31", "O32"];
    if skipped() {
        return;
    }
    let (stage, thread) = thread(three_turns()).await;

    let mut run = soon("the goal", thread.pursue("Tidy up").stream()).await.unwrap();
    let (mut begun, mut ended, mut texts) = (0, 0, String::new());
    while let Some(event) = soon("an event", run.try_next()).await.unwrap() {
        match event {
            Event::TurnStarted(_) => begun += 1,
            Event::TurnCompleted(_) => ended += 1,
            Event::TextDelta { text, .. } => texts.push_str(&text),
            _ => {}
        }
    }
    let output = run.finish().await.unwrap();

    assert_eq!((begun, ended, texts.as_str()), (1, 1, "First.Second.Third."));
    assert_eq!(output.goal.unwrap().status, ThreadGoalStatus::Complete);
    let texts: Vec<&str> = output.turns.iter().map(|turn| turn.text()).collect();
    assert_eq!(texts, ["First.", "Second.", "Third."]);
    stage.model.assert_finished();
    // Also when the server has put it away meanwhile.
    thread.archive().await.unwrap();
    thread.unarchive().await.unwrap();
    let again = soon("another goal", thread.pursue("Once more").stream()).await;
    assert!(again.is_ok(), "the thread is free again: {again:?}");
}

#[tokio::test]
async fn an_interrupted_goal_is_paused_and_no_turn_follows() {
    covers!["O32", "O33"];
    if skipped() {
        return;
    }
    let (_stage, thread) = thread(busy()).await;
    let run = soon("the goal", thread.pursue("Tidy up").stream()).await.unwrap();
    run.control().interrupt().await.unwrap();

    let output = soon("the end", run.finish()).await.unwrap();

    assert_eq!(output.goal.unwrap().status, ThreadGoalStatus::Paused);
    assert_eq!(
        output.turns.iter().map(|turn| turn.status.clone()).collect::<Vec<_>>(),
        [TurnStatus::Interrupted]
    );
    assert_eq!(soon("a turn", thread.run("Hello").into_future()).await.unwrap().text(), "Free.");
}

#[tokio::test]
async fn a_goal_that_is_let_go_of_is_paused() {
    if skipped() {
        return;
    }
    let (_stage, thread) = thread(busy()).await;
    let mut events = thread.codex().subscribe().unwrap();
    drop(soon("the goal", thread.pursue("Tidy up").stream()).await.unwrap());
    while !matches!(soon("the end", events.try_next()).await.unwrap().unwrap(), Event::TurnCompleted(_)) {}
    assert_eq!(soon("a turn", thread.run("Hello").into_future()).await.unwrap().text(), "Free.");
}

#[tokio::test]
async fn what_is_no_goal_is_refused() {
    covers!["003-177", "O30", "O34"];
    if skipped() {
        return;
    }
    let (stage, thread) = thread(Model::script()).await;
    for objective in [" ".to_owned(), "x".repeat(4001)] {
        let error = thread.pursue(objective).into_future().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    }
    let ephemeral = stage.start().await.start_thread().ephemeral(true).await.unwrap();
    let error = ephemeral.pursue("Tidy up").into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

#[tokio::test]
async fn a_goal_is_steered_in_the_turn_that_runs_and_lets_no_other_in() {
    covers!["O33", "O34"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let done = Response::new().call("update_goal", json!({ "status": "complete" }));
    let script =
        Model::script().respond(Response::new().gate(&gate).exec("true")).respond(done).text("Done.");
    let (stage, thread) = thread(script).await;
    let run = soon("the goal", thread.pursue("  Tidy up  ").stream()).await.unwrap();
    soon("the model", gate.reached()).await;

    soon("steering", run.control().steer("The attic, too")).await.unwrap();
    assert_eq!(thread.run("Hello").into_future().await.unwrap_err().kind(), ErrorKind::Busy);
    gate.open();
    let output = soon("the end", run.finish()).await.unwrap();

    assert_eq!(output.goal.unwrap().objective, "Tidy up");
    assert_eq!(stage.model.requests()[1].last_user_text(), "The attic, too");
}

#[tokio::test]
async fn a_goal_ends_with_its_server() {
    covers!["O27"];
    if skipped() {
        return;
    }
    let (_stage, thread) = thread(busy()).await;
    let mut run = soon("the goal", thread.pursue("Tidy up").stream()).await.unwrap();
    processes::kill(thread.codex().pid().unwrap());
    let error = loop {
        match soon("the end", run.try_next()).await {
            Ok(event) => assert!(event.is_some(), "it did not end well"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Closed);
}
