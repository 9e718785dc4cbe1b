//! The simulator does what it is told.

use codexkit::protocol::types::TurnStatus;
use codexkit::{Clock, CloseReason, Codex, ErrorKind, Event, Limits};
use codexkit_testkit::simulator::{Act, Reply, Simulator, flood_text};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn without_a_script_every_turn_gets_an_answer() {
    let (codex, server) = Simulator::new().connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    for _ in 0..2 {
        let output = thread.run("Hi").await.unwrap();
        assert_eq!(
            (output.text(), output.streamed_text.as_str()),
            ("Hello from the simulator.", "Hello from the simulator.")
        );
    }
    assert_eq!((server.calls("turn/start").len(), server.rejected()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn time_passes_only_as_scripted() {
    let act = Act::new().text("Let me think. ").wait(Duration::from_secs(200)).text("Done.");
    let (codex, _server) = Simulator::new().turn(act).connect().await.unwrap();
    let before = tokio::time::Instant::now();
    let output = codex.ask("Hi").await.unwrap();
    assert_eq!(output.text(), "Done.");
    assert_eq!(output.timings.duration, Some(Duration::from_secs(200)));
    assert!(before.elapsed() < Duration::from_secs(201));
}

#[tokio::test]
async fn acts_go_by_input_or_by_order() {
    let simulator = Simulator::new()
        .when_asked("who", Act::new().text("me"))
        .turn(Act::new().text("one"))
        .turn(Act::new().text("two"))
        .every_turn(Act::new().text("more"));
    let (codex, _server) = simulator.connect().await.unwrap();
    let mut answers = Vec::new();
    for question in ["a", "who?", "b", "c", "who else?"] {
        answers.push(codex.ask(question).await.unwrap().text().to_owned());
    }
    assert_eq!(answers, ["one", "me", "two", "more", "me"]);
}

#[tokio::test]
async fn the_answer_may_come_last_and_the_frames_in_pieces() {
    let act = Act::new().flood(50, 10).responds();
    let (codex, _server) = Simulator::new().in_pieces_of(7).turn(act).connect().await.unwrap();
    assert_eq!(codex.ask("Hi").await.unwrap().text(), flood_text(50, 10));
}

#[tokio::test(start_paused = true)]
async fn calls_are_answered_late_twice_and_never() {
    let simulator = Simulator::new()
        .on("thread/list", Reply::usual().after(Duration::from_secs(30)))
        .on("thread/list", Reply::result(json!({ "data": "twice" })).times(2))
        .on("thread/list", Reply::never())
        .always("model/list", Reply::overloaded());
    let (codex, _server) = simulator.connect().await.unwrap();
    let ask = async |method: &str| codex.call_raw(method, &json!({})).await;

    let before = tokio::time::Instant::now();
    assert_eq!(ask("thread/list").await.unwrap()["data"], json!([]));
    assert!(before.elapsed() >= Duration::from_secs(30));
    assert_eq!(ask("thread/list").await.unwrap()["data"], "twice");
    assert_eq!(ask("thread/list").await.unwrap_err().kind(), ErrorKind::Timeout(Clock::Call));
    assert_eq!(ask("model/list").await.unwrap_err().kind(), ErrorKind::Overloaded);
    assert_eq!(ask("no/such").await.unwrap_err().kind(), ErrorKind::UnknownMethod);
}

#[tokio::test]
async fn a_turn_that_ends_unseen_can_be_read() {
    let act = Act::new().text("Hello").ends_unseen();
    let (codex, server) = Simulator::new().turn(act).connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let mut turn = thread.run("Hi").stream().await.unwrap();
    while !matches!(turn.try_next().await.unwrap(), Some(Event::Usage(_))) {}

    let params = json!({ "threadId": thread.id() });
    let page = codex.call_raw("thread/turns/list", &params).await.unwrap();
    assert_eq!(
        (&page["data"][0]["status"], page["data"][0]["completedAt"].is_i64()),
        (&json!("completed"), true)
    );
    assert_eq!(page["data"][0]["items"][1]["text"], "Hello");
    turn.detach();
    assert!(server.calls("turn/interrupt").is_empty());
}

#[tokio::test]
async fn a_turn_can_read_as_what_it_is_not() {
    let act = Act::new().partial_text("still here").stored_as("interrupted", false).never_ends();
    let (codex, _server) = Simulator::new().turn(act).connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let mut turn = thread.run("Hi").stream().await.unwrap();
    while !matches!(turn.try_next().await.unwrap(), Some(Event::TextDelta { .. })) {}

    let params = json!({ "threadId": thread.id(), "includeTurns": true });
    let read = codex.call_raw("thread/read", &params).await.unwrap();
    let stored = &read["thread"]["turns"][0];
    assert_eq!((&stored["status"], &stored["completedAt"]), (&json!("interrupted"), &json!(null)));
    assert_eq!(read["thread"]["status"]["type"], "active");
}

#[tokio::test]
async fn interrupts_and_more_input_follow_the_rules_of_the_server() {
    let simulator = Simulator::new().turn(Act::new().partial_text("Once").wait(Duration::from_secs(3600)));
    let (codex, _server) = simulator.connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let mut turn = thread.run("Tell").stream().await.unwrap();
    while !matches!(turn.try_next().await.unwrap(), Some(Event::TextDelta { .. })) {}

    let params = json!({ "threadId": thread.id(), "turnId": "bogus" });
    let refused = codex.call_raw("turn/interrupt", &params).await.unwrap_err();
    assert!(refused.rpc_error().unwrap().message.contains("expected active turn id bogus but found"));
    let joined =
        codex.call_raw("turn/start", &json!({ "threadId": thread.id(), "input": [] })).await.unwrap();
    assert_eq!(joined["turn"]["id"], turn.id().as_str());
    turn.control().interrupt().await.unwrap();
    assert_eq!(turn.finish().await.unwrap().status, TurnStatus::Interrupted);

    let params = json!({ "threadId": thread.id(), "turnId": "bogus" });
    let refused = codex.call_raw("turn/interrupt", &params).await.unwrap_err();
    assert!(refused.rpc_error().unwrap().message.contains("no active turn to interrupt"));
}

#[tokio::test]
async fn children_and_successors_have_turns_of_their_own() {
    let act = Act::new()
        .child(Act::new().text("of the child"))
        .text("of the parent")
        .followed_by(Act::new().text("on its own"));
    let (codex, _server) = Simulator::new().turn(act).connect().await.unwrap();
    let mut all = codex.subscribe().unwrap();
    let thread = codex.start_thread().await.unwrap();
    assert_eq!(thread.run("Hi").await.unwrap().streamed_text, "of the parent");
    let (mut texts, mut ended) = (Vec::new(), 0);
    while ended < 3 {
        match all.try_next().await.unwrap().unwrap() {
            Event::TextDelta { text, .. } => texts.push(text),
            Event::TurnCompleted(_) => ended += 1,
            _ => {}
        }
    }
    texts.sort();
    assert_eq!(texts, ["of the child", "of the parent", "on its own"]);
}

#[tokio::test]
async fn a_server_that_ends_its_output_is_noticed() {
    for act in [Act::new().partial_text("Hel").exits(1), Act::new().partial_text("Hel").closes_output()] {
        let (codex, _server) = Simulator::new().turn(act).connect().await.unwrap();
        let error = codex.ask("Hi").await.unwrap_err();
        assert_eq!(error.closed_by().unwrap().reason, CloseReason::Eof);
        assert_eq!(error.output().unwrap().streamed_text, "Hel");
    }
}

#[tokio::test]
async fn more_can_be_said_while_it_runs() {
    let (codex, server) = Simulator::new().connect().await.unwrap();
    let mut events = codex.subscribe().unwrap();
    server.perform(Act::new().junk("noise").notifies("brand/new", json!({ "a": 1 })));
    let event = events.try_next().await.unwrap().unwrap();
    assert!(matches!(event, Event::Notification(n) if n.method() == "brand/new"), "the junk is passed over");

    let thread = codex.start_thread().await.unwrap();
    server.start_turn(thread.id().as_str(), Act::new().text("unasked"));
    while !matches!(events.try_next().await.unwrap(), Some(Event::TurnCompleted(_))) {}
}

#[tokio::test(start_paused = true)]
async fn a_script_survives_being_written_down() {
    let act = Act::new().flood(3, 4).asks_to_run("ls").wait(Duration::from_secs(5)).junk("x");
    let simulator =
        Simulator::new().turn(act).on("thread/start", Reply::usual().after(Duration::from_secs(1)));
    let written = serde_json::to_string(&simulator).unwrap();
    let read: Simulator = serde_json::from_str(&written).unwrap();
    let limits = Limits::default().call_deadline(Duration::from_secs(10));
    let (codex, _server) = read.connect_with(Codex::builder().limits(limits)).await.unwrap();
    assert_eq!(codex.ask("Hi").await.unwrap().text(), "000000010002");
}
