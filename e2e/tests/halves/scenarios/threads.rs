//! Threads: found again, forked, named, put away, listed.

use super::super::half::{Settle, builder};
use crate::plain::{block_on, stage};
use codexkit::ErrorKind;
use codexkit::protocol::Version;
use codexkit::protocol::types::{ReviewTarget, ThreadListParams};
use e2e::model::Model;
use e2e::{covers, differs_before, lacks, skipped};

#[test]
fn a_conversation_goes_on_in_another_connection() {
    covers!["000-007"];
    if skipped() {
        return;
    }
    let (stage, settings) = stage(Model::script().text("Noted.").text("42."));
    let id = {
        let codex = builder(settings.clone()).start().settle().unwrap();
        let thread = codex.start_thread().settle().unwrap();
        thread.run("Remember 42").settle().unwrap();
        thread.id().clone()
    };

    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.resume_thread(id).settle().unwrap();
    assert_eq!(thread.run("Which number?").settle().unwrap().text(), "42.");

    let told = stage.model.requests()[1].user_texts().join("\n");
    assert!(told.contains("Remember 42") && told.contains("Which number?"), "{told}");
    assert_eq!(
        codex.resume_thread("0199a000-0000-7000-8000-000000000000").settle().unwrap_err().kind(),
        ErrorKind::ThreadNotFound
    );
}

#[test]
fn a_thread_is_named_forked_rolled_back_put_away_and_deleted() {
    if block_on("the version", lacks("thread/delete")) {
        return;
    }
    let (stage, settings) = stage(Model::script().text("One.").text("Two.").text("Other.").text("Three."));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    thread.run("First").settle().unwrap();

    thread.set_name("a name").settle().unwrap();
    assert_eq!(thread.read().settle().unwrap().name.as_deref(), Some("a name"));

    let fork = thread.fork().settle().unwrap();
    fork.run("Second").settle().unwrap();
    assert_ne!(fork.id(), thread.id());
    assert_eq!(fork.turns().all().settle().unwrap().len(), 2);
    fork.rollback(1).settle().unwrap();
    fork.run("Another").settle().unwrap();
    let told = stage.model.requests()[2].user_texts().join("\n");
    assert!(told.contains("First") && !told.contains("Second"), "{told}");

    assert_eq!(thread.update_settings().model("gpt-5.4").settle().unwrap().model, "gpt-5.4");
    thread.run("Third").settle().unwrap();
    assert_eq!(stage.model.requests()[3].model(), "gpt-5.4");

    fork.archive().settle().unwrap();
    fork.unarchive().settle().unwrap();
    fork.delete().settle().unwrap();
    assert_eq!(fork.read().settle().unwrap_err().kind(), ErrorKind::ThreadNotFound);
}

#[test]
fn lists_are_read_page_by_page() {
    covers!["000-007"];
    let known = differs_before(Version::new(0, 169, 0), "pages of threads that were made within one second");
    if block_on("the version", known) {
        return;
    }
    let (_stage, settings) = stage(Model::script().text("1").text("2").text("3"));
    let codex = builder(settings).start().settle().unwrap();
    for n in 0..3 {
        let thread = codex.start_thread().settle().unwrap();
        thread.run(format!("thread {n}")).settle().unwrap();
    }

    let request = ThreadListParams::new().limit(2);
    let mut listing = codex.list(request.clone());
    let mut previews = Vec::new();
    while let Some(thread) = listing.try_next().settle().unwrap() {
        previews.push(thread.preview);
    }
    previews.sort();

    assert_eq!(previews, ["thread 0", "thread 1", "thread 2"]);
    assert_eq!(codex.list(request).next_page().settle().unwrap().unwrap().len(), 2);
}

#[test]
fn reviews_and_commands_of_the_user_are_turns_too() {
    if skipped() {
        return;
    }
    let verdict = r#"{"findings":[],"overall_correctness":"patch is correct","overall_explanation":"Fine.","overall_confidence_score":1}"#;
    let (_stage, settings) = stage(Model::script().text(verdict));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let review = thread.review(ReviewTarget::custom("Look at it")).settle().unwrap();
    assert!(review.text().contains("Fine."), "{}", review.text());

    let output = thread.shell_command("echo from the user").settle().unwrap();
    assert!(format!("{:?}", output.items).contains("from the user"));
}
