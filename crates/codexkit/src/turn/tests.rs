//! The clocks of a turn, in virtual time, against a server in memory.

use crate::asks::{Handlers, Owners};
use crate::client::tests::peer::{Peer, connected};
use crate::codex::Codex;
use crate::error::{Clock, Error, ErrorKind};
use crate::event::Event;
use crate::protocol::types::{ThreadStartResponse, TurnStatus};
use crate::protocol::{DecodeError, Request, types::ThreadStartParams};
use crate::rules::Audit;
use crate::thread::Thread;
use crate::tool::ToolRegistry;
use crate::turn::{Idle, Run, Turn};
use coverage::covers;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A run on a server in memory, and that server.
async fn prepared() -> (Run, Peer) {
    let (client, peer) = connected().await;
    let started = started_thread().unwrap();
    let tools = ToolRegistry::new(Duration::MAX);
    let codex = Codex::new(client, Owners::new(Handlers::default(), tools, Audit::new()), None);
    let thread = Thread::opened(codex, started.into());
    (thread.run("go"), peer)
}

fn started_thread() -> Result<ThreadStartResponse, DecodeError> {
    let thread = json!({
        "id": "t", "sessionId": "t", "cliVersion": "0.169.0", "createdAt": 0, "updatedAt": 0, "cwd": "/w",
        "ephemeral": false, "modelProvider": "mock", "preview": "", "projectId": null, "source": "appServer",
        "status": { "type": "idle" }, "turns": [],
    });
    let response = json!({
        "thread": thread, "model": "m", "modelProvider": "mock", "cwd": "/w", "approvalPolicy": "never",
        "approvalsReviewer": "user", "sandbox": { "type": "readOnly" },
    });
    ThreadStartParams::decode(&to_raw_value(&response).unwrap())
}

/// The turn, started and announced.
async fn running(run: Run, peer: &mut Peer) -> Turn {
    let starting = tokio::spawn(run.stream());
    let request = peer.receive().await;
    assert_eq!(request["method"], "turn/start");
    peer.answer(&request, json!({ "turn": turn("inProgress") })).await;
    let mut turn = starting.await.unwrap().unwrap();
    peer.notify("turn/started", json!({ "threadId": "t", "turn": self::turn("inProgress") })).await;
    assert!(matches!(turn.try_next().await.unwrap(), Some(Event::TurnStarted(_))));
    turn
}

fn turn(status: &str) -> Value {
    json!({ "id": "u", "items": [], "status": status })
}

fn ended(status: &str) -> Value {
    json!({ "id": "u", "items": [], "status": status, "startedAt": 1, "completedAt": 2 })
}

fn command(status: &str) -> Value {
    json!({
        "type": "commandExecution", "id": "c", "command": "make", "commandActions": [], "cwd": "/w", "status": status,
    })
}

/// The next word of a turn, read in a task of its own, since the server has to answer meanwhile.
fn next(mut turn: Turn) -> JoinHandle<(Turn, Result<Option<Event>, Error>)> {
    tokio::spawn(async move {
        let next = turn.try_next().await;
        (turn, next)
    })
}

/// Answers the question what became of the turn.
async fn answer_question(peer: &mut Peer, turn: Value) {
    let question = peer.receive().await;
    assert_eq!(question["method"], "thread/turns/list");
    peer.answer(&question, json!({ "data": [turn], "nextCursor": null })).await;
}

#[tokio::test(start_paused = true)]
async fn a_turn_whose_end_was_lost_ends_by_the_servers_word() {
    let (run, mut peer) = prepared().await;
    let next = next(running(run, &mut peer).await);
    answer_question(&mut peer, ended("completed")).await;
    let (turn, event) = next.await.unwrap();
    assert!(matches!(event.unwrap(), Some(Event::TurnCompleted(_))));
    assert_eq!(turn.finish().await.unwrap().status, TurnStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_the_server_says_is_running_is_reported_and_can_be_waited_for_again() {
    let (run, mut peer) = prepared().await;
    let first = next(running(run, &mut peer).await);
    answer_question(&mut peer, turn("inProgress")).await;
    let (turn, error) = first.await.unwrap();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled);
    let stalled = error.stalled_turn().unwrap();
    assert_eq!(stalled.last_event.as_deref(), Some("turn/started"));
    assert!(stalled.silent_for >= Duration::from_secs(600));
    assert_eq!((stalled.continuation.turn.as_str(), stalled.continuation.cursor), ("u", 1));

    peer.notify("turn/completed", json!({ "threadId": "t", "turn": ended("completed") })).await;
    assert_eq!(turn.finish().await.unwrap().status, TurnStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn an_end_without_its_time_counts_only_when_it_is_said_twice() {
    let (run, mut peer) = prepared().await;
    let first = next(running(run, &mut peer).await);
    answer_question(&mut peer, turn("interrupted")).await;
    answer_question(&mut peer, turn("inProgress")).await;
    let (turn, error) = first.await.unwrap();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Stalled, "the second word was another one");

    let second = next(turn);
    answer_question(&mut peer, self::turn("interrupted")).await;
    answer_question(&mut peer, self::turn("interrupted")).await;
    let (turn, event) = second.await.unwrap();
    assert!(matches!(event.unwrap(), Some(Event::TurnCompleted(_))));
    assert_eq!(turn.finish().await.unwrap().status, TurnStatus::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_while_the_server_is_asked_counts_more_than_its_word() {
    let (run, mut peer) = prepared().await;
    let next = next(running(run, &mut peer).await);
    answer_question(&mut peer, turn("interrupted")).await;
    peer.notify(
        "item/agentMessage/delta",
        json!({ "threadId": "t", "turnId": "u", "itemId": "m", "delta": "x" }),
    )
    .await;
    let (_turn, event) = next.await.unwrap();
    assert!(matches!(event.unwrap(), Some(Event::TextDelta { .. })));
}

#[tokio::test(start_paused = true)]
async fn two_hundred_seconds_of_silence_are_no_stall() {
    covers!["003-151"];
    let (run, mut peer) = prepared().await;
    let next = next(running(run, &mut peer).await);
    tokio::time::sleep(Duration::from_secs(200)).await;
    peer.notify("turn/completed", json!({ "threadId": "t", "turn": ended("completed") })).await;
    let (_turn, event) = next.await.unwrap();
    assert!(matches!(event.unwrap(), Some(Event::TurnCompleted(_))));
}

#[tokio::test(start_paused = true)]
async fn events_of_others_do_not_feed_the_clock() {
    let (run, mut peer) = prepared().await;
    let next = next(running(run, &mut peer).await);
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(100)).await;
        peer.notify("account/updated", json!({})).await;
        peer.notify("item/agentMessage/delta", json!({ "threadId": "t", "turnId": "other", "delta": "x" }))
            .await;
    }
    let clock = tokio::time::Instant::now();
    answer_question(&mut peer, turn("inProgress")).await;
    assert!(clock.elapsed() <= Duration::from_secs(100));
    assert_eq!(next.await.unwrap().1.unwrap_err().kind(), ErrorKind::Stalled);
}

#[tokio::test(start_paused = true)]
async fn a_command_may_be_silent_for_as_long_as_the_server_says_that_the_turn_runs() {
    covers!["D20"];
    let (run, mut peer) = prepared().await;
    let mut turn = running(run, &mut peer).await;
    let item = json!({ "threadId": "t", "turnId": "u", "startedAtMs": 0, "item": command("inProgress") });
    peer.notify("item/started", item).await;
    assert!(matches!(turn.try_next().await.unwrap(), Some(Event::ItemStarted(_))));

    let next = next(turn);
    let began = tokio::time::Instant::now();
    for _ in 0..6 {
        answer_question(&mut peer, self::turn("inProgress")).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(3600));
    peer.notify("turn/completed", json!({ "threadId": "t", "turn": ended("completed") })).await;
    assert!(matches!(next.await.unwrap().1.unwrap(), Some(Event::TurnCompleted(_))));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_no_longer_answers_stalls_the_turn_even_if_silence_is_excused() {
    let (run, mut peer) = prepared().await;
    let mut turn = running(run, &mut peer).await;
    let status =
        json!({ "threadId": "t", "status": { "type": "active", "activeFlags": ["waitingOnApproval"] } });
    peer.notify("thread/status/changed", status).await;
    assert!(turn.try_next().await.unwrap().is_some());
    let error = turn.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled);
    assert_eq!(peer.receive().await["method"], "thread/turns/list");
}

#[tokio::test(start_paused = true)]
async fn nothing_but_retries_ends_the_wait_by_the_clock_of_the_network() {
    let (run, mut peer) = prepared().await;
    let mut turn = running(run, &mut peer).await;
    let notice = json!({
        "threadId": "t", "turnId": "u", "willRetry": true,
        "error": { "message": "Reconnecting... waiting for network", "codexErrorInfo": "other" },
    });
    let server = tokio::spawn(async move {
        loop {
            peer.notify("error", notice.clone()).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
    });
    let began = tokio::time::Instant::now();
    let error = loop {
        match turn.try_next().await {
            Ok(event) => assert!(matches!(event, Some(Event::Retrying(_)))),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Stalled, Duration::from_secs(120)));
    assert!(error.to_string().contains("network"), "{error}");
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn an_awaited_run_interrupts_its_turn_when_a_clock_runs_out() {
    let (run, mut peer) = prepared().await;
    let run = tokio::spawn(run.total(Duration::from_secs(30)).into_future());
    let request = peer.receive().await;
    peer.answer(&request, json!({ "turn": turn("inProgress") })).await;
    peer.notify("turn/started", json!({ "threadId": "t", "turn": turn("inProgress") })).await;

    let interrupt = peer.receive().await;
    assert_eq!(interrupt["method"], "turn/interrupt");
    peer.answer(&interrupt, json!({})).await;
    peer.notify("turn/completed", json!({ "threadId": "t", "turn": ended("interrupted") })).await;

    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Clock::Turn));
    assert_eq!(error.output().unwrap().status, TurnStatus::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn an_awaited_run_can_leave_its_turn_running() {
    let (run, mut peer) = prepared().await;
    let run = tokio::spawn(run.total(Duration::from_secs(30)).on_idle(Idle::Report).into_future());
    let request = peer.receive().await;
    peer.answer(&request, json!({ "turn": turn("inProgress") })).await;
    peer.notify("turn/started", json!({ "threadId": "t", "turn": turn("inProgress") })).await;
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.continuation().unwrap().turn.as_str(), "u");
    // The connection ends with the last handle, without a word about the turn.
    assert!(peer.is_closed().await);
}
