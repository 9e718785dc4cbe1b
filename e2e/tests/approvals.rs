//! What the server asks before the agent acts.

use codexkit::protocol::ServerRequest;
use codexkit::protocol::types::{CommandExecutionStatus, PatchApplyStatus, ThreadItem, TurnStatus};
use codexkit::{Approval, ApprovalAnswer, Approvals, Ask, Codex, ObservedAsk, Sandbox, Thread, TurnOutput};
use e2e::model::{Exec, Model, Script};
use e2e::{Stage, covers, skipped, soon};
use std::sync::{Arc, Mutex};

const PATCH: &str = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n";

fn escalated(command: &str) -> Script {
    Model::script().exec(Exec::new(command).escalated("it has to be")).text("Done.")
}

async fn asking_thread(codex: &Codex) -> Thread {
    codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap()
}

fn command_status(output: &TurnOutput) -> &CommandExecutionStatus {
    let command = output.items.iter().find_map(|item| match item {
        ThreadItem::CommandExecution(command) => Some(&command.status),
        _ => None,
    });
    command.expect("a command")
}

fn patch_status(output: &TurnOutput) -> &PatchApplyStatus {
    let patch = output.items.iter().find_map(|item| match item {
        ThreadItem::FileChange(change) => Some(&change.status),
        _ => None,
    });
    patch.expect("a file change")
}

#[tokio::test]
async fn without_a_handler_commands_are_declined() {
    covers!["000-057", "003-208"];
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let codex = stage.start().await;

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined);
    assert!(!stage.fixture.workspace().join("made").exists());
    let told = stage.model.requests()[1].function_outputs().into_values().collect::<String>();
    assert!(told.contains("rejected"), "{told}");
}

#[tokio::test]
async fn without_a_handler_file_changes_are_declined() {
    covers!["000-057", "003-208"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().patch(PATCH).text("Done.")).await;
    let codex = stage.start().await;

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(patch_status(&output), &PatchApplyStatus::Declined);
    assert!(stage.fixture.read("new.txt").is_err());
}

#[tokio::test]
async fn a_handler_sees_the_whole_command_and_can_accept_it() {
    covers!["000-054", "000-068", "003-207", "003-211", "003-214", "D02"];
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("echo made > made; cat made")).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = seen.clone();
    let handler = move |ask: Approval| {
        record.lock().unwrap().push(ask.clone());
        async move { ask.accept() }
    };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();
    let thread = asking_thread(&codex).await;

    let output = soon("the output", thread.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Completed);
    assert_eq!(stage.fixture.read("made").unwrap(), "made\n");
    let asks = seen.lock().unwrap();
    assert_eq!(asks.len(), 1);
    assert!(asks[0].command_line().unwrap().contains("echo made > made; cat made"));
    assert_eq!(asks[0].reason(), Some("it has to be"));
    assert_eq!((asks[0].thread(), asks[0].turn()), (Some(thread.id()), Some(&output.turn)));
}

#[tokio::test]
async fn a_handler_can_accept_a_file_change() {
    covers!["003-207", "003-215"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().patch(PATCH).text("Done.")).await;
    let handler = |ask: Approval| async move {
        match ask.changes() {
            [change] if change.path.ends_with("new.txt") && change.diff == "hello\n" => ask.accept(),
            _ => ask.decline(),
        }
    };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(patch_status(&output), &PatchApplyStatus::Completed);
    assert_eq!(stage.fixture.read("new.txt").unwrap(), "hello\n");
    assert!(output.diff.unwrap().contains("+hello"));
}

#[tokio::test]
async fn a_handler_can_decline_and_stop_the_turn() {
    covers!["003-213", "D02"];
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let codex = stage.codex().await.on_approval(|ask| async move { ask.cancel() }).start().await.unwrap();

    let run = asking_thread(&codex).await.run("Act").outcome();
    let output = soon("the output", run.into_future()).await.unwrap();

    assert_eq!(output.status, TurnStatus::Interrupted);
    assert!(!stage.fixture.workspace().join("made").exists());
}

#[tokio::test]
async fn a_handler_that_panics_declines_and_the_turn_goes_on() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let none: Option<ApprovalAnswer> = None;
    let handler = move |_: Approval| {
        let none = none.clone();
        async move { none.expect("this panic belongs to the test") }
    };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined);
    assert_eq!(output.text(), "Done.");
}

#[tokio::test]
async fn a_handler_that_takes_too_long_declines() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let limits = codexkit::Limits::default().ask_deadline(std::time::Duration::from_millis(50));
    let codex = stage
        .codex()
        .await
        .limits(limits)
        .on_approval(|_| std::future::pending::<ApprovalAnswer>())
        .start()
        .await
        .unwrap();

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined);
}

#[tokio::test]
async fn a_handler_may_use_the_connection() {
    covers!["000-054"];
    if skipped() {
        return;
    }
    let script = Model::script()
        .when(e2e::model::prompt_is("Is it safe?"), Model::script().text("yes"))
        .when(e2e::model::prompt_is("Act"), escalated("touch made"));
    let stage = Stage::new(script).await;
    let reviewer: Arc<Mutex<Option<Codex>>> = Arc::default();
    let shared = reviewer.clone();
    let handler = move |ask: Approval| {
        let codex = shared.lock().unwrap().clone().unwrap();
        async move {
            match codex.ask("Is it safe?").await {
                Ok(answer) if answer.text() == "yes" => ask.accept(),
                _ => ask.decline(),
            }
        }
    };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();
    *reviewer.lock().unwrap() = Some(codex.clone());

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Completed);
    soon("the end", codex.close()).await;
}

#[tokio::test]
async fn a_handler_that_fails_declines() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let handler = |ask: Approval| async move { if false { Ok(ask.accept()) } else { Err("no idea") } };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined);
}

#[tokio::test]
async fn the_most_particular_handler_answers() {
    if skipped() {
        return;
    }
    let script = ["one", "two", "three"].iter().fold(Model::script(), |script, name| {
        script.when(e2e::model::prompt_is(*name), escalated(&format!("touch {name}")))
    });
    let stage = Stage::new(script).await;
    let codex = stage.codex().await.on_approval(|ask| async move { ask.decline() }).start().await.unwrap();
    let start = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask);
    let thread = start.on_approval(|ask| async move { ask.accept() }).await.unwrap();

    let of_thread = soon("a turn", thread.run("one").into_future()).await.unwrap();
    assert_eq!(command_status(&of_thread), &CommandExecutionStatus::Completed);

    let run = thread.run("two").on_approval(|ask| async move { ask.decline() });
    let of_turn = soon("a turn", run.into_future()).await.unwrap();
    assert_eq!(command_status(&of_turn), &CommandExecutionStatus::Declined);

    let other = asking_thread(&codex).await;
    let of_connection = soon("a turn", other.run("three").into_future()).await.unwrap();
    assert_eq!(command_status(&of_connection), &CommandExecutionStatus::Declined);
}

#[tokio::test]
async fn the_asks_of_a_turn_can_be_taken_as_a_stream() {
    covers!["000-056", "003-209", "003-210", "O43"];
    if skipped() {
        return;
    }
    let script = Model::script()
        .exec(Exec::new("touch one").escalated("a"))
        .exec(Exec::new("touch two").escalated("b"));
    let stage = Stage::new(script.text("Done.")).await;
    let codex = stage.codex().await.on_approval(|ask| async move { ask.accept() }).start().await.unwrap();
    let thread = asking_thread(&codex).await;

    let mut turn = thread.run("Act").stream().await.unwrap();
    let mut asks = turn.take_asks().unwrap();
    assert!(turn.take_asks().is_none(), "they have one owner");
    let finished = tokio::spawn(turn.finish());
    for accepted in [true, false] {
        let Some(Ask::Approval(ask)) = soon("an ask", asks.next()).await else { panic!("an approval") };
        let answer = if accepted { ask.accept() } else { ask.decline() };
        ask.respond(answer);
    }

    soon("the end", finished).await.unwrap().unwrap();
    assert!(stage.fixture.workspace().join("one").exists());
    assert!(!stage.fixture.workspace().join("two").exists());
    assert!(soon("the end of the asks", asks.next()).await.is_none());
}

#[tokio::test]
async fn asks_of_a_stream_that_is_dropped_are_declined() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let codex = stage.codex().await.on_approval(|ask| async move { ask.accept() }).start().await.unwrap();
    let mut turn = asking_thread(&codex).await.run("Act").stream().await.unwrap();
    drop(turn.take_asks().unwrap());

    let output = soon("the output", turn.finish()).await.unwrap();

    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined);
}

#[tokio::test]
async fn a_lasting_rule_is_written_only_when_it_is_asked_for() {
    covers!["003-211", "003-216", "D02", "D04"];
    if skipped() {
        return;
    }
    let script = Model::script().exec(Exec::new("touch one").escalated("a")).text("Done.");
    let stage = Stage::new(script).await;
    let accept = |ask: Approval| async move { ask.accept() };
    let codex = stage.codex().await.on_approval(accept).start().await.unwrap();
    soon("a turn", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();
    let rules = stage.fixture.home().join("rules/default.rules");
    assert!(!rules.exists(), "an accepted ask leaves nothing behind");
    drop(codex);

    let stage = Stage::new(Model::script().exec(Exec::new("touch one").escalated("a")).text("Done.")).await;
    let amend = |ask: Approval| async move {
        match &ask {
            Approval::Command(command) => command.accept_with_amendment(["touch"]),
            _ => ask.decline(),
        }
    };
    let codex = stage.codex().await.on_approval(amend).start().await.unwrap();
    soon("a turn", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();
    let rules = std::fs::read_to_string(stage.fixture.home().join("rules/default.rules")).unwrap();
    assert!(rules.contains("touch"), "{rules}");
}

#[tokio::test]
async fn what_is_accepted_for_the_session_is_asked_once() {
    covers!["003-211", "D02"];
    if skipped() {
        return;
    }
    let call = || Exec::new("touch made").escalated("a");
    let stage = Stage::new(Model::script().exec(call()).exec(call()).text("Done.")).await;
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let handler = move |ask: Approval| {
        *count.lock().unwrap() += 1;
        async move { ask.accept_for_session() }
    };
    let codex = stage.codex().await.on_approval(handler).start().await.unwrap();

    soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    assert!(stage.fixture.workspace().join("made").exists());
    assert_eq!((*asked.lock().unwrap(), stage.model.requests().len()), (1, 3));
}

#[tokio::test]
async fn whoever_watches_the_asks_has_no_say_in_them() {
    covers!["003-209"];
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let codex = stage.start().await;
    let mut observer = codex.observe_asks();

    let output = soon("the output", asking_thread(&codex).await.run("Act").into_future()).await.unwrap();

    let Some(ObservedAsk::Asked(seen)) = soon("the ask", observer.next()).await else { panic!("an ask") };
    let ServerRequest::CommandExecutionRequestApproval(seen) = *seen else { panic!("{seen:?}") };
    assert!(seen.command.unwrap().contains("touch made"));
    assert_eq!(command_status(&output), &CommandExecutionStatus::Declined, "nobody has answered");
}
