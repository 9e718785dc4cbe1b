//! How a response fails.

use std::time::Duration;

use codexkit_testkit::model::{HttpError, Message, Model, Outcome, Response};
use serde_json::{Value, json};

use crate::client::{ask, send};

#[tokio::test]
async fn a_status_alone_makes_an_error_of_the_api() {
    let model = Model::start(Model::script().fail(503)).await.unwrap();

    let reply = ask(&model, "go").await;

    assert_eq!(reply.status, 503);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["error"]["message"], "scripted failure with status 503");
    assert_eq!(model.requests()[0].outcome().await, Outcome::Finished);
}

#[tokio::test]
async fn an_error_carries_its_code_its_fields_and_when_to_retry() {
    let error = HttpError::new(429)
        .code("usage_limit_reached")
        .message("enough")
        .field("resets_at", 17)
        .retry_after(Duration::from_millis(1500));
    let model = Model::start(Model::script().fail(error)).await.unwrap();

    let opened = send(&model, "go").await.open().await;

    assert_eq!(opened.header("retry-after"), Some("2"));
    let body: Value = serde_json::from_str(&opened.finish().await.body).unwrap();
    let code = "usage_limit_reached";
    assert_eq!(body["error"], json!({ "type": code, "code": code, "message": "enough", "resets_at": 17 }));
}

#[tokio::test]
async fn an_error_can_have_any_body() {
    let model = Model::start(Model::script().fail(HttpError::new(500).body("<html>"))).await.unwrap();

    assert_eq!(ask(&model, "go").await.body, "<html>");
}

#[tokio::test]
async fn a_response_fails_after_what_it_said() {
    let model =
        Model::start(Response::new().text("Hel").failed("server_is_overloaded", "later")).await.unwrap();

    let reply = ask(&model, "go").await;

    assert_eq!(reply.text(), ["Hel"]);
    let end = reply.last_event();
    assert_eq!(end["type"], "response.failed");
    assert_eq!(end["response"]["error"], json!({ "code": "server_is_overloaded", "message": "later" }));
}

#[tokio::test]
async fn a_response_can_stay_incomplete() {
    let model = Model::start(Response::new().text("Hel").incomplete("max_output_tokens")).await.unwrap();

    let end = ask(&model, "go").await.last_event();

    assert_eq!(end["type"], "response.incomplete");
    assert_eq!(end["response"]["incomplete_details"]["reason"], "max_output_tokens");
}

#[tokio::test]
async fn a_cut_inside_a_message_comes_after_what_was_said() {
    let model = Model::start(Model::script().text(Message::new("Hel").cut().chunk("lo"))).await.unwrap();

    let reply = ask(&model, "go").await;

    assert!(!reply.whole);
    assert_eq!(reply.text(), ["Hel"]);
    assert_eq!(model.requests()[0].outcome().await, Outcome::CutByScript);
}

#[tokio::test]
async fn a_cut_between_items_leaves_the_first_one_whole() {
    let model = Model::start(Response::new().text("Hello").cut().text("lost")).await.unwrap();

    let reply = ask(&model, "go").await;

    assert!(!reply.whole);
    assert_eq!(reply.items().len(), 1);
    assert_eq!(reply.kinds().last().unwrap(), "response.output_item.done");
}

#[tokio::test]
async fn a_model_can_hang_up_without_a_word() {
    let model = Model::start(Response::new().hang_up()).await.unwrap();

    assert!(send(&model, "go").await.ends_without_a_byte().await);

    assert_eq!(model.requests()[0].outcome().await, Outcome::CutByScript);
}
