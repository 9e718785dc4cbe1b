//! Everything that can be set for a turn.
//!
//! ```text
//! cargo run --example options
//! ```

mod support;

use codexkit::protocol::types::{
    CollaborationMode, ModeKind, MultiAgentMode, ReasoningSummary, Settings, TurnEnvironmentParams,
};
use codexkit::{Approvals, Budget, Busy, Effort, Event, Idle, Sandbox};
use codexkit_testkit::model::Model;
use serde_json::json;
use std::error::Error;
use std::ops::ControlFlow::Continue;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::script().text(r#"{"done":true}"#).text("Planned.")).await?;
    let (workspace, home) = (offline.fixture.workspace(), offline.fixture.home());
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;
    let form = json!({ "type": "object", "properties": { "done": { "type": "boolean" } }, "required": ["done"],
        "additionalProperties": false });

    // What goes to the server stays in force for later turns of the thread, unless it is said otherwise.
    let run = thread.run("Do it");
    let run = run.model("gpt-5.4").effort(Effort::HIGH).summary(ReasoningSummary::Concise);
    // `sandbox_policy`, `approval_policy` and `approvals_reviewer` have more choices; `permissions` names a profile for all.
    let run = run.cwd(workspace).sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask);
    let run = run.runtime_workspace_roots([home]);
    let run = run.service_tier_for_turn("flex"); // or `service_tier`, for later turns, too
    let run = run.output_schema(form); // for this turn alone; see the example `structured`
    let run = run.client_user_message_id("my-id-1").turn_trigger("example");
    let run = run.multi_agent_mode(MultiAgentMode::ExplicitRequestOnly).disabled_plugin_ids(["none-of-mine"]);

    // What stays in this program: how long it may take, how much it may use, who watches and answers (`on_user_input`,
    // `on_elicitation`, `on_permissions`, `on_mcp_tool` and `rules` go like `on_approval`).
    let run = run.idle(Duration::from_secs(60)).network(Duration::from_secs(30)).total(None);
    let run = run.on_idle(Idle::Interrupt).on_busy(Busy::Wait(Duration::from_secs(10)));
    let run = run.budget(Budget::new().model_calls(5));
    let run = run.on_event(|_: &Event| Continue(())).on_approval(async |ask| ask.decline());
    println!("agent: {}", run.await?.text());

    // A mode brings its own model and effort; an environment is a place where commands run. What has no setter goes by
    // `params`.
    let plan = CollaborationMode::new(ModeKind::Plan, Settings::new("gpt-5.5"));
    let run = thread
        .run("Plan more")
        .collaboration_mode(plan)
        .environments([TurnEnvironmentParams::new(workspace.display().to_string(), "local")]);
    println!("agent: {}", run.params(|params| params.turn_trigger("another")).await?.text());
    codex.close().await;
    Ok(())
}
