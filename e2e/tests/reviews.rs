//! What an agent reviews, and where.

use codexkit::protocol::types::{
    BaseBranchReviewTarget, CommitReviewTarget, CustomReviewTarget, ReviewTarget, ThreadItem,
};
use e2e::model::{Model, Response};
use e2e::{Stage, covers, skipped, soon};
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
    let output = git.current_dir(folder).output().expect("git runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn whatever_there_is_to_review_is_named_to_the_model() {
    covers!["003-235", "003-279"];
    if skipped() {
        return;
    }
    // Given a repository with a commit
    let stage = Stage::new(Model::respond_with(|_| Response::new().text("No findings."))).await;
    let folder = stage.fixture.workspace();
    git(folder, &["init", "--quiet", "--initial-branch", "trunk"]);
    stage.fixture.write("main.rs", "fn main() {}").unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "Begin"]);
    let commit = git(folder, &["rev-parse", "HEAD"]);
    let thread = stage.thread().await;

    for (target, named) in [
        (ReviewTarget::uncommitted_changes(), "unstaged".to_owned()),
        (ReviewTarget::BaseBranch(BaseBranchReviewTarget::new("trunk")), "trunk".to_owned()),
        (ReviewTarget::Commit(CommitReviewTarget::new(&commit)), commit),
        (ReviewTarget::Custom(CustomReviewTarget::new("Look at main.rs")), "Look at main.rs".to_owned()),
    ] {
        let output = soon("the review", thread.review(target).into_future()).await.unwrap();
        assert_eq!(output.text(), "No findings.");
        let asked = stage.model.requests().pop().unwrap().last_user_text();
        assert!(asked.contains(&named), "{named} is not in: {asked}");
    }
}

#[tokio::test]
async fn a_review_on_a_fork_leaves_the_thread_alone() {
    covers!["003-235", "D09"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::respond_with(|_| Response::new().text("No findings."))).await;
    let thread = stage.thread().await;
    soon("the output", thread.run("Hello").into_future()).await.unwrap();

    let fork = thread.fork().await.unwrap();
    let target = ReviewTarget::Custom(CustomReviewTarget::new("Look at main.rs"));
    let output = soon("the review", fork.review(target).into_future()).await.unwrap();

    assert!(output.items.iter().any(|item| matches!(item, ThreadItem::ExitedReviewMode(_))), "{output:?}");
    let turns = thread.turns().all().await.unwrap();
    assert_eq!(turns.len(), 1, "the review is no turn of the thread");
}
