//! What agents and MCP servers ask beside approvals: answered by a handler, and safely without one.

use codexkit::protocol::Version;
use codexkit::protocol::types::{CollaborationMode, McpServerStartupState, ModeKind, Settings};
use codexkit::protocol::{ServerNotification, ServerRequest};
use codexkit::rules::{McpTool, Permissions, Rules};
use codexkit::{Approvals, Codex, CodexBuilder, Event, ObservedAsk, Sandbox, Thread};
use e2e::model::{Call, Model, Response, Script};
use e2e::{Stage, codex_version, covers, differs_before, skipped, soon};
use serde_json::json;

/// The script of a model that makes one call, and a stage for it.
async fn stage_for(call: Call) -> Stage {
    let script: Script = Model::script().respond(Response::new().item(call)).text("Done.");
    Stage::new(script).await
}

/// What the model was told about its call.
fn told(stage: &Stage) -> String {
    stage.model.requests()[1].function_outputs().into_values().collect()
}

async fn asking(codex: &Codex) -> Thread {
    codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap()
}

fn question() -> Call {
    let options =
        json!([{ "label": "Red", "description": "warm" }, { "label": "Blue", "description": "cold" }]);
    let question =
        json!({ "id": "colour", "header": "Colour", "question": "Which colour?", "options": options });
    Call::function("request_user_input", json!({ "questions": [question] }))
}

async fn plan(codex: &Codex) {
    let mode = CollaborationMode::new(ModeKind::Plan, Settings::new("gpt-5.5"));
    let thread = codex.start_thread().await.unwrap();
    soon("the turn", thread.run("Plan").collaboration_mode(mode).into_future()).await.unwrap();
}

#[tokio::test]
async fn a_question_to_the_user_is_answered_by_its_handler() {
    covers!["000-054"];
    if skipped() {
        return;
    }
    let stage = stage_for(question()).await;
    let answer = |request: codexkit::UserInputRequest| async move {
        request.answer_each(|question| Some(question.options.as_ref()?.last()?.label.clone()))
    };
    plan(&stage.codex().await.on_user_input(answer).start().await.unwrap()).await;
    assert!(told(&stage).contains("Blue"), "{}", told(&stage));
}

#[tokio::test]
async fn a_question_that_nobody_answers_stays_open_and_the_turn_goes_on() {
    if skipped() {
        return;
    }
    let stage = stage_for(question()).await;
    let codex = stage.start().await;
    let mut observer = codex.observe_asks();
    plan(&codex).await;
    let Some(ObservedAsk::Asked(seen)) = soon("the observed ask", observer.next()).await else {
        panic!("an ask")
    };
    assert!(matches!(*seen, ServerRequest::ToolRequestUserInput(_)), "{seen:?}");
    assert!(!told(&stage).contains("Blue") && !told(&stage).contains("Red"), "{}", told(&stage));
}

fn permissions() -> Call {
    let wanted = json!({ "network": { "enabled": true } });
    Call::function("request_permissions", json!({ "reason": "to look something up", "permissions": wanted }))
}

async fn ask_for_permissions(change: impl FnOnce(CodexBuilder) -> CodexBuilder) -> String {
    let stage = stage_for(permissions()).await;
    let builder = stage.codex().await.config("features.request_permissions_tool", true);
    let codex = change(builder).start().await.unwrap();
    soon("the turn", asking(&codex).await.run("Look").into_future()).await.unwrap();
    told(&stage)
}

#[tokio::test]
async fn permissions_are_granted_by_their_handler_only() {
    covers!["000-054"];
    if skipped() {
        return;
    }
    let granted = ask_for_permissions(|builder| {
        builder.on_permissions(|request| async move {
            assert_eq!(request.reason(), Some("to look something up"));
            request.grant()
        })
    });
    let granted = granted.await;
    assert!(granted.contains("\"enabled\":true"), "{granted}");

    let denied = ask_for_permissions(|builder| builder).await;
    assert!(!denied.contains("\"enabled\":true"), "{denied}");
}

#[tokio::test]
async fn permissions_are_granted_by_a_rule_that_covers_all_of_them() {
    if skipped() {
        return;
    }
    let granted =
        ask_for_permissions(|builder| builder.rules(Rules::new().allow(Permissions::network()))).await;
    assert!(granted.contains("\"enabled\":true"), "{granted}");

    let others = Rules::new().allow(Permissions::reading("/workspace"));
    let denied = ask_for_permissions(|builder| builder.rules(others)).await;
    assert!(!denied.contains("\"enabled\":true"), "{denied}");
}

/// Runs a call of the small MCP server's tool, and returns what the model was told.
async fn call_mcp(tool: &str, change: impl FnOnce(CodexBuilder) -> CodexBuilder) -> String {
    // Once, the two names were simply put together.
    let old = codex_version().await < Version::new(0, 144, 4);
    let namespace = if old { "mcp__test__" } else { "mcp__test" };
    let stage = stage_for(Call::function(tool, json!({})).namespace(namespace)).await;
    let builder = stage.codex().await.config("mcp_servers.test.command", env!("CARGO_BIN_EXE_mcp"));
    let codex = change(builder).start().await.unwrap();
    let mut events = codex.subscribe().unwrap();
    let thread = asking(&codex).await;
    loop {
        if let Event::Notification(notification) =
            soon("the MCP server", events.try_next()).await.unwrap().unwrap()
            && let ServerNotification::McpServerStatusUpdated(status) = *notification
            && status.status == McpServerStartupState::Ready
        {
            break;
        }
    }
    soon("the turn", thread.run("Call it").into_future()).await.unwrap();
    told(&stage)
}

#[tokio::test]
async fn an_mcp_server_gets_its_answer_from_the_handler_only() {
    covers!["000-054"];
    if skipped() {
        return;
    }
    let answered = call_mcp("ask", |builder| {
        builder.on_elicitation(|ask| async move {
            assert_eq!((ask.server(), ask.message()), (Some("test"), Some("What is your name?")));
            ask.accept(json!({ "name": "Ada" }))
        })
    });
    let answered = answered.await;
    assert!(answered.contains("Ada") && answered.contains("accept"), "{answered}");

    let declined = call_mcp("ask", |builder| builder.on_mcp_tool(|ask| async move { ask.accept() })).await;
    assert!(declined.contains("decline"), "a handler for tools answers no forms: {declined}");
}

#[tokio::test]
async fn a_destructive_mcp_tool_runs_only_if_its_handler_lets_it() {
    if differs_before(Version::new(0, 169, 0), "the name of a tool in the ask for leave to run it").await {
        return;
    }
    let accepted = call_mcp("danger", |builder| {
        builder.on_mcp_tool(|ask| async move {
            assert_eq!((ask.server(), ask.tool()), (Some("test"), Some("danger")));
            ask.accept()
        })
    });
    let accepted = accepted.await;
    assert!(accepted.contains("it is done"), "{accepted}");

    let accept_forms =
        |builder: CodexBuilder| builder.on_elicitation(|ask| async move { ask.accept(json!({})) });
    let declined = call_mcp("danger", accept_forms).await;
    assert!(!declined.contains("it is done"), "a handler for forms lets no tool run: {declined}");
}

#[tokio::test]
async fn a_destructive_mcp_tool_runs_if_a_rule_allows_it() {
    if differs_before(Version::new(0, 169, 0), "the name of a tool in the ask for leave to run it").await {
        return;
    }
    let allowed = Rules::new().allow(McpTool::named("test", "danger"));
    let accepted = call_mcp("danger", |builder| builder.rules(allowed)).await;
    assert!(accepted.contains("it is done"), "{accepted}");

    let others = Rules::new().allow(McpTool::named("test", "other"));
    let declined = call_mcp("danger", |builder| builder.rules(others)).await;
    assert!(!declined.contains("it is done"), "{declined}");
}
