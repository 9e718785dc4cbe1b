//! What a thread is started, resumed and forked with, and that the model and the server are told of it.

use codexkit::protocol::Version;
use codexkit::protocol::types::{
    ApprovalsReviewer, AskForApproval, AskForApprovalGranular, SandboxPolicy, ThreadListParams,
};
use codexkit::{Approvals, Effort, ErrorKind, Sandbox, Thread};
use e2e::model::{Model, ModelRequest, Response, Script};
use e2e::{Stage, covers, differs_before, skipped, soon};
use serde_json::json;

fn echo() -> Script {
    Model::respond_with(|request| Response::new().text(format!("You said {}", request.last_user_text())))
}

/// Has a turn run, and returns what the model was asked.
async fn asked(stage: &Stage, thread: &Thread) -> ModelRequest {
    soon("the output", thread.run("Go").into_future()).await.unwrap();
    stage.model.requests().pop().expect("a request")
}

/// Which of our instructions the model was given.
fn told(request: &ModelRequest) -> Vec<&str> {
    let developer = request.input().iter().filter(|item| item["role"] == "developer");
    let parts = developer.flat_map(|item| item["content"].as_array().expect("a content"));
    let texts = parts.filter_map(|part| part["text"].as_str());
    texts.filter(|text| ["You are a parrot.", "Speak up."].contains(text)).collect()
}

#[tokio::test]
async fn a_thread_without_options_has_those_of_the_configuration() {
    covers!["000-015", "003-156", "003-217"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;

    let thread = stage.thread().await;

    let settings = thread.settings();
    assert_eq!((settings.model.as_str(), settings.model_provider.as_str()), ("gpt-5.5", "scripted"));
    assert_eq!(settings.cwd, stage.fixture.workspace().to_str().unwrap());
    assert_eq!(asked(&stage, &thread).await.model(), "gpt-5.5");
}

#[tokio::test]
async fn options_of_a_thread_reach_the_model() {
    covers![
        "000-014", "000-043", "001-087", "002-115", "002-116", "002-117", "002-118", "003-173", "003-250",
        "003-251", "003-252", "003-253", "003-254", "003-259", "003-269", "O10", "T10", "T13", "T16"
    ];
    if differs_before(Version::new(0, 163, 0), "base instructions as a message of the developer").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let folder = stage.fixture.home().join("elsewhere");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();

    let start = codex.start_thread().model("gpt-5.4").model_provider("scripted").cwd(folder);
    let start = start.base_instructions("You are a parrot.").developer_instructions("Speak up.");
    let thread = start.config("model_reasoning_effort", "high").await.unwrap();

    let settings = thread.settings();
    assert_eq!((settings.model_provider.as_str(), settings.cwd.as_str()), ("scripted", folder));
    assert_eq!(settings.effort, Some(Effort::HIGH));
    let request = asked(&stage, &thread).await;
    assert_eq!((request.model(), told(&request)), ("gpt-5.4", vec!["You are a parrot.", "Speak up."]));
    assert_eq!(request.body()["reasoning"]["effort"], "high");
    let input = request.body()["input"].to_string();
    assert!(input.contains(folder), "{input}");
}

#[tokio::test]
async fn options_of_a_resumed_thread_reach_the_model() {
    covers!["000-044", "002-122", "003-173", "003-218", "O12"];
    if differs_before(Version::new(0, 163, 0), "base instructions as a message of the developer").await {
        return;
    }
    // Given a thread that another program has started
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).await.unwrap();
    asked(&stage, &thread).await;
    let id = thread.id().clone();
    codex.close().await;

    // When it is resumed with other options
    let codex = stage.start().await;
    let folder = stage.fixture.home().to_str().unwrap();
    let resume = codex.resume_thread(id).model("gpt-5.4").model_provider("scripted").cwd(folder);
    let resume = resume.base_instructions("You are a parrot.").developer_instructions("Speak up.");
    let resume = resume.sandbox(Sandbox::FullAccess).approvals(Approvals::Deny);
    let thread = resume.config("model_reasoning_effort", "high").await.unwrap();

    // Then these are in force
    let settings = thread.settings();
    assert_eq!((settings.model.as_str(), settings.cwd.as_str()), ("gpt-5.4", folder));
    assert_eq!(settings.approval_policy, AskForApproval::Never);
    assert!(matches!(settings.sandbox, SandboxPolicy::DangerFullAccess(_)), "{settings:?}");
    let request = asked(&stage, &thread).await;
    assert_eq!(request.model(), "gpt-5.4");
    // The server gives the developer's instructions to a thread that begins, and not again.
    assert_eq!(told(&request), ["You are a parrot."]);
    assert_eq!(request.body()["reasoning"]["effort"], "high");
}

#[tokio::test]
async fn options_of_a_fork_reach_the_model() {
    covers!["002-123", "003-219", "O13"];
    if differs_before(Version::new(0, 163, 0), "base instructions as a message of the developer").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let source = codex.start_thread().await.unwrap();
    let first = soon("the output", source.run("one").into_future()).await.unwrap();
    soon("the output", source.run("two").into_future()).await.unwrap();

    let fork = codex.fork_thread(source.id().clone()).last_turn_id(first.turn).model("gpt-5.4");
    let fork = fork
        .base_instructions("You are a parrot.")
        .developer_instructions("Speak up.")
        .approvals(Approvals::Deny)
        .await
        .unwrap();
    assert_eq!(fork.settings().approval_policy, AskForApproval::Never);
    let request = asked(&stage, &fork).await;

    // As when it is resumed, the developer's instructions were for the beginning.
    assert_eq!((request.model(), told(&request)), ("gpt-5.4", vec!["You are a parrot."]));
    let said: Vec<_> = request.user_texts().into_iter().filter(|text| !text.starts_with('<')).collect();
    assert_eq!(said, ["one", "Go"], "the history up to the turn that was named");
}

#[tokio::test]
async fn a_thread_that_is_not_stored_is_in_no_list() {
    covers!["002-119", "003-258"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;

    let thread = codex.start_thread().ephemeral(true).await.unwrap();
    asked(&stage, &thread).await;

    assert!(thread.info().ephemeral);
    assert!(codex.list(ThreadListParams::new()).all().await.unwrap().is_empty());
}

#[tokio::test]
async fn each_sandbox_is_known_by_its_name_and_holds() {
    covers!["002-120", "003-256", "O10", "O17", "T12", "D11"];
    if skipped() {
        return;
    }
    for (sandbox, writes) in
        [(Sandbox::ReadOnly, false), (Sandbox::WorkspaceWrite, true), (Sandbox::FullAccess, true)]
    {
        let script = Model::script().exec("touch by_the_thread").text("Done.");
        let stage = Stage::new(script.exec("touch by_the_turn").text("Done.")).await;
        let codex = stage.start().await;
        let thread = codex.start_thread().sandbox(sandbox).approvals(Approvals::Deny).await.unwrap();
        let policy = SandboxPolicy::from(sandbox);
        assert_eq!(
            serde_json::to_value(thread.settings().sandbox).unwrap()["type"],
            serde_json::to_value(&policy).unwrap()["type"]
        );
        asked(&stage, &thread).await;
        assert_eq!(stage.fixture.workspace().join("by_the_thread").exists(), writes, "{sandbox:?}");

        // And the same for a turn, where it stays in force.
        let thread = codex.start_thread().approvals(Approvals::Deny).await.unwrap();
        soon("the output", thread.run("Act").sandbox(sandbox).into_future()).await.unwrap();
        assert_eq!(stage.fixture.workspace().join("by_the_turn").exists(), writes, "{sandbox:?}");
    }
}

#[tokio::test]
async fn the_sandbox_of_a_turn_stays_for_the_next_ones() {
    covers!["O17"];
    if skipped() {
        return;
    }
    let script = Model::script().text("Hello.").exec("touch made").text("Done.");
    let stage = Stage::new(script).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Deny).await.unwrap();
    let policy = SandboxPolicy::danger_full_access();
    soon("the output", thread.run("one").sandbox_policy(policy).into_future()).await.unwrap();
    asked(&stage, &thread).await;
    assert!(stage.fixture.workspace().join("made").exists());
}

#[tokio::test]
async fn who_approves_is_told_to_the_server() {
    covers!["O16", "D07", "D08"];
    if differs_before(Version::new(0, 144, 4), "the reviewer `auto_review`").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let usual = codex.start_thread().await.unwrap().settings();
    let user = ApprovalsReviewer::User;
    let on_request = AskForApproval::OnRequest;
    for (approvals, policy, reviewer) in [
        (Approvals::Server, usual.approval_policy, usual.approvals_reviewer.clone()),
        (Approvals::Deny, AskForApproval::Never, usual.approvals_reviewer),
        (Approvals::AutoReview, on_request.clone(), ApprovalsReviewer::AutoReview),
        (Approvals::Ask, on_request, user),
    ] {
        let thread = codex.start_thread().approvals(approvals).await.unwrap();
        let settings = thread.settings();
        assert_eq!(
            (settings.approval_policy, settings.approvals_reviewer),
            (policy, reviewer),
            "{approvals:?}"
        );
    }
}

#[tokio::test]
async fn every_approval_policy_is_taken_and_those_that_went_are_refused() {
    covers!["000-062", "002-144", "003-255", "003-266", "T19", "D06", "D07"];
    if differs_before(Version::new(0, 144, 4), "the end of the approval policy `on-failure`").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let granular = AskForApprovalGranular::new(true, false, true);
    for policy in [
        AskForApproval::Untrusted,
        AskForApproval::OnRequest,
        AskForApproval::Never,
        AskForApproval::Granular(granular),
    ] {
        let thread = codex.start_thread().approval_policy(policy.clone()).await.unwrap();
        assert_eq!(thread.settings().approval_policy, policy);
        // And for a turn.
        let thread = codex.start_thread().await.unwrap();
        soon("the output", thread.run("Go").approval_policy(policy).into_future()).await.unwrap();
    }
    for gone in [json!("on-failure"), json!({ "type": "reject" })] {
        let error = codex.call_raw("thread/start", &json!({ "approvalPolicy": gone })).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidParams, "{error}");
    }
}

#[tokio::test]
async fn names_that_the_wire_does_not_have_are_refused() {
    covers!["D11"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let error = codex.call_raw("thread/start", &json!({ "sandbox": "full-access" })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParams, "{error}");
    assert!(error.to_string().contains("danger-full-access"), "{error}");
}

#[tokio::test]
#[expect(deprecated, reason = "it is still there for those who send it")]
async fn a_personality_is_taken_though_it_no_longer_does_anything() {
    covers!["003-257", "003-265", "D13"];
    use codexkit::protocol::types::Personality;
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().personality(Personality::Friendly).await.unwrap();
    soon("the output", thread.run("Go").personality(Personality::Pragmatic).into_future()).await.unwrap();
    assert_eq!(stage.model.requests().len(), 1);
}

#[tokio::test]
async fn where_a_thread_comes_from_is_written_down() {
    covers!["O10", "T11"];
    if differs_before(Version::new(0, 154, 0), "sources of threads of one's own").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let start = codex.start_thread().thread_source("nightly").service_name("ci");
    let thread = start.await.unwrap();
    asked(&stage, &thread).await;
    let read = thread.read().await.unwrap();
    assert_eq!(serde_json::to_value(read.thread_source).unwrap(), json!("nightly"));
}

#[tokio::test]
async fn a_thread_needs_no_repository() {
    covers!["T15"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    assert!(!stage.fixture.workspace().join(".git").exists());
    let thread = stage.thread().await;
    assert_eq!(asked(&stage, &thread).await.last_user_text(), "Go");
}
