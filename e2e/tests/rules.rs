//! Rules that decide before any handler, and the record of each decision.

use codexkit::protocol::types::{CommandExecutionStatus, ThreadItem};
use codexkit::rules::{Audit, AuditRecord, Command, DecidedBy, Files, Rules, Verdict};
use codexkit::{Approval, Approvals, Codex, Sandbox, Thread, TurnOutput};
use e2e::model::{Exec, Model, Script};
use e2e::{Stage, skipped, soon};
use std::sync::{Arc, Mutex};

/// What was decided, in its order.
#[derive(Clone, Default)]
struct Records(Arc<Mutex<Vec<AuditRecord>>>);

impl Records {
    fn audit(&self) -> Audit {
        let kept = self.0.clone();
        Audit::new().to(move |record: &AuditRecord| kept.lock().unwrap().push(record.clone()))
    }

    fn only(&self) -> AuditRecord {
        let kept = self.0.lock().unwrap();
        assert_eq!(kept.len(), 1, "{kept:?}");
        kept[0].clone()
    }
}

fn escalated(command: &str) -> Script {
    Model::script().exec(Exec::new(command).escalated("it has to be")).text("Done.")
}

async fn asking(codex: &Codex) -> Thread {
    codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap()
}

fn command_status(output: &TurnOutput) -> CommandExecutionStatus {
    let command = output.items.iter().find_map(|item| match item {
        ThreadItem::CommandExecution(command) => Some(command.status.clone()),
        _ => None,
    });
    command.expect("a command")
}

#[tokio::test]
async fn what_a_rule_allows_needs_no_handler_and_is_on_record() {
    if skipped() {
        return;
    }
    // Given a rule for one command, and no handler
    let stage = Stage::new(escalated("touch made")).await;
    let records = Records::default();
    let rules = Rules::new().allow(Command::exactly(["touch", "made"]));
    let codex = stage.codex().await.rules(rules).audit(records.audit()).start().await.unwrap();
    let thread = asking(&codex).await;

    // When the agent wants to run it
    let output = soon("the output", thread.run("Act").into_future()).await.unwrap();

    // Then it runs, and the record says who asked for what and which rule allowed it
    assert_eq!(command_status(&output), CommandExecutionStatus::Completed);
    assert!(stage.fixture.workspace().join("made").exists());
    let record = records.only();
    assert_eq!((record.verdict, record.who.thread), (Verdict::Allow, Some(thread.id().clone())));
    assert_eq!(record.who.turn, Some(output.turn));
    assert!(record.what.contains("touch made"), "{}", record.what);
    assert!(matches!(&record.by, DecidedBy::Rule(rule) if rule.as_str().contains("touch")), "{}", record.by);
}

#[tokio::test]
async fn a_denial_anywhere_outweighs_the_handler_of_the_turn() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let records = Records::default();
    let rules = Rules::new().named("leave it").deny(Command::program("touch"));
    let codex = stage.codex().await.rules(rules).audit(records.audit()).start().await.unwrap();

    let run = asking(&codex).await.run("Act").on_approval(|ask| async move { ask.accept() });
    let output = soon("the output", run.into_future()).await.unwrap();

    assert_eq!(command_status(&output), CommandExecutionStatus::Declined);
    assert!(!stage.fixture.workspace().join("made").exists());
    assert_eq!(
        records.only().to_string().split(" (").next().unwrap().split(" in ").next().unwrap(),
        "deny: run /bin/bash -lc 'touch made'"
    );
    assert!(matches!(records.only().by, DecidedBy::Rule(rule) if rule.as_str() == "leave it"));
}

#[tokio::test]
async fn what_no_rule_is_about_goes_to_the_handler() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made && touch more")).await;
    let records = Records::default();
    let rules = Rules::new().allow(Command::starting_with(["touch"]));
    let builder = stage.codex().await.rules(rules).audit(records.audit());
    let codex = builder.on_approval(|ask| async move { ask.decline() }).start().await.unwrap();

    let output = soon("the output", asking(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), CommandExecutionStatus::Declined);
    assert_eq!((records.only().verdict, records.only().by), (Verdict::Deny, DecidedBy::Handler));
}

#[tokio::test]
async fn a_rule_of_the_turn_that_asks_outweighs_one_of_the_connection_that_allows() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let records = Records::default();
    let allowing = Rules::new().allow(Command::exactly(["touch", "made"]));
    let codex = stage.codex().await.rules(allowing).audit(records.audit()).start().await.unwrap();

    let asked_about = Rules::new().named("show me").ask(Command::any());
    let run = asking(&codex).await.run("Act").rules(asked_about);
    let output = soon("the output", run.into_future()).await.unwrap();

    assert_eq!(command_status(&output), CommandExecutionStatus::Declined, "there was nobody to ask");
    assert_eq!((records.only().by, records.only().why.as_str()), (DecidedBy::NoOwner, "the rule: show me"));
}

#[tokio::test]
async fn files_are_changed_where_a_rule_allows_it_and_nowhere_else() {
    if skipped() {
        return;
    }
    let patch = |name: &str| format!("*** Begin Patch\n*** Add File: {name}\n+hello\n*** End Patch\n");
    let script =
        Model::script().patch(patch("src/new.txt")).text("One.").patch(patch("else.txt")).text("Two.");
    let stage = Stage::new(script).await;
    let workspace = stage.fixture.workspace();
    let rules = Rules::new().allow(Files::within(workspace.join("src")));
    std::fs::create_dir(workspace.join("src")).unwrap();
    let codex = stage.codex().await.rules(rules).start().await.unwrap();
    let thread = asking(&codex).await;

    for text in ["One.", "Two."] {
        let output = soon("the output", thread.run("Act").into_future()).await.unwrap();
        assert_eq!(output.text(), text);
    }

    assert!(workspace.join("src/new.txt").exists());
    assert!(!workspace.join("else.txt").exists());
}

#[tokio::test]
async fn a_handler_that_panics_is_on_record() {
    if skipped() {
        return;
    }
    let stage = Stage::new(escalated("touch made")).await;
    let records = Records::default();
    let builder = stage.codex().await.audit(records.audit());
    let panicking = |ask: Approval| async move {
        assert!(ask.command_line().is_none(), "this panic belongs to the test");
        ask.accept()
    };
    let codex = builder.on_approval(panicking).start().await.unwrap();

    let output = soon("the output", asking(&codex).await.run("Act").into_future()).await.unwrap();

    assert_eq!(command_status(&output), CommandExecutionStatus::Declined);
    let record = records.only();
    assert_eq!(
        (record.verdict, record.by, record.why.as_str()),
        (Verdict::Deny, DecidedBy::Handler, "it panicked")
    );
}
