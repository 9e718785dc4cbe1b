//! Turns whose wait was broken off, and which are picked up again.

use codexkit::protocol::types::{ThreadItem, TurnStatus};
use codexkit::{Codex, Continuation, ErrorKind, Event, Idle, InterruptedBy, Step, Thread};
use e2e::model::{Gate, Model, Response};
use e2e::simulator::{Act, Simulator};
use e2e::{Stage, covers, skipped, soon};
use std::time::Duration;

/// A wait that ends almost at once, while the turn runs on.
async fn broken_off(thread: &Thread) -> Continuation {
    let run = thread.run("Go").total(Duration::from_millis(1)).on_idle(Idle::Report);
    let error = soon("the end of the wait", run.into_future()).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let stored = serde_json::to_string(error.continuation().expect("a continuation")).unwrap();
    serde_json::from_str(&stored).unwrap()
}

/// A model that says something, and something more once the gate is open.
async fn stage(gate: &Gate) -> (Stage, Codex, Thread) {
    let answer = Response::new().text("First.").gate(gate).text("Last.");
    let stage = Stage::new(Model::script().respond(answer)).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();
    (stage, codex, thread)
}

#[tokio::test]
async fn a_turn_is_picked_up_with_nothing_lost() {
    covers!["000-022", "003-169", "003-176", "003-184", "003-192", "003-196"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let (_stage, codex, thread) = stage(&gate).await;
    let continuation = broken_off(&thread).await;
    gate.open();

    let mut turn = codex.continue_turn(&continuation).await.unwrap();
    let mut texts = String::new();
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        if let Event::TextDelta { text, .. } = event {
            texts.push_str(&text);
        }
    }

    let output = turn.finish().await.unwrap();
    assert_eq!((output.turn, output.status), (continuation.turn, TurnStatus::Completed));
    assert_eq!((output.streamed_text.as_str(), texts.as_str()), ("First.Last.", "First.Last."));
}

#[tokio::test]
async fn a_turn_is_cancelled_with_what_was_unread() {
    covers!["003-185", "003-187", "003-189", "003-191"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let (_stage, codex, thread) = stage(&gate).await;
    let continuation = broken_off(&thread).await;

    let cancelled = soon("the end", codex.cancel(&continuation)).await.unwrap();

    assert_eq!((cancelled.output.status, cancelled.was_over), (TurnStatus::Interrupted, false));
    assert_eq!(cancelled.output.interrupted_by, Some(InterruptedBy::Program));
    assert!(matches!(cancelled.unread.last(), Some(Event::TurnCompleted(_))), "{:?}", cancelled.unread);
    gate.open();
    assert!(
        soon("another turn", thread.run("Again").outcome().into_future()).await.is_ok(),
        "the thread is free"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_unread_is_given_and_nothing_else() {
    covers!["003-188", "003-189", "003-193"];
    // Given a wait that was broken off between two messages of a turn
    let minute = Duration::from_secs(60);
    let act = Act::new().wait(minute).text("First.").wait(minute).text("Second.").never_ends();
    let (codex, _server) = Simulator::new().turn(act).connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let run = thread.run("Go").total(minute + minute / 2).on_idle(Idle::Report);
    let error = run.await.unwrap_err();
    tokio::time::sleep(minute).await;

    // When it is cancelled
    let cancelled = codex.cancel(error.continuation().unwrap()).await.unwrap();

    // Then what came since is there, and what was read before is not
    let completed = cancelled.unread.into_iter().filter_map(|event| match event {
        Event::ItemCompleted(item) => Some(Step::from(item).text),
        _ => None,
    });
    assert_eq!(completed.collect::<Vec<_>>(), ["Second."]);
    assert_eq!((&cancelled.output.turn, cancelled.was_over), (error.turn().unwrap(), false));
}

#[tokio::test]
async fn a_turn_that_has_ended_meanwhile_was_over_when_it_is_cancelled() {
    covers!["003-190"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let (_stage, codex, thread) = stage(&gate).await;
    let mut events = codex.subscribe().unwrap();
    let continuation = broken_off(&thread).await;
    gate.open();
    while !matches!(soon("an event", events.try_next()).await.unwrap().unwrap(), Event::TurnCompleted(_)) {}

    let cancelled = soon("the end", codex.cancel(&continuation)).await.unwrap();

    assert!(cancelled.was_over);
    assert_eq!((cancelled.output.status, cancelled.output.interrupted_by), (TurnStatus::Completed, None));
    assert_eq!(cancelled.output.streamed_text, "First.Last.");
}

#[tokio::test]
async fn what_the_server_has_stored_is_read_by_another_program() {
    covers!["003-193"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    gate.open();
    let (stage, codex, thread) = stage(&gate).await;
    let output = soon("the output", thread.run("Go").into_future()).await.unwrap();
    let stored = format!(r#"{{"thread":"{}","turn":"{}","cursor":7}}"#, output.thread, output.turn);
    let continuation: Continuation = serde_json::from_str(&stored).unwrap();
    codex.close().await;

    let codex = stage.start().await;
    let read = soon("the turn", codex.continue_turn(&continuation).await.unwrap().finish()).await.unwrap();

    assert_eq!((&read.status, read.text()), (&TurnStatus::Completed, "Last."));
    assert!(read.items.iter().any(|item| matches!(item, ThreadItem::UserMessage(_))));
}

#[tokio::test]
async fn a_turn_whose_server_has_died_is_read_as_interrupted() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let (stage, codex, thread) = stage(&gate).await;
    let mut events = codex.subscribe().unwrap();
    let continuation = broken_off(&thread).await;
    while !matches!(soon("the words", events.try_next()).await.unwrap().unwrap(), Event::ItemCompleted(_)) {}
    codex.close().await;

    let codex = stage.start().await;
    let read = soon("the turn", codex.continue_turn(&continuation).await.unwrap().finish()).await.unwrap();

    assert_eq!(read.status, TurnStatus::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn an_end_without_its_time_is_believed_when_it_is_said_twice() {
    let simulator =
        Simulator::new().turn(Act::new().text("Words.").ends_unseen().stored_as("interrupted", false));
    let (codex, _server) = simulator.connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let turn = thread.run("Go").stream().await.unwrap();
    let stored = format!(r#"{{"thread":"{}","turn":"{}","cursor":0}}"#, thread.id(), turn.id());
    turn.detach();
    let begun = tokio::time::Instant::now();

    let read =
        codex.continue_turn(&serde_json::from_str(&stored).unwrap()).await.unwrap().finish().await.unwrap();

    assert_eq!(read.status, TurnStatus::Interrupted);
    assert!(begun.elapsed() < Duration::from_secs(60), "no clock of the turn had to run out");
}

#[tokio::test]
async fn a_turn_that_nobody_knows_is_refused() {
    covers!["003-177"];
    if skipped() {
        return;
    }
    let gate = Gate::new();
    gate.open();
    let (_stage, codex, thread) = stage(&gate).await;
    soon("the output", thread.run("Go").into_future()).await.unwrap();
    let unknown = |thread: &str| {
        let text =
            format!(r#"{{"thread":"{thread}","turn":"00000000-0000-7000-8000-000000000000","cursor":0}}"#);
        serde_json::from_str::<Continuation>(&text).unwrap()
    };

    let error = codex.continue_turn(&unknown(thread.id().as_str())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    let error = codex.cancel(&unknown("00000000-0000-7000-8000-000000000000")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ThreadNotFound, "{error}");
}
