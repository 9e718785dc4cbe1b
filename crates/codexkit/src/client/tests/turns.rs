//! Turns that are given up: they are stopped, sooner or later.

use super::peer::{Peer, connected};
use crate::client::{Client, Entry, Filter};
use crate::error::ErrorKind;
use crate::protocol::TurnId;
use crate::protocol::types::{TurnStartParams, UserInput};
use coverage::covers;
use serde_json::{Value, json};
use std::future::poll_fn;
use tokio::task::JoinHandle;

fn start(client: &Client) -> JoinHandle<crate::Result<TurnId>> {
    let client = client.clone();
    let params = TurnStartParams::new("t", [UserInput::text("go")]);
    tokio::spawn(async move {
        let started = client.start_turn(&params, &"t".into(), true).await?;
        Ok(started.expect("the answer names the turn").turn)
    })
}

async fn announce(peer: &mut Peer, method: &str) {
    peer.notify(method, json!({ "threadId": "t", "turn": { "id": "u" } })).await;
}

fn is_interrupt(frame: &Value) -> bool {
    frame["method"] == "turn/interrupt" && frame["params"] == json!({ "threadId": "t", "turnId": "u" })
}

#[tokio::test]
async fn a_start_that_is_given_up_before_its_answer_is_interrupted_when_announced() {
    covers!["O45"];
    let (client, mut peer) = connected().await;
    let starting = start(&client);
    let request = peer.receive().await;
    starting.abort();
    assert!(starting.await.unwrap_err().is_cancelled());

    peer.answer(&request, json!({ "turn": { "id": "u" } })).await;
    announce(&mut peer, "turn/started").await;
    assert!(is_interrupt(&peer.receive().await));
}

#[tokio::test]
async fn a_refused_interrupt_is_repeated_at_the_next_sign_of_life() {
    let (client, mut peer) = connected().await;
    let starting = start(&client);
    let request = peer.receive().await;
    peer.answer(&request, json!({ "turn": { "id": "u" } })).await;
    client.abandon_turn(&starting.await.unwrap().unwrap());
    announce(&mut peer, "turn/started").await;

    let first = peer.receive().await;
    assert!(is_interrupt(&first));
    peer.refuse(&first, "no active turn to interrupt").await;
    peer.notify("item/agentMessage/delta", json!({ "threadId": "t", "turnId": "u", "delta": "x" })).await;
    assert!(is_interrupt(&peer.receive().await));

    announce(&mut peer, "turn/completed").await;
    peer.notify("item/completed", json!({ "threadId": "t", "turnId": "u" })).await;
    client.notify("nothing/between", None).await.unwrap();
    assert_eq!(peer.receive().await["method"], "nothing/between");
}

#[tokio::test]
async fn a_busy_thread_is_told_before_anything_is_sent() {
    let (client, mut peer) = connected().await;
    let first = start(&client);
    let request = peer.receive().await;
    assert_eq!(
        start(&client).await.unwrap().unwrap_err().kind(),
        ErrorKind::Busy,
        "the first is being started"
    );

    peer.answer(&request, json!({ "turn": { "id": "u" } })).await;
    first.await.unwrap().unwrap();
    assert_eq!(start(&client).await.unwrap().unwrap_err().kind(), ErrorKind::Busy, "the first was accepted");

    announce(&mut peer, "turn/started").await;
    announce(&mut peer, "turn/completed").await;
    // Once a later frame has come through, so has the end of the turn.
    let mut events = client.subscribe(Filter::All).unwrap();
    peer.notify("later", json!({})).await;
    while !matches!(poll_fn(|context| events.poll_next(context)).await.unwrap(), Entry::Notification(n) if n.method() == "later")
    {
    }
    let _second = start(&client);
    assert_eq!(peer.receive().await["method"], "turn/start");
}

#[tokio::test]
async fn an_answer_without_a_turn_is_an_error() {
    let (client, mut peer) = connected().await;
    let starting = start(&client);
    let request = peer.receive().await;
    peer.answer(&request, json!({ "turn": {} })).await;
    let error = starting.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.undecodable().unwrap().0.path()), (ErrorKind::Decode, "turn.id"));
}
