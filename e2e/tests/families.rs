//! Agents that start agents: whoever answers for the one answers for the others.

use codexkit::{Approval, Approvals, Codex, Sandbox, Thread};
use e2e::model::{Call, Exec, Model, ModelRequest, Response, Script};
use e2e::{Stage, skipped, soon};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const ERRAND: &str = "Run the errand";

/// A model whose agent sends another one on an errand and waits for it.
fn sending(errand: impl Into<Script>) -> Script {
    let spawn = Call::function("spawn_agent", json!({ "message": ERRAND })).namespace("multi_agent_v1");
    let is_errand = |request: &ModelRequest| request.last_user_text() == ERRAND;
    Model::script().when(is_errand, errand).respond(Response::new().item(spawn)).respond_with(|request| {
        // The agent's own words after the call, until its errand is done.
        let agent = request.function_outputs().into_values().find_map(|told| {
            Some(serde_json::from_str::<Value>(&told).ok()?["agent_id"].as_str()?.to_owned())
        });
        let waited = request.body().to_string().contains("wait_agent_call");
        match agent {
            Some(agent) if !waited => {
                let wait = json!({ "targets": [agent], "timeout_ms": 60_000 });
                Response::new().item(
                    Call::function("wait_agent", wait).namespace("multi_agent_v1").id("wait_agent_call"),
                )
            }
            _ => Response::new().text("Done."),
        }
    })
}

/// A thread whose model can start agents.
async fn thread(codex: &Codex) -> Thread {
    let start = codex.start_thread().model("gpt-5").sandbox(Sandbox::ReadOnly);
    start.approvals(Approvals::Ask).await.unwrap()
}

#[tokio::test]
async fn the_turn_that_led_to_an_agent_answers_for_it() {
    if skipped() {
        return;
    }
    // Given a turn with a handler, whose agent sends another one to run a command
    let errand =
        Model::script().exec(Exec::new("touch made").escalated("it has to be")).text("Done as told.");
    let stage = Stage::new(sending(errand)).await;
    let codex = stage.start().await;
    let thread = thread(&codex).await;
    let asked = Arc::new(Mutex::new(None));
    let kept = asked.clone();
    let handler = move |ask: Approval| {
        *kept.lock().unwrap() = ask.origin().cloned();
        async move { ask.accept() }
    };

    // When it is run
    soon("the output", thread.run("Delegate").on_approval(handler).into_future()).await.unwrap();

    // Then the handler of the turn has let the other agent do it, and knew whose agent it is
    assert!(stage.fixture.workspace().join("made").exists());
    let origin = asked.lock().unwrap().clone().expect("the handler was asked");
    assert_ne!(origin.thread.as_ref(), Some(thread.id()));
    assert_eq!(origin.ancestors, [thread.id().clone()]);
}
