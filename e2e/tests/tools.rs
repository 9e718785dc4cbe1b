//! Functions of this program as the agent's tools.

use codexkit::protocol::Version;
use codexkit::protocol::types::{
    DynamicToolCallItem, DynamicToolCallStatus, DynamicToolSpec, ThreadItem, TurnStatus,
};
use codexkit::{ErrorKind, Namespace, Thread, Tool, ToolCall, ToolError, ToolReply, ToolSet, TurnOutput};
use e2e::model::{Call, Model, ModelRequest, Response, Script};
use e2e::{Stage, differs_before, skipped, soon};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Barrier, oneshot};

/// The smallest picture that there is.
const PICTURE: &str = "data:image/png;base64,\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[derive(Deserialize, JsonSchema)]
struct City {
    /// In English.
    name: String,
    country: Option<Country>,
}

#[derive(Deserialize, JsonSchema)]
struct Country {
    code: String,
}

fn anything() -> Value {
    json!({ "type": "object", "properties": {} })
}

/// A model that calls one tool and then is done.
fn calling(tool: &str, arguments: Value) -> Script {
    Model::script().respond(Response::new().item(Call::function(tool, arguments).id("call"))).text("Done.")
}

/// What became of one turn in which the model followed the script.
struct Played {
    stage: Stage,
    output: TurnOutput,
}

impl Played {
    async fn new(script: Script, tools: impl Into<ToolSet>) -> Self {
        let stage = Stage::new(script).await;
        let thread = stage.start().await.start_thread().tools(tools).await.unwrap();
        let output = soon("the output", thread.run("Act").into_future()).await.unwrap();
        assert_eq!(output.text(), "Done.");
        stage.model.assert_finished();
        Self { stage, output }
    }

    /// What the model was told of a call.
    fn told(&self, call: &str) -> String {
        self.stage.model.requests()[1].function_output(call).expect("the call was answered")
    }

    fn item(&self) -> &DynamicToolCallItem {
        let item = self.output.items.iter().find_map(|item| match item {
            ThreadItem::DynamicToolCall(call) => Some(call),
            _ => None,
        });
        item.expect("a call of a tool")
    }

    fn assert_failed(&self, told: &str) {
        assert_eq!(self.told("call"), told);
        assert_eq!((&self.item().status, self.item().success), (&DynamicToolCallStatus::Failed, Some(false)));
    }
}

/// A tool as the model was shown it.
fn offered(request: &ModelRequest, name: &str) -> Option<Value> {
    let tools = request.body()["tools"].as_array().expect("a list of tools");
    tools.iter().find(|tool| tool["name"] == name).cloned()
}

#[tokio::test]
async fn the_model_sees_the_schema_of_the_type_and_the_text_of_the_reply() {
    if differs_before(Version::new(0, 144, 4), "schemas that reach the model whole").await {
        return;
    }
    let weather = Tool::typed("weather", "Tells the weather", |city: City| async move {
        let country = city.country.map_or("nowhere".into(), |country| country.code);
        Ok(format!("sunny in {}, {country}", city.name))
    });
    let arguments = json!({ "name": "Bonn", "country": { "code": "DE" } });

    let played = Played::new(calling("weather", arguments), weather).await;

    assert_eq!(played.told("call"), "sunny in Bonn, DE");
    assert_eq!(
        (&played.item().status, played.item().success),
        (&DynamicToolCallStatus::Completed, Some(true))
    );
    let shown = offered(&played.stage.model.requests()[0], "weather").expect("the tool is offered");
    assert_eq!(shown["description"], "Tells the weather");
    assert_eq!(shown["parameters"]["required"], json!(["name"]));
    assert_eq!(shown["parameters"]["properties"]["name"]["description"], "In English.");
    assert_eq!(shown["parameters"]["$defs"]["Country"]["required"], json!(["code"]));
}

#[tokio::test]
async fn the_model_sees_images() {
    if skipped() {
        return;
    }
    let draw = Tool::new("draw", "Draws", anything(), |_: Value| async {
        Ok(ToolReply::new().text("A dot:").image(PICTURE))
    });

    let played = Played::new(calling("draw", json!({})), draw).await;

    let request = &played.stage.model.requests()[1];
    let answer = request.input().iter().find(|item| item["type"] == "function_call_output").unwrap();
    assert_eq!(answer["output"][0], json!({ "type": "input_text", "text": "A dot:" }));
    assert_eq!(answer["output"][1]["type"], "input_image");
    assert_eq!(answer["output"][1]["image_url"], PICTURE);
}

#[tokio::test]
async fn the_server_takes_images_from_data_alone() {
    if differs_before(Version::new(0, 144, 4), "images of tools that are looked at").await {
        return;
    }
    let link = Tool::new("link", "Links", anything(), |_: Value| async {
        Ok(ToolReply::new().image("https://example.invalid/dot.png"))
    });
    let played = Played::new(calling("link", json!({})), link).await;
    assert!(played.told("call").contains("data URL"), "{}", played.told("call"));
}

#[tokio::test]
async fn an_error_is_told_to_the_model_and_the_turn_goes_on() {
    if skipped() {
        return;
    }
    let parse = Tool::new("parse", "Parses", anything(), |text: Value| async move {
        let number: i64 = text["number"].as_str().ok_or("no number was given")?.parse()?;
        Ok(number.to_string())
    });
    let played = Played::new(calling("parse", json!({ "number": "seven" })), parse).await;
    played.assert_failed("invalid digit found in string");
}

#[tokio::test]
async fn a_panic_is_told_to_the_model_and_the_turn_goes_on() {
    if skipped() {
        return;
    }
    let first = Tool::new("first", "Takes the first", anything(), |_: Value| async {
        let numbers: Vec<i32> = Vec::new();
        Ok(numbers[0].to_string())
    });
    let played = Played::new(calling("first", json!({})), first).await;
    played.assert_failed("the tool `first` broke down; it may work with other arguments");
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_with_their_place() {
    if skipped() {
        return;
    }
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let weather = Tool::typed("weather", "Tells the weather", move |_: City| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok("sunny") }
    });
    let arguments = json!({ "name": "Bonn", "country": { "code": 49 } });

    let played = Played::new(calling("weather", arguments), weather).await;

    played.assert_failed(
        "the argument `country.code` does not fit: invalid type: integer `49`, expected a string",
    );
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_tool_that_takes_too_long_is_stopped_and_the_turn_goes_on() {
    if skipped() {
        return;
    }
    let (dropped, was_dropped) = oneshot::channel::<()>();
    let dropped = Arc::new(Mutex::new(Some(dropped)));
    let wait = Tool::new("wait_long", "Waits", anything(), move |_: Value| {
        let dropped = dropped.lock().unwrap().take();
        async move {
            let _dropped = dropped;
            std::future::pending::<Result<(), _>>().await
        }
    });

    let played = Played::new(calling("wait_long", json!({})), wait.deadline(Duration::from_millis(50))).await;

    played.assert_failed("the tool `wait_long` was stopped because it took longer than 50ms");
    soon("the end of the tool", was_dropped).await.unwrap_err();
}

#[tokio::test]
async fn a_tool_may_take_longer_than_other_asks() {
    if skipped() {
        return;
    }
    let stage = Stage::new(calling("sleep_long", json!({}))).await;
    let limits = codexkit::Limits::default().ask_deadline(Duration::from_millis(10));
    let codex = stage.codex().await.limits(limits).start().await.unwrap();
    let sleep = Tool::new("sleep_long", "Sleeps", anything(), |_: Value| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok("slept")
    });
    let thread = codex.start_thread().tool(sleep.deadline(Duration::from_secs(60))).await.unwrap();

    soon("the output", thread.run("Act").into_future()).await.unwrap();

    assert_eq!(stage.model.requests()[1].function_output("call").unwrap(), "slept");
}

#[tokio::test]
async fn a_tool_that_nobody_answers_for_is_told_to_the_model() {
    if skipped() {
        return;
    }
    let stage = Stage::new(calling("announced", json!({}))).await;
    let announced = DynamicToolSpec::function("Is only announced", anything(), "announced");
    let present = Tool::new("present", "Is there", anything(), |_: Value| async { Ok(()) });
    let start = stage.start().await.start_thread().tool(present).dynamic_tools([announced]);
    let thread = start.await.unwrap();

    let output = soon("the output", thread.run("Act").into_future()).await.unwrap();

    assert_eq!(output.text(), "Done.");
    let requests = stage.model.requests();
    assert!(offered(&requests[0], "present").is_some());
    assert_eq!(requests[1].function_output("call").unwrap(), "the tool `announced` is not available");
}

#[tokio::test]
async fn the_calls_of_one_response_run_in_parallel() {
    if differs_before(Version::new(0, 169, 0), "calls of tools that run side by side").await {
        return;
    }
    let both = Response::new()
        .item(Call::function("meet", json!({ "name": "a" })).id("call-a"))
        .item(Call::function("meet", json!({ "name": "b" })).id("call-b"));
    let barrier = Arc::new(Barrier::new(2));
    let meet = Tool::typed("meet", "Waits for the other", move |own: City| {
        let barrier = barrier.clone();
        async move {
            // Nobody passes before both are here.
            barrier.wait().await;
            Ok(format!("{} has met", own.name))
        }
    });

    let played = Played::new(Model::script().respond(both).text("Done."), meet).await;

    assert_eq!((played.told("call-a"), played.told("call-b")), ("a has met".into(), "b has met".into()));
}

#[tokio::test]
async fn a_closure_keeps_state_over_turns() {
    if skipped() {
        return;
    }
    let turn = || calling("count", json!({}));
    let script =
        Model::script().when(e2e::model::prompt_is("one"), turn()).when(e2e::model::prompt_is("two"), turn());
    let stage = Stage::new(script).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let tool = Tool::new("count", "Counts", anything(), move |_: Value| {
        let number = counter.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Ok(number.to_string()) }
    });
    let thread = stage.start().await.start_thread().tool(tool).await.unwrap();

    for prompt in ["one", "two"] {
        soon("the output", thread.run(prompt).into_future()).await.unwrap();
    }

    assert_eq!(count.load(Ordering::Relaxed), 2);
    let requests = stage.model.requests();
    assert_eq!(requests[1].function_output("call").unwrap(), "1");
}

#[tokio::test]
async fn a_tool_in_a_namespace_knows_where_the_call_comes_from() {
    if differs_before(Version::new(0, 144, 4), "namespaces of tools").await {
        return;
    }
    let call = Call::function("exec_command", json!({ "a": 1 })).namespace("mine").id("call");
    let script = Model::script().respond(Response::new().item(call)).text("Done.");
    // In a namespace even the names of codex's own tools are free.
    let own = Tool::with_context("exec_command", "Runs", anything(), |call: ToolCall, _: Value| async move {
        Ok(format!("{call} {} {} {} {}", call.id(), call.thread(), call.turn(), call.arguments()))
    });
    let late =
        Tool::new("late", "Is found later", anything(), |_: Value| async { Ok(()) }).defer_loading(true);

    let played = Played::new(script, Namespace::new("mine", "Tools of mine").tool(own).tool(late)).await;

    let (thread, turn) = (&played.output.thread, &played.output.turn);
    assert_eq!(played.told("call"), format!("mine.exec_command call {thread} {turn} {{\"a\":1}}"));
    assert_eq!(played.item().namespace.as_deref(), Some("mine"));
    let shown = offered(&played.stage.model.requests()[0], "mine").expect("the namespace is offered");
    let names: Vec<_> = shown["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!((&shown["type"], names), (&json!("namespace"), vec![&json!("exec_command")]));
}

#[tokio::test]
async fn a_turn_keeps_the_tools_of_its_thread() {
    if skipped() {
        return;
    }
    let stage = Stage::new(calling("stay", json!({}))).await;
    let stay = Tool::new("stay", "Stays", anything(), |_: Value| async { Ok("still here") });
    let thread: Thread = stage.start().await.start_thread().tool(stay).await.unwrap();
    let turn = thread.run("Act").stream().await.unwrap();
    drop(thread);

    soon("the output", turn.finish()).await.unwrap();

    assert_eq!(stage.model.requests()[1].function_output("call").unwrap(), "still here");
}

#[tokio::test]
async fn what_the_server_would_refuse_or_shadow_is_refused_at_once() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    for name in ["", "two words", "mcp__x", "exec_command"] {
        let tool = Tool::new(name, "Is misnamed", anything(), |_: Value| async { Ok(()) });
        let error = codex.start_thread().tool(tool).into_future().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{name}");
    }
}

#[tokio::test]
async fn without_the_experimental_api_there_are_no_tools() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.codex().await.experimental_api(false).start().await.unwrap();
    let tool = Tool::new("tool", "Is a tool", anything(), |_: Value| async { Ok(()) });

    let error = codex.start_thread().tool(tool).into_future().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::ExperimentalRequired);
}

#[tokio::test]
async fn a_tool_is_stopped_when_its_turn_is_interrupted() {
    if skipped() {
        return;
    }
    // Given a tool at work, which would not end by itself
    struct TellWhenDropped(Option<oneshot::Sender<()>>);
    impl Drop for TellWhenDropped {
        fn drop(&mut self) {
            let _ = self.0.take().map(|sender| sender.send(()));
        }
    }
    let stage = Stage::new(calling("endless", json!({}))).await;
    let (begun, has_begun) = oneshot::channel();
    let (stopped, has_stopped) = oneshot::channel();
    let senders = Mutex::new(Some((begun, TellWhenDropped(Some(stopped)))));
    let endless = Tool::new("endless", "Never ends", anything(), move |_: Value| {
        let (begun, guard) = senders.lock().unwrap().take().expect("one call");
        async move {
            let _guard = guard;
            begun.send(()).unwrap();
            std::future::pending::<Result<String, ToolError>>().await
        }
    });
    let thread = stage.start().await.start_thread().tool(endless).await.unwrap();
    let turn = thread.run("Act").stream().await.unwrap();
    soon("the tool", has_begun).await.unwrap();

    // When the turn is interrupted
    turn.control().interrupt().await.unwrap();

    // Then the tool is dropped
    soon("the end of the tool", has_stopped).await.unwrap();
    assert_eq!(soon("the output", turn.finish()).await.unwrap().status, TurnStatus::Interrupted);
}
