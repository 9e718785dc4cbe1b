//! What turns use, and what they may use.

use codexkit::protocol::types::TurnStatus;
use codexkit::{Budget, BudgetCap, ErrorKind, InterruptedBy, Run, TurnOutput};
use e2e::model::{Call, Model, Response, Script, Usage};
use e2e::{Stage, covers, lacks, skipped, soon};
use serde_json::{Value, json};
use std::time::Duration;

fn answer(text: &str, tokens: u64) -> Response {
    Response::new().text(text).usage(Usage::new(tokens, 0))
}

/// A model that runs so many commands one after the other, at ten tokens for each answer.
fn commands(count: usize) -> Script {
    let command = || Response::new().exec("true").usage(Usage::new(10, 0));
    Model::script().times(count, command()).respond(answer("Done.", 10))
}

async fn run(run: Run) -> TurnOutput {
    soon("the output", run.into_future()).await.unwrap()
}

#[tokio::test]
async fn each_turn_counts_its_own_tokens() {
    covers!["000-032", "002-130", "T27"];
    if skipped() {
        return;
    }
    let script = Model::script()
        .respond(answer("One.", 100))
        .respond(Response::new().exec("true").usage(Usage::new(20, 0)));
    let stage = Stage::new(script.respond(answer("Two.", 30))).await;
    let thread = stage.thread().await;

    let one = run(thread.run("one")).await.usage.unwrap();
    let two = run(thread.run("two")).await.usage.unwrap();

    assert_eq!((one.turn.total, one.model_calls, one.thread.total), (100, 1, 100));
    assert_eq!((two.turn.total, two.model_calls, two.thread.total), (50, 2, 150));
    assert_eq!((two.turn.input, two.lower_bound), (50, false));
}

#[tokio::test]
async fn a_fork_or_a_resumed_thread_does_not_count_what_was_before() {
    if skipped() {
        return;
    }
    let script =
        Model::script().respond(answer("One.", 100)).respond(answer("Fork.", 7)).respond(answer("Two.", 9));
    let stage = Stage::new(script).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();
    run(thread.run("one")).await;

    let fork = thread.fork().await.unwrap();
    let aside = run(fork.run("aside")).await.usage.unwrap();
    assert_eq!((aside.turn.total, aside.lower_bound), (7, false));
    let id = thread.id().clone();
    codex.close().await;

    let resumed = stage.start().await.resume_thread(id).await.unwrap();
    let two = run(resumed.run("two")).await.usage.unwrap();
    assert_eq!((two.turn.total, two.thread.total), (9, 109));
}

#[tokio::test]
async fn what_an_interrupted_turn_has_used_is_a_lower_bound() {
    if skipped() {
        return;
    }
    let script = Model::script().respond(Response::new().exec("true").usage(Usage::new(20, 0))).never();
    let stage = Stage::new(script).await;
    let mut turn = stage.thread().await.run("one").stream().await.unwrap();
    while turn.output().usage.is_none() {
        soon("an event", turn.try_next()).await.unwrap().unwrap();
    }
    turn.control().interrupt().await.unwrap();
    let usage = soon("the output", turn.finish()).await.unwrap().usage.unwrap();
    assert_eq!((usage.turn.total, usage.lower_bound), (20, true));
}

#[tokio::test]
async fn what_other_agents_use_is_counted_apart() {
    if skipped() {
        return;
    }
    // Given a turn whose agent sends another one on an errand and waits for it
    let errand = |request: &e2e::model::ModelRequest| request.last_user_text() == "Errand";
    let spawn =
        Call::function("spawn_agent", json!({ "message": "Errand" })).namespace("multi_agent_v1").id("spawn");
    let script = Model::script().when(errand, answer("Done as told.", 1000)).respond_with(move |request| {
        let used = Usage::new(10, 0);
        let agent = request.function_output("spawn").map(|told| {
            let told: Value = serde_json::from_str(&told).expect("what became of the call");
            told["agent_id"].clone()
        });
        match (agent, request.function_output("wait")) {
            (None, _) => Response::new().item(spawn.clone()).usage(used),
            (Some(agent), None) => {
                let wait = json!({ "targets": [agent], "timeout_ms": 60_000 });
                let wait = Call::function("wait_agent", wait).namespace("multi_agent_v1").id("wait");
                Response::new().item(wait).usage(used)
            }
            _ => Response::new().text("Done.").usage(used),
        }
    });
    let stage = Stage::new(script).await;
    let thread = stage.start().await.start_thread().model("gpt-5").await.unwrap();

    let usage = run(thread.run("Delegate")).await.usage.unwrap();

    assert_eq!((usage.turn.total, usage.agents.total), (30, 1000));
}

async fn exceeded(stage: &Stage, budget: Budget) -> TurnOutput {
    let thread = stage.thread().await;
    let error = soon("the output", thread.run("Go").budget(budget).into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error}");
    let output = error.output().expect("the output").clone();
    assert_eq!(
        (&output.status, output.interrupted_by),
        (&TurnStatus::Interrupted, Some(InterruptedBy::Budget))
    );
    output
}

#[tokio::test]
async fn a_turn_stops_where_its_budget_ends() {
    if skipped() {
        return;
    }
    // The second command lasts, so that the model is not asked again before the interrupt comes.
    let command = |command: &str| Response::new().exec(command).usage(Usage::new(10, 0));
    let stage = Stage::new(Model::script().respond(command("true")).respond(command("sleep 30"))).await;
    let output = exceeded(&stage, Budget::new().model_calls(2)).await;
    assert_eq!(output.budget_exceeded, Some(BudgetCap::ModelCalls(2)));
    assert_eq!(stage.model.requests().len(), 2, "the model was asked no more often");

    let stage = Stage::new(commands(5)).await;
    let output = exceeded(&stage, Budget::new().tokens(25)).await;
    assert_eq!(output.usage.unwrap().turn.total, 30);

    let stage = Stage::new(commands(5)).await;
    let output = exceeded(&stage, Budget::new().tool_calls(1)).await;
    assert_eq!(output.budget_exceeded, Some(BudgetCap::ToolCalls(1)));

    let stage = Stage::new(Model::script().never()).await;
    let cap = Duration::from_millis(1);
    assert_eq!(exceeded(&stage, Budget::new().time(cap)).await.budget_exceeded, Some(BudgetCap::Time(cap)));
}

#[tokio::test]
async fn a_turn_that_keeps_its_budget_to_the_last_is_completed() {
    if skipped() {
        return;
    }
    let stage = Stage::new(commands(2)).await;
    let budget = Budget::new().model_calls(3).tool_calls(2).tokens(30).time(Duration::from_secs(600));
    let output = run(stage.thread().await.run("Go").budget(budget)).await;
    assert_eq!(output.text(), "Done.");
}

#[tokio::test]
async fn the_turns_of_a_thread_share_its_budget() {
    covers!["000-018"];
    if skipped() {
        return;
    }
    let command = |command: &str| Response::new().exec(command).usage(Usage::new(10, 0));
    let script = Model::script().respond(command("true")).respond(answer("One.", 10));
    let script = script.respond(command("sleep 30"));
    let stage = Stage::new(script).await;
    let thread = stage.start().await.start_thread().budget(Budget::new().model_calls(3)).await.unwrap();

    assert_eq!(run(thread.run("one")).await.text(), "One.");
    let error = soon("the output", thread.clone().run("two").into_future()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error}");
    assert_eq!(stage.model.requests().len(), 3);
}

#[tokio::test]
async fn the_kinds_of_tokens_are_told_apart() {
    covers!["T27"];
    if lacks("turn/start.toolOutput").await {
        return;
    }
    let usage = Usage::new(100, 20).cached_input(60).cache_write(30).reasoning_output(7);
    let stage = Stage::new(Model::script().respond(Response::new().text("Hello.").usage(usage))).await;
    let used = run(stage.thread().await.run("Hi")).await.usage.unwrap().turn;
    assert_eq!((used.input, used.cached_input, used.cache_write_input), (100, 60, 30));
    assert_eq!((used.output, used.reasoning_output, used.total), (20, 7, 120));
}
