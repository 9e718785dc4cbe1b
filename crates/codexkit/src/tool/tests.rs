//! Tools without a server.

use super::{Namespace, Tool, ToolCall, ToolRegistry, ToolReply, ToolSet};
use crate::ErrorKind;
use crate::protocol::types::{DynamicToolCallParams, DynamicToolCallResponse};
use crate::protocol::{RawRequest, RequestId, ServerRequest, ThreadId};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(300);

fn params(namespace: Option<&str>, tool: &str, arguments: Value) -> DynamicToolCallParams {
    let params = json!({
        "threadId": "thread", "turnId": "turn", "callId": "call", "namespace": namespace, "tool": tool,
        "arguments": arguments,
    });
    let request = RawRequest::new(RequestId::from(0), "item/tool/call", to_raw_value(&params).unwrap());
    match ServerRequest::decode(&request).unwrap() {
        ServerRequest::DynamicToolCall(params) => *params,
        other => panic!("{other:?}"),
    }
}

fn anything() -> Value {
    json!({ "type": "object", "properties": {} })
}

fn named(name: &str) -> Tool {
    Tool::new(name, "For tests", anything(), |_: Value| async { Ok("done") })
}

async fn answer(tool: Tool, arguments: Value) -> DynamicToolCallResponse {
    let params = params(None, tool.name(), arguments);
    ToolSet::from(tool).call(params, LONG).await
}

fn failure(text: &str) -> DynamicToolCallResponse {
    ToolReply::failure(text).into_response()
}

#[tokio::test]
async fn what_a_tool_gives_back_is_the_answer() {
    let reply = answer(named("plain"), json!({})).await;
    assert_eq!(reply, ToolReply::from("done").into_response());

    let picture = Tool::new("picture", "", anything(), |_: Value| async {
        Ok(ToolReply::new()
            .text("two parts")
            .image_data("image/png", b"foo")
            .audio("data:audio/wav;base64,AAAA"))
    });
    let reply = answer(picture, json!({})).await;
    let parts = serde_json::to_value(&reply.content_items).unwrap();
    assert_eq!(
        parts,
        json!([
            { "type": "inputText", "text": "two parts" },
            { "type": "inputImage", "imageUrl": "data:image/png;base64,Zm9v" },
            { "type": "inputAudio", "audioUrl": "data:audio/wav;base64,AAAA" },
        ])
    );
    assert!(reply.success);
}

#[tokio::test]
async fn a_tool_without_output_says_so() {
    let silent = Tool::new("silent", "", anything(), |_: Value| async { Ok(()) });
    assert_eq!(answer(silent, json!({})).await, ToolReply::from("(no output)").into_response());
}

#[tokio::test]
async fn every_error_that_can_be_displayed_is_an_answer() {
    let failing = Tool::new("parse", "", anything(), |text: Value| async move {
        let number: i32 = text["number"].as_str().ok_or("no number was given")?.parse()?;
        Ok(number.to_string())
    });
    assert_eq!(answer(failing.clone(), json!({})).await, failure("no number was given"));
    assert_eq!(
        answer(failing.clone(), json!({ "number": "x" })).await,
        failure("invalid digit found in string")
    );
    assert!(answer(failing, json!({ "number": "7" })).await.success);
}

#[tokio::test]
async fn a_panic_is_an_answer_wherever_it_happens() {
    let early = Tool::new("early", "", anything(), |_: Value| -> std::future::Ready<Result<(), _>> {
        panic!("this panic belongs to the test")
    });
    let late = Tool::new("late", "", anything(), |numbers: Vec<u8>| async move {
        tokio::task::yield_now().await;
        Ok(numbers[0].to_string())
    });
    for tool in [early, late] {
        let expected = format!("the tool `{}` broke down; it may work with other arguments", tool.name());
        assert_eq!(answer(tool, json!([])).await, failure(&expected));
    }
}

#[tokio::test]
async fn arguments_that_do_not_fit_never_reach_the_tool() {
    let list = Tool::new("list", "", anything(), |_: Vec<u8>| async {
        panic!("it is not called");
        #[allow(unreachable_code)]
        Ok(())
    });
    let text = "the argument `[1]` does not fit: invalid type: string \"x\", expected u8";
    assert_eq!(answer(list, json!([1, "x"])).await, failure(text));
}

#[tokio::test(start_paused = true)]
async fn a_tool_has_a_deadline_of_its_own_or_that_of_all() {
    let slow = Tool::new("slow", "", anything(), |_: Value| async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        Ok("done")
    });
    let late =
        |limit: &str| failure(&format!("the tool `slow` was stopped because it took longer than {limit}"));
    let all = |tool: &Tool, limit| {
        ToolSet::from(tool.clone()).call(params(None, "slow", json!({})), Duration::from_secs(limit))
    };
    assert_eq!(all(&slow, 5).await, late("5s"));
    assert!(all(&slow, 20).await.success);
    let patient = slow.clone().deadline(Duration::from_secs(20));
    assert!(all(&patient, 5).await.success);
    let hasty = slow.deadline(Duration::from_millis(10));
    assert_eq!(all(&hasty, 20).await, late("10ms"));
}

#[tokio::test]
async fn a_call_says_where_it_comes_from() {
    let whoami = Tool::with_context("whoami", "", anything(), |call: ToolCall, _: Value| async move {
        assert_eq!(call.arguments(), &json!({ "a": 1 }));
        Ok(format!("{} {} {} {call}", call.thread(), call.turn(), call.id()))
    });
    let set = ToolSet::from(Namespace::new("me", "").tool(whoami));
    let reply = set.call(params(Some("me"), "whoami", json!({ "a": 1 })), LONG).await;
    assert_eq!(reply, ToolReply::from("thread turn call me.whoami").into_response());
}

#[tokio::test]
async fn a_tool_is_found_in_its_own_namespace_alone() {
    let say = |text: &'static str| Tool::new("say", "", anything(), move |_: Value| async move { Ok(text) });
    let set = ToolSet::from([say("none")])
        .merge(Namespace::new("a", "").tool(say("a")))
        .merge(Namespace::new("b", "").tool(say("b")));
    set.check().unwrap();
    for (namespace, text) in [(None, "none"), (Some("a"), "a"), (Some("b"), "b")] {
        let reply = set.call(params(namespace, "say", json!({})), LONG).await;
        assert_eq!(reply, ToolReply::from(text).into_response());
    }
    let reply = set.call(params(Some("c"), "say", json!({})), LONG).await;
    assert_eq!(reply, failure("the tool `c.say` is not available"));
}

#[test]
fn the_server_is_told_of_all_tools() {
    let tools = Namespace::new("m", "Maths").tool(named("add")).tool(named("sub").defer_loading(true));
    let specs = ToolSet::from(named("plain")).merge(tools).specs();
    assert_eq!(
        serde_json::to_value(specs).unwrap(),
        json!([
            { "type": "function", "name": "plain", "description": "For tests", "inputSchema": anything() },
            { "type": "namespace", "name": "m", "description": "Maths", "tools": [
                { "type": "function", "name": "add", "description": "For tests", "inputSchema": anything() },
                { "type": "function", "name": "sub", "description": "For tests", "inputSchema": anything(),
                  "deferLoading": true },
            ] },
        ])
    );
}

#[test]
fn what_the_server_would_not_take_is_refused() {
    let space = |name: &str| Namespace::new(name, "").tool(named("a"));
    let with_schema = |schema: Value| Tool::new("a", "", schema, |_: Value| async { Ok(()) });
    let bad: Vec<ToolSet> = vec![
        named("").into(),
        named("a b").into(),
        named(" a").into(),
        named("a.b").into(),
        named("ä").into(),
        named(&"a".repeat(129)).into(),
        named("mcp").into(),
        named("mcp__server__tool").into(),
        named("exec_command").into(),
        named("a").defer_loading(true).into(),
        [named("a"), named("a")].into(),
        with_schema(json!(null)).into(),
        with_schema(json!({})).into(),
        with_schema(json!({ "type": "string" })).into(),
        space("").into(),
        space("a/b").into(),
        space(&"a".repeat(65)).into(),
        space("mcp__server").into(),
        space("functions").into(),
        space("a").tool(named("a")).into(),
        Namespace::new("empty", "").into(),
        Namespace::new("wordy", "x".repeat(1025)).tool(named("a")).into(),
        ToolSet::from(space("a")).namespace(space("a")),
    ];
    for set in bad {
        let error = set.check().expect_err(&format!("{set:?}"));
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
}

#[test]
fn what_the_server_takes_is_not_refused() {
    let space = |name: &str| Namespace::new(name, "").tool(named("a"));
    let good: Vec<ToolSet> = vec![
        ToolSet::new(),
        named("a-b_C9").into(),
        named("9").into(),
        named(&"a".repeat(128)).into(),
        named("mcp_tool").into(),
        space(&"a".repeat(64)).into(),
        Namespace::new("wordy", "ä".repeat(1024)).tool(named("a")).into(),
        Namespace::new("own", "").tool(named("exec_command")).tool(named("late").defer_loading(true)).into(),
        ToolSet::from(named("a")).merge(space("a")).merge(space("b")),
    ];
    for set in good {
        set.check().unwrap();
    }
}

#[tokio::test]
async fn a_thread_has_its_tools_as_long_as_they_are_claimed() {
    let registry = ToolRegistry::new(LONG);
    let thread = ThreadId::new("thread");
    let say = |text: &'static str| Tool::new("say", "", anything(), move |_: Value| async move { Ok(text) });
    let reply = || registry.call(params(None, "say", json!({})), &[]);
    assert!(registry.register(&thread, ToolSet::new()).is_none());
    assert!(!reply().await.success);

    let first = registry.register(&thread, say("first").into()).unwrap();
    let second = registry.register(&thread, say("second").into()).unwrap();
    assert_eq!(reply().await, ToolReply::from("second").into_response());
    drop(second);
    assert_eq!(reply().await, ToolReply::from("first").into_response());
    drop(first);
    assert_eq!(reply().await, failure("the tool `say` is not available"));
}
