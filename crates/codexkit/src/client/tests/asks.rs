//! Requests of the server: answered once, by whoever owns them, and safely when nobody does.

use super::peer::{Refusing, connected, connected_with};
use crate::client::{AskFuture, AskHandler, Incoming};
use crate::limits::Limits;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;
use tokio::sync::Notify;

/// Panics, hangs or answers, as the method says.
struct Moody {
    dropped: Arc<Notify>,
}

struct TellWhenDropped(Arc<Notify>);

impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl AskHandler for Moody {
    fn answer(&self, incoming: Incoming) -> AskFuture {
        let guard = TellWhenDropped(self.dropped.clone());
        match &*incoming.request.method {
            "panic/at/once" => panic!("this panic belongs to the test"),
            method => {
                let method = method.to_owned();
                Box::pin(async move {
                    let _guard = guard;
                    match method.as_str() {
                        "panic/later" => panic!("this panic belongs to the test"),
                        "hang" => std::future::pending().await,
                        _ => Ok(to_raw_value("yes").unwrap()),
                    }
                })
            }
        }
    }
}

fn moody() -> Arc<Moody> {
    Arc::new(Moody { dropped: Arc::default() })
}

#[tokio::test]
async fn each_request_is_answered_under_its_own_id() {
    let (_client, mut peer) = connected_with(Limits::default(), moody()).await;
    for id in [json!(0), json!("text"), json!(-7)] {
        peer.send(json!({ "id": id, "method": "ask", "params": {} })).await;
        assert_eq!(peer.receive().await, json!({ "id": id, "result": "yes" }));
    }
}

#[tokio::test]
async fn a_request_whose_handler_panics_is_refused() {
    let (_client, mut peer) = connected_with(Limits::default(), moody()).await;
    for method in ["panic/at/once", "panic/later"] {
        peer.send(json!({ "id": 5, "method": method, "params": {} })).await;
        assert_eq!(peer.receive().await["error"]["code"], -32603, "{method}");
    }
}

#[tokio::test]
async fn what_a_turn_has_asked_is_withdrawn_when_it_ends() {
    let handler = moody();
    let (_client, mut peer) = connected_with(Limits::default(), handler.clone()).await;
    peer.send(json!({ "id": 1, "method": "hang", "params": { "threadId": "t", "turnId": "u" } })).await;
    peer.send(json!({ "id": 2, "method": "ask", "params": { "threadId": "t", "turnId": "v" } })).await;
    assert_eq!(peer.receive().await["id"], 2);
    handler.dropped.notified().await;

    peer.notify("turn/completed", json!({ "threadId": "t", "turn": { "id": "u" } })).await;
    handler.dropped.notified().await;
    peer.send(json!({ "id": 3, "method": "ask", "params": {} })).await;
    assert_eq!(peer.receive().await["id"], 3);
}

#[tokio::test]
async fn a_hanging_handler_holds_up_nobody() {
    let (_client, mut peer) = connected_with(Limits::default(), moody()).await;
    peer.send(json!({ "id": 1, "method": "hang", "params": {} })).await;
    peer.send(json!({ "id": 2, "method": "ask", "params": {} })).await;
    assert_eq!(peer.receive().await["id"], 2);
}

#[tokio::test]
async fn a_withdrawn_request_stops_its_handler_and_is_not_answered() {
    let handler = moody();
    let (_client, mut peer) = connected_with(Limits::default(), handler.clone()).await;
    peer.send(json!({ "id": 1, "method": "hang", "params": {} })).await;
    // Once this one is answered, the handler of the first runs as well.
    peer.send(json!({ "id": 2, "method": "ask", "params": {} })).await;
    assert_eq!(peer.receive().await["id"], 2);
    handler.dropped.notified().await;

    peer.notify("serverRequest/resolved", json!({ "threadId": "t", "requestId": 1 })).await;
    handler.dropped.notified().await;
    peer.send(json!({ "id": 3, "method": "ask", "params": {} })).await;
    assert_eq!(peer.receive().await["id"], 3);
}

#[tokio::test]
async fn more_requests_than_may_be_open_are_refused_at_once() {
    let limits = Limits::default().open_asks(1);
    let (_client, mut peer) = connected_with(limits, moody()).await;
    peer.send(json!({ "id": 1, "method": "hang", "params": {} })).await;
    peer.send(json!({ "id": 2, "method": "ask", "params": {} })).await;
    let refused = peer.receive().await;
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(2), &json!(-32001)));
}

#[tokio::test]
async fn a_request_that_comes_before_the_handshake_has_ended_is_answered() {
    let (opening, mut peer) = super::peer::opening(Limits::default(), Arc::new(Refusing));
    let opening = tokio::spawn(opening);
    let hello = peer.receive().await;
    peer.send(json!({ "id": 1, "method": "ask", "params": {} })).await;
    assert_eq!(peer.receive().await["error"]["message"], "refused");
    peer.refuse(&hello, "no").await;
    assert!(opening.await.unwrap().is_err());
}

#[tokio::test]
async fn closing_stops_handlers() {
    let handler = moody();
    let (client, mut peer) = connected_with(Limits::default(), handler.clone()).await;
    peer.send(json!({ "id": 1, "method": "hang", "params": {} })).await;
    peer.send(json!({ "id": 2, "method": "ask", "params": {} })).await;
    peer.receive().await;
    handler.dropped.notified().await;
    client.close().await;
    handler.dropped.notified().await;
}

#[tokio::test]
async fn without_a_client_nobody_is_left_to_ask() {
    let (client, mut peer) = connected().await;
    drop(client);
    assert!(peer.is_closed().await);
}
