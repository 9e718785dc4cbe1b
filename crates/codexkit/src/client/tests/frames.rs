//! Frames that nobody should send.

use super::peer::{Refusing, connected, connected_with};
use crate::client::Client;
use crate::error::{CloseReason, ErrorKind};
use crate::limits::Limits;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;

async fn answered(client: &Client) -> crate::Result<Box<serde_json::value::RawValue>> {
    client.call_raw("ping", to_raw_value(&json!({})).unwrap()).await
}

#[tokio::test]
async fn what_makes_no_sense_is_passed_over() {
    let junk = [
        "junk",
        "",
        "   ",
        "[]",
        "[{\"id\":2,\"result\":1}]",
        "{}",
        "null",
        "{\"id\":null,\"result\":1}",
        "{\"id\":null,\"error\":{\"code\":1,\"message\":\"m\"}}",
        "{\"id\":1.5,\"result\":1}",
        "{\"id\":9223372036854775808,\"result\":1}",
        "{\"id\":\"never asked\",\"result\":1}",
        "{\"id\":2,\"result\":1}{\"id\":2,\"result\":1}",
        "{\"id\":99,\"result\":1}",
        "\u{0}",
        "{\"id\":2,",
    ];
    let (client, mut peer) = connected().await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { answered(&client).await }
    });
    let request = peer.receive().await;
    for line in junk {
        peer.send_text(&format!("{line}\r\n")).await;
    }
    peer.answer(&request, json!("right")).await;
    assert_eq!(call.await.unwrap().unwrap().get(), "\"right\"");
}

#[tokio::test]
async fn deep_and_wide_values_do_no_harm() {
    let (client, mut peer) = connected().await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { answered(&client).await }
    });
    let request = peer.receive().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let wide: String = (0..100_000).map(|n| format!("\"k{n}\":{n},")).collect();
    let writer = tokio::spawn(async move {
        peer.send_text(&format!("{{\"method\":\"deep\",\"params\":{deep}}}\n")).await;
        peer.send_text(&format!("{{\"method\":\"wide\",\"params\":{{{wide}\"threadId\":\"t\"}}}}\n")).await;
        peer.answer(&request, json!("right")).await;
        peer
    });
    assert_eq!(call.await.unwrap().unwrap().get(), "\"right\"");
    writer.await.unwrap();
}

#[tokio::test]
async fn a_hundred_bad_frames_in_a_row_end_the_connection() {
    let (client, mut peer) = connected().await;
    peer.send_text(&"junk\n".repeat(100)).await;
    let closed = client.closed().await;
    assert!(matches!(closed.reason, CloseReason::Protocol(why) if why.contains("100 frames in a row")));
}

#[tokio::test]
async fn a_frame_beyond_the_limit_ends_the_connection_and_names_it() {
    let limits = Limits::default().inbound_frame(1000);
    let (client, mut peer) = connected_with(limits, Arc::new(Refusing)).await;
    peer.send_text(&format!("{{\"method\":\"m\",\"params\":\"{}\"}}\n", "x".repeat(1000))).await;
    let error = answered(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(matches!(client.closed().await.reason, CloseReason::Protocol(why) if why.contains("1000 bytes")));
}
