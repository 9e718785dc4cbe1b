//! What a response says on the wire.

use coverage::covers;
use std::time::{Duration, Instant};

use codexkit_testkit::model::{Call, Exec, Message, Model, Phase, Reasoning, Response, Script, Usage};
use serde_json::{Value, json};

use crate::client::{Reply, ask, send};

async fn reply_to(script: impl Into<Script>) -> Reply {
    let model = Model::start(script).await.unwrap();
    let reply = ask(&model, "go").await;
    assert!(reply.whole);
    model.assert_finished();
    reply
}

#[tokio::test]
async fn a_message_is_streamed_in_its_chunks_and_repeated_whole() {
    let reply = reply_to(Model::script().text(Message::chunks(["Hel", "lo"]))).await;

    assert_eq!(reply.text(), ["Hel", "lo"]);
    assert_eq!(reply.items()[0]["content"][0]["text"], "Hello");
    assert_eq!(
        reply.kinds(),
        [
            "response.created",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

#[tokio::test]
async fn words_keep_every_character() {
    let text = "two  words,\nthree lines\n";

    let reply = reply_to(Model::script().text(Message::words(text))).await;

    assert_eq!(reply.text().concat(), text);
    assert_eq!(reply.text().len(), 5);
}

#[tokio::test]
async fn a_phase_is_only_there_when_it_is_set() {
    let said = Response::new().text("a").text(Message::new("b").phase(Phase::FinalAnswer));

    let items = reply_to(said).await.items();

    assert_eq!(items[0].get("phase"), None);
    assert_eq!(items[1]["phase"], "final_answer");
}

#[tokio::test]
async fn reasoning_streams_its_sections_and_its_raw_text() {
    let thought = Reasoning::chunks(["**Lo", "ok**"]).section("**Plan**").content("hm ").content("yes");

    let reply = reply_to(Response::new().reasoning(thought)).await;

    assert_eq!(reply.deltas("response.reasoning_summary_text.delta"), ["**Lo", "ok**", "**Plan**"]);
    assert_eq!(reply.deltas("response.reasoning_text.delta"), ["hm ", "yes"]);
    let item = &reply.items()[0];
    assert_eq!(item["summary"][0]["text"], "**Look**");
    assert_eq!(item["summary"][1]["text"], "**Plan**");
    assert_eq!(item["content"][0]["text"], "hm yes");
}

#[tokio::test]
async fn a_command_is_a_function_call_with_its_options() {
    let exec = Exec::new("touch x").escalated("must").yield_time(Duration::from_millis(250)).id("call_a");

    let item = reply_to(Model::script().exec(exec)).await.items().remove(0);

    assert_eq!((&item["type"], &item["name"]), (&json!("function_call"), &json!("exec_command")));
    assert_eq!(item["call_id"], "call_a");
    let arguments: Value = serde_json::from_str(item["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(
        arguments,
        json!({
            "cmd": "touch x",
            "sandbox_permissions": "require_escalated",
            "justification": "must",
            "yield_time_ms": 250,
        })
    );
}

#[tokio::test]
async fn a_patch_is_a_freeform_call_whose_input_is_streamed() {
    let patch = "*** Begin Patch\n*** End Patch\n";

    let reply = reply_to(Model::script().patch(patch)).await;

    let item = &reply.items()[0];
    assert_eq!((&item["type"], &item["name"]), (&json!("custom_tool_call"), &json!("apply_patch")));
    assert_eq!(item["input"], patch);
    assert_eq!(reply.deltas("response.custom_tool_call_input.delta"), [patch]);
}

#[tokio::test]
async fn any_function_can_be_called_well_or_badly() {
    let calls = Response::new()
        .call("lookup", json!({ "key": 1 }))
        .item(Call::function("read", json!({})).namespace("mcp__files"))
        .item(Call::function_with_raw_arguments("lookup", "{not json"));

    let items = reply_to(calls).await.items();

    assert_eq!(items[0]["arguments"], r#"{"key":1}"#);
    assert_eq!(items[1]["namespace"], "mcp__files");
    assert_eq!(items[2]["arguments"], "{not json");
}

#[tokio::test]
async fn items_keep_their_order_and_have_ids_of_their_own() {
    let raw = json!({ "type": "web_search_call", "id": "ws", "status": "completed" });
    let mixed = Response::new().text("first").exec("ls").item(raw.clone()).text("last");

    let reply = reply_to(mixed).await;

    let kinds: Vec<_> = reply.items().iter().map(|item| item["type"].clone()).collect();
    assert_eq!(kinds, ["message", "function_call", "web_search_call", "message"]);
    let items = reply.items();
    assert_ne!(items[0]["id"], items[3]["id"]);
    assert_eq!(items[2], raw);
    let sequence: Vec<_> = reply.events().iter().map(|event| event["sequence_number"].as_u64()).collect();
    assert_eq!(sequence, (0..sequence.len() as u64).map(Some).collect::<Vec<_>>());
    assert_eq!(reply.last_event()["response"]["output"], Value::from(items));
}

#[tokio::test]
async fn usage_is_reported_at_the_end() {
    let usage = Usage::new(100, 50).cached_input(20).cache_write(7).reasoning_output(30);

    let reply = reply_to(Response::new().text("x").usage(usage)).await;

    assert_eq!(
        reply.last_event()["response"]["usage"],
        json!({
            "input_tokens": 100,
            "input_tokens_details": { "cached_tokens": 20, "cache_write_tokens": 7 },
            "output_tokens": 50,
            "output_tokens_details": { "reasoning_tokens": 30 },
            "total_tokens": 150,
        })
    );
}

#[tokio::test]
async fn events_and_headers_are_sent_as_given() {
    let event = json!({ "type": "response.from_the_future", "x": 1 });
    let model = Model::start(Response::new().event(event.clone()).header("x-limit", "42")).await.unwrap();

    let opened = send(&model, "go").await.open().await;

    assert_eq!(opened.header("x-limit"), Some("42"));
    assert_eq!(opened.header("content-type"), Some("text/event-stream"));
    assert_eq!(opened.finish().await.events()[1], event);
}

#[tokio::test]
async fn a_delay_holds_the_text_back() {
    covers!["O47"];
    let delay = Duration::from_millis(30);
    let started = Instant::now();

    let reply = reply_to(Model::script().delay(delay).text(Message::new("a").chunk("b").paced(delay))).await;

    assert_eq!(reply.text(), ["a", "b"]);
    assert!(started.elapsed() >= delay * 3);
}
