//! Have the agent carry out a task, without async. In its sandbox it may read; beyond that it may run what a policy allows, and no more.
//!
//! ```text
//! cargo run --example blocking_command_runner --features blocking [TASK]          a scripted model
//! cargo run --example blocking_command_runner --features blocking -- --live TASK  your own login and model, in the current folder
//! ```

mod support;

use codexkit::blocking::CodexBuilder;
use codexkit::rules::{Args, Audit, AuditRecord, Command, Rules};
use codexkit::{Approvals, Budget, Sandbox};
use codexkit_testkit::model::{Exec, Model};
use std::error::Error;
use std::path::Path;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = |command: &str| Exec::new(command).escalated("the task needs it");
    let script = Model::script().exec("ls").exec(wanted("mkdir docs")).exec(wanted("mkdir /docs"));
    let script = script.exec(wanted("mkdir notes && git push")).exec(wanted("curl example.org"));
    let offline = support::blocking::offline(script.text("There is a folder docs now."))?;
    let (folder, task) = (offline.folder()?, support::arguments());
    let task = if task.is_empty() { "Make a folder for the documentation" } else { &task };

    // Who asks for what the policy does not allow is told no: there is no handler that could say yes.
    let audit = Audit::new().to(|record: &AuditRecord| {
        println!("{}: {}\n  {}", record.verdict, record.what, record.why);
    });
    let codex = CodexBuilder::from(offline.codex_or_live()).rules(policy(&folder)).audit(audit).start()?;
    // The sandbox lets it read, so everything else has to be asked for.
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).wait()?;
    let budget = Budget::new().tool_calls(50).time(Duration::from_secs(600));
    let output = thread.run(task).budget(budget).wait()?;

    println!("agent: {}", output.text());
    codex.close()?;
    Ok(())
}

/// An allow rule matches a simple command, word by word, and never one that a shell would make something else of. A deny
/// rule looks at all parts of a command.
fn policy(folder: &Path) -> Rules {
    Rules::new()
        .allow(Command::exactly(["cargo", "test"]).in_folder(folder))
        .allow(Command::starting_with(["mkdir"]).with_arguments(Args::within(folder)))
        .named("nothing leaves this machine")
        .deny(Command::starting_with(["git", "push"]))
        .named("nothing is fetched")
        .deny(Command::program("curl"))
}
