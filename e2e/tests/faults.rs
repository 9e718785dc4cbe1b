//! What a server may send at the worst moment, on a simulated one: lines, the order of events, requests.

use codexkit::protocol::ServerNotification;
use codexkit::protocol::types::{TurnStatus, UserInput};
use codexkit::{Approval, CloseReason, Codex, CodexBuilder, ErrorKind, Event, Limits, Thread};
use e2e::simulator::{Act, SimulatedServer, Simulator, flood_text};
use e2e::{Simulated, covers, soon};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

const MIB: usize = 1024 * 1024;

async fn thread_on(simulator: Simulator) -> Thread {
    let (codex, _server) = simulator.connect().await.unwrap();
    codex.start_thread().await.unwrap()
}

// Lines

#[tokio::test]
async fn a_program_that_prints_rubbish_between_frames_costs_nothing() {
    covers!["002-147"];
    // Given a program that writes, between the pieces of a message, everything that is no frame
    let rubbish: [&[u8]; 12] = [
        b"plain text\n",
        b"\n",
        b" \t \r\n",
        b"\0\n",
        b"\xff\xfe\xfd\n",
        b"{\"method\":\"item/started\",\"params\":{\"text\":\"\xc3\x28\"}}\n",
        b"{\"id\":9223372036854775808,\"result\":{}}\n",
        b"{\"id\":1e400,\"result\":{}}\n",
        b"{\"id\":170141183460469231731687303715884105727,\"error\":{\"code\":1,\"message\":\"m\"}}\n",
        b"{\"id\":3,\"result\":{}}{\"id\":4,\"result\":{}}\n",
        b"{\"method\":\"turn/completed\",\"params\":{\"threadId\":\n",
        b"[{\"method\":\"turn/completed\",\"params\":{}}]\n",
    ];
    let message = Act::new().chunks(["Hel", "lo"]);
    let act = rubbish.iter().fold(message, |act, bytes| act.bytes(*bytes).text("."));
    let simulated = Simulated::new(env!("CARGO_BIN_EXE_simulator"), &Simulator::new().turn(act));
    let codex = simulated.start().await;

    // When a turn runs
    let output = soon("the output", codex.ask("Hi")).await.unwrap();

    // Then all its text is there, and the connection works on
    assert_eq!(output.streamed_text, format!("Hello{}", ".".repeat(rubbish.len())));
    assert_eq!(soon("another output", codex.ask("Again")).await.unwrap().text(), "Hello from the simulator.");
}

#[tokio::test]
async fn a_line_of_ten_megabytes_is_a_frame_like_any_other() {
    let text = flood_text(10 * MIB / 8, 8);
    let thread = thread_on(Simulator::new().turn(Act::new().text(text.as_str()))).await;
    let output = soon("the output", thread.run("Tell").into_future()).await.unwrap();
    // No assert_eq: nobody wants to read the difference.
    assert!(output.text() == text && output.streamed_text == text);
}

#[tokio::test]
async fn a_frame_may_be_as_large_as_the_limit_and_not_larger() {
    let notification = |length: usize| {
        let (head, tail) = (r#"{"method":"big/one","params":{"text":""#, r#""}}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
    };
    for (length, accepted) in [(MIB, true), (MIB + 1, false)] {
        let limits = Limits::default().inbound_frame(MIB);
        let (codex, server) = Simulator::new().connect_with(Codex::builder().limits(limits)).await.unwrap();
        let mut events = codex.subscribe().unwrap();
        let thread = codex.start_thread().await.unwrap();

        server.perform(Act::new().junk(notification(length)));
        let run = soon("the end", thread.run("Hi").into_future()).await;

        if accepted {
            run.unwrap();
            let seen = async {
                while !matches!(events.try_next().await, Ok(Some(Event::Notification(n))) if n.method() == "big/one")
                {
                }
            };
            soon("the large one", seen).await;
        } else {
            assert_eq!(run.unwrap_err().kind(), ErrorKind::Closed);
            let reason = codex.closed().await.reason;
            assert!(
                matches!(&reason, CloseReason::Protocol(why) if why.contains("1048576 bytes")),
                "{reason:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_character_arrives_as_it_was_sent() {
    let texts = [
        "\0",
        "\n\r\n",
        "\u{2028}\u{2029}\u{85}",
        "\"\\\u{7f}\u{1b}[0m",
        "😀é\u{301}\u{fffd}\u{feff}",
        "\u{d7ff}\u{e000}\u{10ffff}",
    ];
    let (codex, server) = Simulator::new().connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    for text in texts {
        soon("the output", thread.run(vec![UserInput::text(text)]).into_future()).await.unwrap();
    }
    let sent: Vec<Value> =
        server.calls("turn/start").iter().map(|call| call["params"]["input"][0]["text"].clone()).collect();
    assert_eq!(sent, texts);
    assert_eq!(server.rejected(), 0, "nothing that is no frame, and no byte that is not UTF-8");
}

#[tokio::test]
async fn a_notification_that_is_not_what_it_should_be_is_kept_and_the_turn_goes_on() {
    covers!["003-152", "O29"];
    let (codex, server) = Simulator::new().connect().await.unwrap();
    let mut events = codex.subscribe().unwrap();
    server.perform(Act::new().notifies("thread/name/updated", json!({ "threadId": 7 })));
    server.perform(Act::new().notifies("brand/new", json!({ "x": 1 })));

    let Event::Undecodable { raw, error } = soon("the bad one", events.try_next()).await.unwrap().unwrap()
    else {
        panic!("it decodes")
    };
    assert_eq!(
        (&*raw.method, raw.params.get(), error.path()),
        ("thread/name/updated", r#"{"threadId":7}"#, "threadId")
    );
    let Event::Notification(unknown) = soon("the new one", events.try_next()).await.unwrap().unwrap() else {
        panic!("another event")
    };
    assert!(
        matches!(&*unknown, ServerNotification::Unrecognized(raw) if raw.params.get() == r#"{"x":1}"#),
        "{unknown:?}"
    );
    assert!(soon("a turn", codex.ask("Hi")).await.is_ok());
}

// Order

/// What a stream of a turn shows of it.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::TurnStarted(_) => "started",
        Event::ItemStarted(_) => "item",
        Event::ItemCompleted(_) => "item done",
        Event::TextDelta { .. } => "text",
        Event::Usage(_) => "usage",
        Event::TurnCompleted(_) => "completed",
        Event::Notification(other) => match **other {
            ServerNotification::ThreadStatusChanged(_) => "status",
            ServerNotification::ThreadReadStateChanged(_) => "read state",
            _ => "other",
        },
        _ => "unexpected",
    }
}

#[tokio::test]
async fn no_event_of_ten_thousand_turns_is_lost_or_out_of_place() {
    covers!["003-198", "O26"];
    // Given a server whose answer to `turn/start` comes before, between and after the events, all in one write
    const THREADS: usize = 10;
    const TURNS: usize = 1000;
    let said = || Act::new().flood(5, 6);
    let simulator = Simulator::new()
        .when_asked("first", said())
        .when_asked("early", Act::new().begins().responds().flood(5, 6))
        .when_asked("middle", Act::new().begins().partial_text("").responds().flood(5, 6))
        .when_asked("last", said().responds())
        .when_asked("after", said().completes().responds());
    let (codex, server) = simulator.connect().await.unwrap();

    // When ten thousand turns run, ten at a time
    let threads = (0..THREADS).map(|_| {
        let codex = codex.clone();
        tokio::spawn(async move {
            let thread = codex.start_thread().await.unwrap();
            for turn in 0..TURNS {
                let place = ["first", "early", "middle", "last", "after"][turn % 5];
                let mut turn = thread.run(place).stream().await.unwrap();
                let (mut kinds, mut position) = (Vec::new(), turn.position());
                while let Some(event) = turn.try_next().await.unwrap() {
                    assert!(turn.position() > position, "events come in their order");
                    position = turn.position();
                    kinds.push(kind(&event));
                }
                // Then each shows exactly its events, in their order, and its whole text
                let mut expected = vec!["status", "started", "item", "item done"];
                if place == "middle" {
                    expected.extend(["item", "text"]);
                }
                expected.extend(["item", "text", "text", "text", "text", "text", "item done", "usage"]);
                expected.extend(["read state", "status", "completed"]);
                assert_eq!(kinds, expected, "{place}");
                assert_eq!(turn.output().streamed_text, flood_text(5, 6));
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        soon("the turns", thread).await.unwrap();
    }
    assert_eq!(server.calls("turn/start").len(), THREADS * TURNS);
}

#[tokio::test]
async fn turns_of_children_and_turns_nobody_started_stay_apart() {
    covers!["002-140"];
    // Given a turn with a child agent that speaks before its parent names it, and a turn that follows by itself
    let child = || Act::new().chunks(["child", "child"]);
    let names = json!({ "type": "subAgentActivity", "id": "sub", "brand": "new" });
    let act = Act::new()
        .child(child())
        .child(child())
        .text("parent ")
        .item_completed(names)
        .wait(Duration::from_millis(1))
        .text("still")
        .followed_by(Act::new().text("unasked"));
    let (codex, server) = Simulator::new().turn(act).connect().await.unwrap();
    let mut all = codex.subscribe().unwrap();
    let thread = codex.start_thread().await.unwrap();

    // When it runs
    let output = soon("the output", thread.run("Go").into_future()).await.unwrap();

    // Then it has its own text alone, and the connection has seen four turns
    assert_eq!(output.streamed_text, "parent still");
    let mut texts = Vec::new();
    for _ in 0..4 {
        while let Some(event) = soon("an event", all.try_next()).await.unwrap() {
            match event {
                Event::TextDelta { text, .. } => texts.push(text),
                Event::TurnCompleted(_) => break,
                _ => {}
            }
        }
    }
    texts.sort();
    assert_eq!(texts, ["child", "child", "child", "child", "parent ", "still", "unasked"]);

    // And a turn that nobody started makes the thread busy
    server.start_turn(thread.id().as_str(), Act::new().text("mine").wait(Duration::from_secs(3600)));
    while !matches!(soon("its start", all.try_next()).await.unwrap(), Some(Event::TextDelta { .. })) {}
    assert_eq!(thread.run("Me too").into_future().await.unwrap_err().kind(), ErrorKind::Busy);
}

// Requests

#[tokio::test]
async fn a_handler_may_run_turns_of_its_own() {
    let simulator = Simulator::new()
        .when_asked("Is it safe?", Act::new().text("yes"))
        .turn(Act::new().asks_to_run("touch made").text("Done."));
    let (hook, inside) = (Arc::new(tokio::sync::OnceCell::<Codex>::new()), Arc::new(AtomicBool::new(false)));
    let (codex_of, was_inside) = (hook.clone(), inside.clone());
    let handler = move |ask: Approval| {
        let (codex, inside) = (codex_of.get().unwrap().clone(), was_inside.clone());
        async move {
            inside.store(true, Ordering::Relaxed);
            if codex.ask("Is it safe?").await.unwrap().text() == "yes" { ask.accept() } else { ask.decline() }
        }
    };
    let (codex, server) = simulator.connect_with(Codex::builder().on_approval(handler)).await.unwrap();
    hook.set(codex.clone()).unwrap();

    assert_eq!(soon("the output", codex.ask("Go")).await.unwrap().text(), "Done.");
    assert!(inside.load(Ordering::Relaxed));
    let answer = server.receives(|frame| frame["result"]["decision"] == "accept").await;
    assert_eq!(answer["id"], 0);
}

#[tokio::test]
async fn a_handler_that_waits_holds_up_no_other_turn() {
    let simulator = Simulator::new()
        .when_asked("ask", Act::new().asks_to_run("touch made").text("Asked."))
        .when_asked("other", Act::new().text("Other."));
    let go_on = Arc::new(Notify::new());
    let wait = go_on.clone();
    let handler = move |ask: Approval| {
        let wait = wait.clone();
        async move {
            wait.notified().await;
            ask.accept()
        }
    };
    let (codex, server) = simulator.connect_with(Codex::builder().on_approval(handler)).await.unwrap();
    let asking = tokio::spawn({
        let codex = codex.clone();
        async move { codex.ask("ask").await }
    });
    soon("the turn that asks", server.is_called("turn/start", 1)).await;

    for _ in 0..20 {
        assert_eq!(soon("another turn", codex.ask("other")).await.unwrap().text(), "Other.");
    }
    assert!(!asking.is_finished());
    go_on.notify_one();
    assert_eq!(soon("the turn that asks", asking).await.unwrap().unwrap().text(), "Asked.");
}

/// What becomes of a handler that never answers.
#[derive(Clone, Default)]
struct Fate {
    begun: Arc<Notify>,
    stopped: Arc<Notify>,
}

impl Fate {
    /// Settings with such a handler.
    fn handler(&self) -> CodexBuilder {
        let fate = self.clone();
        Codex::builder().on_approval(move |_| {
            let fate = fate.clone();
            async move {
                let _guard = TellWhenDropped(fate.stopped.clone());
                fate.begun.notify_one();
                std::future::pending::<codexkit::ApprovalAnswer>().await
            }
        })
    }
}

struct TellWhenDropped(Arc<Notify>);

impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// What the client has sent that is neither a call nor a notification.
fn answers(server: &SimulatedServer) -> Vec<Value> {
    server.received().into_iter().filter(|frame| frame.get("method").is_none()).collect()
}

#[tokio::test]
async fn a_request_that_is_withdrawn_is_not_answered_and_stops_its_handler() {
    // Given a turn that waits for an approval, and a handler at work on it
    let fate = Fate::default();
    let simulator = Simulator::new().turn(Act::new().asks_to_run("touch made").text("Never mind."));
    let (codex, server) = simulator.connect_with(fate.handler()).await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let turn = tokio::spawn(thread.run("Go").into_future());
    soon("the handler", fate.begun.notified()).await;

    // When the server withdraws its request
    server.perform(Act::new().withdraws());

    // Then the handler is stopped, and the turn goes on without an answer
    soon("the end of the handler", fate.stopped.notified()).await;
    assert_eq!(soon("the output", turn).await.unwrap().unwrap().text(), "Never mind.");
    assert!(answers(&server).is_empty());
    assert!(soon("another turn", codex.ask("Again")).await.is_ok(), "the connection goes on");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_answers_declines_after_its_time() {
    let fate = Fate::default();
    let simulator = Simulator::new().turn(Act::new().asks_to_run("touch made").text("Without it."));
    let (codex, server) = simulator.connect_with(fate.handler()).await.unwrap();
    let begun = tokio::time::Instant::now();

    let output = codex.ask("Go").await.unwrap();

    assert_eq!((output.status, begun.elapsed().as_secs()), (TurnStatus::Completed, 300));
    fate.stopped.notified().await;
    assert_eq!(answers(&server), [json!({ "id": 0, "result": { "decision": "decline" } })]);
}

#[tokio::test]
async fn a_connection_that_ends_stops_the_handlers() {
    for end in [Act::new().exits(1), Act::new().closes_output()] {
        let fate = Fate::default();
        let simulator = Simulator::new().turn(Act::new().asks_to_run("touch made").text("Never said."));
        let (codex, server) = simulator.connect_with(fate.handler()).await.unwrap();
        let turn = tokio::spawn(async move { codex.ask("Go").await });
        soon("the handler", fate.begun.notified()).await;

        server.perform(end);

        let error = soon("the end", turn).await.unwrap().unwrap_err();
        assert_eq!(error.closed_by().unwrap().reason, CloseReason::Eof);
        soon("the end of the handler", fate.stopped.notified()).await;
    }
}
