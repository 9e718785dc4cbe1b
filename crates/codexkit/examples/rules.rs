//! Let rules decide, keep a record of each decision, and ask a person only about the rest.
//!
//! ```text
//! cargo run --example rules
//! ```

mod support;

use codexkit::rules::{Audit, AuditRecord, Command, Files, Rules};
use codexkit::{Approvals, Sandbox};
use codexkit_testkit::model::{Exec, Model};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(
        Model::script()
            .exec(Exec::new("touch ready").escalated("to say that it is ready"))
            .exec(Exec::new("touch ready; rm -rf .").escalated("to be quick"))
            .patch("*** Begin Patch\n*** Add File: notes.txt\n+It is ready.\n*** End Patch\n")
            .exec(Exec::new("git push").escalated("to show it to everybody"))
            .text("It is ready."),
    )
    .await?;
    let workspace = offline.fixture.workspace();

    let rules = Rules::new()
        // A whole simple command. One with `;`, `|`, `$(..)` or the like never matches.
        .allow(Command::exactly(["touch", "ready"]))
        .allow(Files::within(workspace))
        .named("nothing is removed")
        .deny(Command::program("rm"));
    let audit = Audit::new().to(|record: &AuditRecord| {
        println!("{}: {} (by {})", record.verdict, without_folder(&record.what), record.by);
    });

    let ask_a_person = |ask: codexkit::Approval| async move {
        println!("a person would be asked about this now, and says no");
        ask.decline()
    };
    let codex = offline.codex().rules(rules).audit(audit).on_approval(ask_a_person).start().await?;
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await?;

    println!("agent: {}", thread.run("Get it ready").await?.text());
    codex.close().await;
    Ok(())
}

/// The folder is another one each time.
fn without_folder(what: &str) -> &str {
    what.split(" in /").next().unwrap_or(what)
}
