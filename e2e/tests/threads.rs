//! What becomes of threads: resumed, forked, reverted, archived, reviewed, compacted, and the rest.

use codexkit::protocol::Version;
use codexkit::protocol::types::{
    CommandExecutionStatus, CustomReviewTarget, ReviewTarget, ThreadItem, ThreadListParams, TurnStatus,
};
use codexkit::{Busy, Codex, ErrorKind, ExternalMessage, Sandbox, Thread, Tool, TurnOutput};
use e2e::model::{Call, Gate, Model, Response, Script};
use e2e::{Stage, covers, differs_before, lacks, skipped, soon};
use serde_json::{Value, json};
use std::time::Duration;

/// A model that repeats what the user said last.
fn echo() -> Script {
    Model::respond_with(|request| Response::new().text(format!("You said {}", request.last_user_text())))
}

async fn say(thread: &Thread, text: &str) -> TurnOutput {
    soon("the output", thread.run(text).into_future()).await.unwrap()
}

/// What the user had said so far, as the model was told in its last request.
fn heard(stage: &Stage) -> Vec<String> {
    let texts = stage.model.requests().last().expect("a request").user_texts();
    texts.into_iter().filter(|text| !text.starts_with('<')).collect()
}

#[tokio::test]
async fn a_thread_is_resumed_in_another_program_with_its_history_and_settings() {
    covers!["000-006", "000-016", "000-069", "001-081", "001-084", "002-121", "003-268", "T09"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().model("gpt-5.4").sandbox(Sandbox::ReadOnly).await.unwrap();
    say(&thread, "one").await;
    let id = thread.id().clone();
    codex.close().await;

    let codex = stage.start().await;
    let resumed = codex.resume_thread(id.clone()).await.unwrap();

    assert_eq!((resumed.id(), resumed.settings().model.as_str()), (&id, "gpt-5.4"));
    say(&resumed, "two").await;
    assert_eq!(heard(&stage), ["one", "two"]);
}

#[tokio::test]
async fn a_thread_that_is_not_stored_is_not_found() {
    covers!["003-152"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let missing = "00000000-0000-7000-8000-000000000000";
    let error = stage.start().await.resume_thread(missing).into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ThreadNotFound, "{error}");
}

#[tokio::test]
async fn a_resumed_thread_gets_the_functions_of_its_tools_back() {
    if skipped() {
        return;
    }
    let call = || Response::new().item(Call::function("where", json!({})).id("call"));
    let stage = Stage::new(Model::script().text("Hello.").respond(call()).text("Done.")).await;
    let tool = |answer: &'static str| {
        let nothing = json!({ "type": "object", "properties": {} });
        Tool::new("where", "Tells the program", nothing, move |_: Value| async move { Ok(answer) })
    };
    let codex = stage.start().await;
    let thread = codex.start_thread().tool(tool("the first")).await.unwrap();
    say(&thread, "Hello").await;
    let id = thread.id().clone();
    codex.close().await;

    let codex = stage.start().await;
    let resumed = codex.resume_thread(id).tool(tool("the second")).await.unwrap();
    say(&resumed, "Where are we?").await;

    assert_eq!(stage.model.requests()[2].function_output("call").as_deref(), Some("the second"));
}

#[tokio::test]
async fn a_fork_has_the_history_and_the_model_of_its_source_and_goes_its_own_way() {
    covers!["000-046", "000-069", "002-123", "003-272", "O13"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let source = codex.start_thread().model("gpt-5.4").sandbox(Sandbox::WorkspaceWrite).await.unwrap();
    say(&source, "one").await;

    for ephemeral in [false, true] {
        let fork = source.fork().ephemeral(ephemeral).await.unwrap();
        assert_ne!(fork.id(), source.id());
        let (ours, theirs) = (fork.settings(), source.settings());
        assert_eq!((ours.model, ours.approval_policy), (theirs.model, theirs.approval_policy));
        assert_eq!(ours.sandbox, theirs.sandbox, "it may do no more and no less than its source");
        say(&fork, "aside").await;
        assert_eq!(heard(&stage), ["one", "aside"]);
        assert_eq!(stage.model.requests().last().unwrap().model(), "gpt-5.4");
    }
    say(&source, "two").await;
    assert_eq!(heard(&stage), ["one", "two"]);
}

#[tokio::test]
async fn turns_can_be_forgotten_from_the_end() {
    covers!["000-047", "000-069", "003-233", "003-278", "D05"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    for text in ["one", "two", "three"] {
        say(&thread, text).await;
    }

    thread.rollback(2).await.unwrap();

    say(&thread, "four").await;
    assert_eq!(heard(&stage), ["one", "four"]);
    let error = thread.rollback(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(error.to_string().contains("has 2"), "{error}");
}

#[tokio::test]
async fn turns_and_items_are_listed() {
    covers!["000-059", "003-274"];
    if lacks("thread/revert").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let (one, two) = (say(&thread, "one").await, say(&thread, "two").await);

    let turns = thread.turns().all().await.unwrap();
    assert_eq!(
        turns.iter().map(|turn| &turn.id).collect::<Vec<_>>(),
        [&two.turn, &one.turn],
        "the newest first"
    );
    let items = thread.items().all().await.unwrap();
    let texts = items.iter().filter_map(|entry| match &entry.item {
        ThreadItem::AgentMessage(message) => Some(message.text.as_str()),
        _ => None,
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["You said one", "You said two"]);
    assert_eq!(thread.read().await.unwrap().id, *thread.id());
}

#[tokio::test]
async fn an_archived_thread_is_out_of_the_list_and_runs_again_once_it_is_fetched_back() {
    covers!["003-229", "003-230", "003-231", "003-275", "003-276", "O14", "O15", "D31"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();
    say(&thread, "one").await;
    thread.set_name("mine").await.unwrap();

    thread.archive().await.unwrap();
    let listed = |archived: bool| {
        let codex: Codex = codex.clone();
        async move { codex.list(ThreadListParams::new().archived(archived)).all().await.unwrap() }
    };
    assert!(listed(false).await.is_empty());
    let archived = listed(true).await;
    assert_eq!((&archived[0].id, archived[0].name.as_deref()), (thread.id(), Some("mine")));

    thread.unarchive().await.unwrap();
    say(&thread, "two").await;
    assert_eq!(heard(&stage), ["one", "two"]);

    if !lacks("thread/delete").await {
        thread.delete().await.unwrap();
        assert!(listed(false).await.is_empty());
    }
}

#[tokio::test]
async fn a_thread_that_is_put_away_says_how_it_is_fetched_back() {
    if differs_before(Version::new(0, 144, 4), "archived threads that do not run").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();
    say(&thread, "one").await;
    thread.archive().await.unwrap();

    let run = soon("the refusal", thread.run("two").into_future()).await.unwrap_err();
    let resumed = soon("the refusal", codex.resume_thread(thread.id()).into_future()).await.unwrap_err();
    for error in [run, resumed] {
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        assert!(error.to_string().contains("Thread::unarchive"), "{error}");
        assert_eq!(error.thread(), Some(thread.id()));
    }
    assert_eq!(thread.archive().await.unwrap_err().kind(), ErrorKind::ThreadNotFound);
    assert_eq!(stage.model.requests().len(), 1, "the model was asked nothing more");
}

#[tokio::test]
async fn an_ephemeral_thread_is_not_put_away() {
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().ephemeral(true).await.unwrap();

    let error = thread.archive().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("start it without `ephemeral`"), "{error}");
    say(&thread, "one").await;
}

#[tokio::test]
async fn settings_stay_changed() {
    covers!["003-220", "003-269", "003-273"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;

    let settings = thread.update_settings().model("gpt-5.4").sandbox(Sandbox::ReadOnly).await.unwrap();

    assert_eq!((settings.model.as_str(), thread.settings()), ("gpt-5.4", settings.clone()));
    say(&thread, "one").await;
    assert_eq!(stage.model.requests()[0].model(), "gpt-5.4");
}

#[tokio::test]
async fn what_is_injected_is_part_of_the_history() {
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let item = json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "remember me" }] });
    thread.inject([item]).await.unwrap();
    say(&thread, "one").await;
    assert_eq!(heard(&stage), ["remember me", "one"]);
}

#[tokio::test]
async fn a_message_from_outside_is_the_output_of_a_tool_and_not_of_the_user() {
    covers!["O24"];
    if lacks("turn/start.toolOutput").await {
        return;
    }
    let stage = Stage::new(Model::script().text("I see.")).await;
    let thread = stage.thread().await;

    let message = ExternalMessage::new("ci", "the build has failed");
    let output = soon("the output", thread.run(message.clone()).into_future()).await.unwrap();

    assert!(output.items.iter().any(|item| matches!(item, ThreadItem::FunctionCallOutput(_))), "{output:?}");
    let request = &stage.model.requests()[0];
    assert!(request.body()["input"].to_string().contains("the build has failed"));
    assert!(!heard(&stage).contains(&"the build has failed".to_owned()));
    assert_eq!(thread.enqueue(message).await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_review_gives_its_findings_and_can_be_interrupted() {
    covers!["003-279"];
    let gate = Gate::new();
    let stage =
        Stage::new(Model::script().text("No findings.").gate(&gate).text("Never said.").text("After.")).await;
    let thread = stage.thread().await;
    let target = || ReviewTarget::Custom(CustomReviewTarget::new("Look at main.rs"));

    let output = soon("the review", thread.review(target()).into_future()).await.unwrap();
    assert_eq!(output.text(), "No findings.");
    let review = output.items.iter().find_map(|item| match item {
        ThreadItem::ExitedReviewMode(review) => Some(review.review.as_str()),
        _ => None,
    });
    assert_eq!(review, Some("No findings."));

    let turn = thread.review(target()).stream().await.unwrap();
    turn.control().interrupt().await.unwrap();
    let interrupted = soon("the end of the review", turn.finish()).await.unwrap();
    assert_eq!(interrupted.status, TurnStatus::Interrupted);
    gate.open();
    assert_eq!(say(&thread, "Go on").await.status, TurnStatus::Completed, "the thread is free again");
}

#[tokio::test]
async fn a_thread_is_compacted() {
    covers!["002-125", "002-128", "003-232", "003-277", "O15"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    say(&thread, "one").await;
    let output = soon("the compaction", thread.compact().into_future()).await.unwrap();
    assert!(output.items.iter().any(|item| matches!(item, ThreadItem::ContextCompaction(_))), "{output:?}");
    assert_eq!(output.text(), "");
}

#[tokio::test]
async fn a_command_of_the_user_runs_and_the_agent_learns_of_it() {
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;

    let output = soon("the command", thread.shell_command("echo from the user").into_future()).await.unwrap();

    let command = output.items.iter().find_map(|item| match item {
        ThreadItem::CommandExecution(command) => Some(command),
        _ => None,
    });
    let command = command.expect("a command");
    assert_eq!(command.status, CommandExecutionStatus::Completed);
    assert_eq!(command.aggregated_output.as_deref(), Some("from the user\n"));
    say(&thread, "one").await;
    assert!(stage.model.requests()[0].body()["input"].to_string().contains("echo from the user"));
}

#[tokio::test]
async fn a_busy_thread_fails_waits_or_joins() {
    covers!["003-177", "O19", "D21"];
    if differs_before(Version::new(0, 154, 0), "the id of the turn that an input has joined").await {
        let thread = Stage::new(Model::script()).await.thread().await;
        let error = thread.run("Join").on_busy(Busy::Join).into_future().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incompatible, "{error}");
        return;
    }
    let gate = Gate::new();
    let stage = Stage::new(Model::script().gate(&gate).text("One.").text("Joined.").text("Waited.")).await;
    let thread = stage.thread().await;
    let first = thread.run("one").stream().await.unwrap();

    let error = thread.run("two").into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    let impatient = thread.run("two").on_busy(Busy::Wait(Duration::from_millis(1)));
    assert_eq!(impatient.into_future().await.unwrap_err().kind(), ErrorKind::Busy);
    let error = thread.compact().on_busy(Busy::Join).into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);

    let joined = thread.run("joined").on_busy(Busy::Join).stream().await.unwrap();
    assert_eq!(joined.id(), first.id());
    let waiting = tokio::spawn(thread.run("waited").on_busy(Busy::Wait(e2e::PATIENCE)).into_future());
    gate.open();

    let (first, joined) = tokio::join!(first.finish(), joined.finish());
    let (first, joined) = (first.unwrap(), joined.unwrap());
    assert_eq!((first.text(), joined.text()), ("Joined.", "Joined."));
    assert_eq!((first.joined, joined.joined), (false, true));
    assert_eq!(soon("the turn that waited", waiting).await.unwrap().unwrap().text(), "Waited.");
}

#[tokio::test]
async fn dropping_a_joined_turn_leaves_it_alone() {
    covers!["O19", "D22"];
    if skipped() {
        return;
    }
    if differs_before(Version::new(0, 154, 0), "the id of the turn that an input has joined").await {
        return;
    }
    let gate = Gate::new();
    let stage = Stage::new(Model::script().gate(&gate).text("One.").text("Both.")).await;
    let thread = stage.thread().await;
    let first = thread.run("one").stream().await.unwrap();
    drop(thread.run("joined").on_busy(Busy::Join).stream().await.unwrap());
    gate.open();
    assert_eq!(soon("the output", first.finish()).await.unwrap().status, TurnStatus::Completed);
}

#[tokio::test]
async fn a_queued_input_gets_its_turn_when_the_thread_is_free() {
    if lacks("thread/queue/add").await {
        return;
    }
    let gate = Gate::new();
    let stage = Stage::new(Model::script().gate(&gate).text("One.").text("Queued.")).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();
    let first = thread.run("one").stream().await.unwrap();
    let gone = thread.enqueue("never").await.unwrap();
    thread.enqueue("queued").await.unwrap();
    thread.dequeue(&gone).await.unwrap();
    assert_eq!(thread.queue().all().await.unwrap().len(), 1);

    let mut events = codex.subscribe().unwrap();
    gate.open();
    assert_eq!(soon("the first turn", first.finish()).await.unwrap().text(), "One.");

    let mut ended = 0;
    while ended < 2 {
        let event = soon("the end of the queued turn", events.try_next()).await.unwrap().unwrap();
        ended += usize::from(matches!(event, codexkit::Event::TurnCompleted(_)));
    }
    assert_eq!(heard(&stage), ["one", "queued"]);
}

#[tokio::test]
async fn a_turn_is_read_step_by_step() {
    covers!["003-181", "003-201", "003-202", "003-203", "003-204", "003-205", "003-206", "003-271"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().exec("echo hi").text("Done.")).await;
    let thread = stage.thread().await;
    let mut steps = thread.run("Act").stream().await.unwrap().steps();
    assert_eq!(steps.turn().thread(), thread.id());
    let (mut seen, mut items) = (Vec::new(), Vec::new());
    while let Some(step) = soon("a step", steps.try_next()).await.unwrap() {
        seen.push((step.kind, step.text));
        items.push(step.item);
    }
    use codexkit::StepKind::{Agent, Command, User};
    let command = "/bin/bash -lc 'echo hi'\nhi".to_owned();
    assert_eq!(seen, [(User, "Act".to_owned()), (Command, command), (Agent, "Done.".to_owned())]);
    let output = steps.finish().await.unwrap();
    assert_eq!((output.text(), &output.items), ("Done.", &items), "each step has its whole item");
    assert_eq!(
        items.iter().map(ThreadItem::tag).collect::<Vec<_>>(),
        ["userMessage", "commandExecution", "agentMessage"]
    );
}
