//! Calls: answered, late, given up, refused.

use super::peer::{Refusing, connected, connected_with};
use crate::error::{Clock, ErrorKind};
use crate::limits::Limits;
use coverage::covers;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn params(value: Value) -> Box<serde_json::value::RawValue> {
    to_raw_value(&value).unwrap()
}

#[tokio::test]
async fn answers_find_their_calls_in_any_order() {
    covers!["O25"];
    let (client, mut peer) = connected().await;
    let call = |name: &'static str| {
        let client = client.clone();
        tokio::spawn(async move { client.call_raw(name, params(json!({}))).await })
    };
    let (one, two) = (call("one"), call("two"));
    let (first, second) = (peer.receive().await, peer.receive().await);
    peer.answer(&second, json!(second["method"])).await;
    peer.answer(&first, json!(first["method"])).await;
    assert_eq!(one.await.unwrap().unwrap().get(), "\"one\"");
    assert_eq!(two.await.unwrap().unwrap().get(), "\"two\"");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_ends_by_its_deadline() {
    covers!["003-150", "003-244", "D36"];
    let (client, mut peer) = connected().await;
    let error = client.call_raw("slow", params(json!({}))).await.unwrap_err();
    assert_eq!((error.kind(), error.method()), (ErrorKind::Timeout(Clock::Call), Some("slow")));

    // Its late answer reaches nobody, and the connection goes on.
    let slow = peer.receive().await;
    peer.answer(&slow, json!("late")).await;
    let next = tokio::spawn({
        let client = client.clone();
        async move { client.call_raw("next", params(json!({}))).await }
    });
    let request = peer.receive().await;
    peer.answer(&request, json!("right")).await;
    assert_eq!(next.await.unwrap().unwrap().get(), "\"right\"");
}

#[tokio::test(start_paused = true)]
async fn a_long_call_has_no_deadline() {
    let (client, mut peer) = connected().await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call_raw("command/exec", params(json!({ "command": ["sleep", "9999"] }))).await }
    });
    let request = peer.receive().await;
    tokio::time::advance(Duration::from_secs(3600)).await;
    peer.answer(&request, json!({ "exitCode": 0 })).await;
    assert!(call.await.unwrap().is_ok());
}

#[tokio::test]
async fn quick_calls_wait_for_a_place_and_control_calls_do_not() {
    let limits = Limits::default().calls_in_flight(2);
    let (client, mut peer) = connected_with(limits, Arc::new(Refusing)).await;
    let call = |name: &'static str| {
        let client = client.clone();
        tokio::spawn(async move { client.call_raw(name, params(json!({}))).await })
    };
    let _waiting = [call("quick/1"), call("quick/2"), call("quick/3")];
    let (one, two) = (peer.receive().await, peer.receive().await);

    let _control = call("turn/interrupt");
    assert_eq!(peer.receive().await["method"], "turn/interrupt", "it overtakes the third call");

    peer.answer(&one, json!({})).await;
    assert_eq!(peer.receive().await["method"], "quick/3");
    peer.answer(&two, json!({})).await;
}

#[tokio::test]
async fn a_call_that_is_dropped_before_it_was_written_is_never_sent() {
    covers!["O45"];
    let (client, mut peer) = connected().await;
    {
        let mut call = Box::pin(client.call_raw("dropped", params(json!({}))));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    client.notify("after", None).await.unwrap();
    assert_eq!(peer.receive().await["method"], "after");
}

#[tokio::test]
async fn a_large_call_that_is_dropped_while_it_is_written_leaves_no_half_line() {
    let (client, mut peer) = connected().await;
    let large = params(json!({ "text": "x".repeat(300_000) }));
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call_raw("large", large).await }
    });
    // The pipe holds less than the frame: once something of it is there, the rest waits for the peer.
    assert!(!peer.is_closed().await);
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());

    assert_eq!(peer.receive().await["params"]["text"].as_str().unwrap().len(), 300_000);
    client.notify("after", None).await.unwrap();
    assert_eq!(peer.receive().await["method"], "after");
}

#[tokio::test]
async fn requests_and_answers_beyond_the_pipe_do_not_block_each_other() {
    let (client, mut peer) = connected().await;
    let server = tokio::spawn(async move {
        for _ in 0..50 {
            let request = peer.receive().await;
            peer.answer(&request, json!("y".repeat(200_000))).await;
        }
    });
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (client, large) = (client.clone(), params(json!({ "text": "x".repeat(100_000) })));
            tokio::spawn(async move { client.call_raw("large", large).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().get().len(), 200_002);
    }
    server.await.unwrap();
}
