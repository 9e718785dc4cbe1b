//! What turns are given, and how what they are given reaches the model and the server.

use codexkit::protocol::Version;
use codexkit::protocol::types::{SortDirection, ThreadListParams, ThreadSearchParams, UserInput};
use codexkit::protocol::{Patch, types::ThreadStartParams};
use codexkit::{Effort, Sandbox};
use e2e::model::{Model, Response, Script};
use e2e::{Stage, covers, differs_before, lacks, skipped, soon};
use std::process::Command;

/// The smallest picture that there is.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn echo() -> Script {
    Model::respond_with(|request| Response::new().text(format!("You said {}", request.last_user_text())))
}

#[tokio::test]
async fn texts_and_pictures_reach_the_model_together() {
    covers!["O23", "T25"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let file = stage.fixture.workspace().join("picture.png");
    std::fs::write(&file, decoded(PICTURE)).unwrap();
    let input = vec![
        UserInput::text("first"),
        UserInput::image_url(format!("data:image/png;base64,{PICTURE}")),
        UserInput::local_image(file.to_str().unwrap()),
        UserInput::text("last"),
    ];

    soon("the output", thread.run(input).into_future()).await.unwrap();

    let input = stage.model.requests()[0].body()["input"].to_string();
    assert_eq!(input.matches("\"input_image\"").count(), 2, "{input}");
    assert_eq!(input.matches(&PICTURE[..40]).count(), 2, "both were sent as they are");
    assert!(input.contains("first") && input.contains("last"));
}

/// Base64, for this one picture.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = text.bytes().filter(|byte| *byte != b'=');
    let (mut bytes, mut buffer, mut held) = (Vec::new(), 0u32, 0);
    for byte in bits {
        let value = ALPHABET.iter().position(|known| *known == byte).expect("base64");
        buffer = buffer << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(buffer >> held & 0xff).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn a_skill_that_is_named_is_read_to_the_model() {
    covers!["O23"];
    if skipped() {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let skill = stage.fixture.workspace().join("SKILL.md");
    std::fs::write(&skill, "---\nname: tidy\ndescription: tidies\n---\nPut every thing in its place.\n")
        .unwrap();
    let input = [UserInput::text("Use it"), UserInput::skill("tidy", skill.to_str().unwrap())];
    let output = soon("the output", thread.run(input).into_future()).await.unwrap();
    let said = serde_json::to_string(&output.items[0]).unwrap();
    assert!(said.contains("\"skill\"") && said.contains("tidy"), "{said}");
}

#[tokio::test]
async fn options_of_a_turn_reach_the_model_and_stay_for_the_next() {
    covers!["O18"];
    if lacks("turn/start.clientUserMessageId").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let thread = stage.thread().await;
    let run = thread.run("one").model("gpt-5.4").effort(Effort::HIGH).client_user_message_id("mine");
    let output = soon("the output", run.into_future()).await.unwrap();
    soon("the output", thread.run("two").into_future()).await.unwrap();

    for request in stage.model.requests() {
        assert_eq!((request.model(), &request.body()["reasoning"]["effort"]), ("gpt-5.4", &"high".into()));
    }
    let said = serde_json::to_value(&output.items[0]).unwrap();
    assert_eq!(said["clientId"], "mine");
}

#[tokio::test]
async fn a_service_tier_is_set_kept_and_cleared() {
    covers!["003-249"];
    if differs_before(Version::new(0, 163, 0), "a service tier that is in force at once").await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let tier = |tier: Patch<String>| {
        let codex = codex.clone();
        async move { codex.call(&ThreadStartParams::new().service_tier(tier)).await.unwrap().service_tier }
    };
    let left_alone = codex.call(&ThreadStartParams::new()).await.unwrap().service_tier;
    assert_eq!(tier(Patch::Set("flex".into())).await.as_deref(), Some("flex"));
    assert_eq!(tier(Patch::Keep).await, left_alone);
    assert_eq!(tier(Patch::Clear).await.as_deref(), Some("default"), "whatever the configuration says");
}

#[tokio::test]
async fn repositories_in_which_a_thread_may_write_are_written_down_as_trusted() {
    if skipped() {
        return;
    }
    for (sandbox, trusted) in
        [(Sandbox::ReadOnly, false), (Sandbox::WorkspaceWrite, true), (Sandbox::FullAccess, true)]
    {
        let stage = Stage::new(echo()).await;
        let codex = stage.start().await;
        let repository =
            Command::new("git").args(["init", "--quiet"]).arg(stage.fixture.workspace()).status();
        assert!(repository.is_ok_and(|status| status.success()), "git makes a repository");
        let folder = stage.fixture.workspace().to_str().unwrap().to_owned();
        let config = || std::fs::read_to_string(stage.fixture.home().join("config.toml")).unwrap();
        let reading = codex.start_thread().cwd(folder.clone()).sandbox(Sandbox::ReadOnly).await.unwrap();
        soon("a turn", reading.run("one").sandbox(sandbox).into_future()).await.unwrap();
        assert!(!config().contains("trust_level"), "a turn changes nothing: {}", config());

        codex.start_thread().cwd(folder).sandbox(sandbox).await.unwrap();
        assert_eq!(config().contains("trust_level"), trusted, "{sandbox:?}: {}", config());
    }
}

#[tokio::test]
async fn threads_are_found_by_their_folder_their_order_and_their_words() {
    let pages = "pages of threads that were made within one second";
    if lacks("thread/search").await || differs_before(Version::new(0, 169, 0), pages).await {
        return;
    }
    let stage = Stage::new(echo()).await;
    let codex = stage.start().await;
    let mut threads = Vec::new();
    for text in ["apples", "pears"] {
        let thread = codex.start_thread().await.unwrap();
        soon("the output", thread.run(text).into_future()).await.unwrap();
        threads.push(thread.id().clone());
    }
    let workspace = stage.fixture.workspace().to_str().unwrap().to_owned();

    let ascending = ThreadListParams::new().cwd(workspace).sort_direction(SortDirection::Asc).limit(1);
    let listed = codex.list(ascending).all().await.unwrap();
    assert_eq!(listed.into_iter().map(|thread| thread.id).collect::<Vec<_>>(), threads);
    let elsewhere = codex.list(ThreadListParams::new().cwd("/elsewhere".to_owned())).all().await.unwrap();
    assert!(elsewhere.is_empty());
    let found = codex.list(ThreadSearchParams::new("pears")).all().await.unwrap();
    assert_eq!(found.into_iter().map(|found| found.thread.id).collect::<Vec<_>>(), threads[1..]);
}
