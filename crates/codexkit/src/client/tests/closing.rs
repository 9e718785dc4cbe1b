//! The end of a connection: everybody learns of it, with the cause.

use super::peer::{Refusing, connected, opening};
use crate::client::{Entry, Filter};
use crate::error::{Clock, CloseReason, ErrorKind};
use crate::limits::Limits;
use coverage::covers;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::future::poll_fn;
use std::sync::Arc;

#[tokio::test]
async fn calls_and_subscriptions_end_with_the_servers_output() {
    covers!["O27"];
    let (client, mut peer) = connected().await;
    let mut events = client.subscribe(Filter::All).unwrap();
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call_raw("waiting", to_raw_value(&json!({})).unwrap()).await }
    });
    peer.receive().await;
    peer.notify("last/words", json!({})).await;
    peer.hang_up().await;

    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(error.closed_by().unwrap().reason, CloseReason::Eof);

    // What came before the end is still there.
    let entry = poll_fn(|context| events.poll_next(context)).await.unwrap();
    assert!(matches!(entry, Entry::Notification(last) if last.method() == "last/words"));
    let end = poll_fn(|context| events.poll_next(context)).await.unwrap_err();
    assert_eq!(end.kind(), ErrorKind::Closed);

    let next = client.call_raw("next", to_raw_value(&json!({})).unwrap()).await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::Closed);
    assert_eq!(client.subscribe(Filter::All).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(client.closed().await.reason, CloseReason::Eof);
}

#[tokio::test]
async fn a_server_that_no_longer_reads_ends_the_connection() {
    let (client, mut peer) = connected().await;
    peer.stop_reading();
    let error = client.call_raw("into/the/void", to_raw_value(&json!({})).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(matches!(client.closed().await.reason, CloseReason::Io(why) if why.contains("pipe")));
}

#[tokio::test]
async fn dropping_the_last_client_closes_the_servers_input() {
    let (client, mut peer) = connected().await;
    let clone = client.clone();
    drop(client);
    clone.notify("still/here", None).await.unwrap();
    assert_eq!(peer.receive().await["method"], "still/here");
    drop(clone);
    assert!(peer.is_closed().await);
}

#[tokio::test]
async fn closing_ends_all_clones() {
    covers!["003-165"];
    let (client, mut peer) = connected().await;
    let clone = client.clone();
    assert_eq!(client.close().await.reason, CloseReason::ByUs);
    let error = clone.notify("too/late", None).await.unwrap_err();
    assert_eq!(error.closed_by().unwrap().reason, CloseReason::ByUs);
    assert!(peer.is_closed().await);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_the_handshake_is_given_up() {
    let (opening, mut peer) = opening(Limits::default(), Arc::new(Refusing));
    assert_eq!(opening.await.unwrap_err().kind(), ErrorKind::Timeout(Clock::Initialize));
    assert_eq!(peer.receive().await["method"], "initialize");
    assert!(peer.is_closed().await);
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused() {
    let (opening, mut peer) = opening(Limits::default(), Arc::new(Refusing));
    let opening = tokio::spawn(opening);
    let hello = peer.receive().await;
    let info = json!({ "userAgent": "codexkit/0.99.0 (Test)", "codexHome": "/", "platformFamily": "", "platformOs": "" });
    peer.answer(&hello, info).await;
    assert_eq!(opening.await.unwrap().unwrap_err().kind(), ErrorKind::Incompatible);
}

#[test]
fn calls_from_elsewhere_end_when_the_runtime_of_the_connection_ends() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (home, elsewhere) = (runtime(), runtime());
    let (client, peer) = home.block_on(connected());
    let call = elsewhere.spawn({
        let client = client.clone();
        async move { client.call_raw("waiting", to_raw_value(&json!({})).unwrap()).await }
    });
    elsewhere.block_on(tokio::task::yield_now());
    drop(home);
    let error = elsewhere.block_on(call).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    drop(peer);
}
