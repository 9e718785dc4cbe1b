//! Waits that end on the real codex, whatever the model or the network does.

use codexkit::protocol::Version;
use codexkit::protocol::types::TurnStatus;
use codexkit::{Clock, ErrorKind, Event};
use e2e::model::{Message, Model};
use e2e::{Stage, covers, differs_before, skipped, soon};
use std::time::Duration;

#[tokio::test]
async fn a_dead_network_ends_the_wait_and_the_turn() {
    covers!["D20"];
    if differs_before(Version::new(0, 163, 0), "a turn that waits for the network and can be interrupted")
        .await
    {
        return;
    }
    let mut stage = Stage::new(Model::script()).await;
    stage.break_network();
    let thread = stage.thread().await;

    let run = thread.run("Hello").network(Duration::from_millis(100));
    let error = soon("the end of the wait", run.into_future()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Stalled);
    assert!(error.to_string().contains("network"), "{error}");
    assert_eq!(error.output().unwrap().status, TurnStatus::Interrupted);
}

#[tokio::test]
async fn a_model_that_never_answers_stalls_the_turn_which_can_go_on() {
    covers!["003-151", "003-175", "003-178", "003-183", "003-246", "D20"];
    if skipped() {
        return;
    }
    let gate = e2e::model::Gate::new();
    let stage = Stage::new(Model::script().text(Message::chunks(["One"]).gate(&gate).chunk("Two"))).await;
    let thread = stage.thread().await;

    let mut turn = thread.run("Count").idle(Duration::from_millis(300)).stream().await.unwrap();
    let error = loop {
        match soon("a word", turn.try_next()).await {
            Ok(event) => assert!(event.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Stalled);
    assert_eq!(error.output().unwrap().streamed_text, "One");
    assert_eq!(error.continuation().unwrap().turn, *turn.id());
    assert!(error.stalled_turn().unwrap().silent_for >= Duration::from_millis(300));

    gate.open();
    let mut text = String::new();
    while let Some(event) = soon("the rest", turn.try_next()).await.unwrap() {
        if let Event::TextDelta { text: more, .. } = event {
            text.push_str(&more);
        }
    }
    assert_eq!(text, "Two");
    assert_eq!(turn.finish().await.unwrap().text(), "OneTwo");
}

#[tokio::test]
async fn a_turn_that_takes_too_long_in_all_is_interrupted() {
    covers!["000-022", "000-035", "003-244", "D20"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().never()).await;
    let thread = stage.thread().await;
    let run = thread.run("Think forever").total(Duration::from_millis(300));
    let error = soon("the end", run.into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Clock::Turn));
    assert_eq!(error.output().unwrap().status, TurnStatus::Interrupted);
}
