//! What the model keeps of the requests.

use codexkit_testkit::model::Model;
use coverage::covers;
use serde_json::json;

use crate::client::{ask, body, send, send_to};

#[tokio::test]
async fn a_request_can_be_asked_about() {
    let model = Model::start(Model::script().text("x")).await.unwrap();

    ask(&model, "hello").await;

    let request = model.requests().remove(0);
    assert_eq!(request.number(), 1);
    assert_eq!(request.model(), "gpt-5.5");
    assert_eq!(request.instructions(), "Be brief.");
    assert_eq!(request.user_texts(), ["<environment_context/>", "hello"]);
    assert_eq!(request.last_user_text(), "hello");
    assert_eq!(request.tools(), ["exec_command", "web_search"]);
    assert_eq!(request.header("x-test"), Some("yes"));
    assert_eq!(request.body(), &body("hello"));
}

#[tokio::test]
async fn the_results_of_tools_are_found_by_call_id() {
    let model = Model::start(Model::script().text("x")).await.unwrap();
    let mut body = body("hello");
    let results = [
        json!({ "type": "function_call_output", "call_id": "a", "output": "plain" }),
        json!({ "type": "custom_tool_call_output", "call_id": "b",
                "output": [{ "type": "input_text", "text": "in" }, { "type": "input_text", "text": "parts" }] }),
    ];
    body["input"].as_array_mut().unwrap().extend(results);

    send_to(&model, "POST", "/responses", &body.to_string()).await.open().await;

    let request = model.next_request().await;
    assert_eq!(request.function_output("a").as_deref(), Some("plain"));
    assert_eq!(request.function_output("b").as_deref(), Some("in\nparts"));
    assert_eq!(request.function_output("c"), None);
    assert_eq!(request.last_user_text(), "hello");
}

#[tokio::test]
async fn requests_can_be_awaited_one_by_one_or_in_all() {
    covers!["O47"];
    let model = Model::start(Model::script().text("a").text("b").never()).await.unwrap();

    ask(&model, "1").await;
    ask(&model, "2").await;
    let _open = send(&model, "3").await;

    assert_eq!(model.wait_for_requests(3).await.len(), 3);
    for expected in ["1", "2", "3"] {
        assert_eq!(model.next_request().await.last_user_text(), expected);
    }
}

#[tokio::test]
async fn what_codex_never_sends_is_refused_and_reported() {
    let model = Model::start(Model::script()).await.unwrap();

    let unknown = send_to(&model, "GET", "/files", "").await.open().await;
    let garbage = send_to(&model, "POST", "/responses", "{not json").await.open().await;

    assert_eq!((unknown.status, garbage.status), (404, 400));
    let unfinished = model.check().unwrap_err();
    assert!(unfinished.unexpected()[0].contains("GET /v1/files"), "{unfinished}");
    assert!(unfinished.unexpected()[1].contains("unreadable"), "{unfinished}");
    assert!(model.requests().is_empty());
}

#[tokio::test]
async fn the_configuration_comes_as_overrides_and_as_a_file() {
    let model = Model::start(Model::script()).await.unwrap();

    let config = model.config().model("o\"3").request_retries(2);
    let overrides = config.overrides();
    let get = |key: &str| overrides.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());

    assert_eq!(get("model"), Some(r#""o\"3""#));
    assert_eq!(get("model_provider"), Some("\"scripted\""));
    assert_eq!(get("model_providers.scripted.request_max_retries"), Some("2"));
    assert_eq!(get("model_providers.scripted.stream_max_retries"), Some("0"));
    let base_url = format!("\"{}\"", model.base_url());
    assert_eq!(get("model_providers.scripted.base_url"), Some(base_url.as_str()));
    let toml = config.to_toml();
    assert!(overrides.iter().all(|(key, value)| toml.contains(&format!("{key} = {value}\n"))));
}
