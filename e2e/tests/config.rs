//! The server's configuration and files, and how a program connects to it.

use codexkit::protocol::ServerNotification;
use codexkit::protocol::types::{
    ConfigReadParams, ConfigRequirementsReadParams, ConfigValueWriteParams, ExperimentalFeatureListParams,
    ListMcpServerStatusParams, McpServerRefreshParams, MergeStrategy, SkillsListParams, WriteStatus,
};
use codexkit::{Codex, ErrorKind, Event};
use codexkit_testkit::fixture::Fixture;
use e2e::model::{Message, Model};
use e2e::{Stage, codex_binary, covers, skipped, soon};
use serde_json::json;
use std::process::Command;

async fn codex_in_fresh_home() -> (Codex, Fixture) {
    let fixture = Fixture::builder().build().unwrap();
    let codex = fixture.codex().codex_bin(codex_binary().await).start().await.unwrap();
    (codex, fixture)
}

#[tokio::test]
async fn the_configuration_is_changed_all_at_once() {
    covers!["003-241", "D28"];
    if skipped() {
        return;
    }
    let (codex, fixture) = codex_in_fresh_home().await;
    let config = codex.config();

    let edit = config.edit().set("model", "gpt-a").merge("shell_environment_policy.set", json!({ "A": "1" }));
    let written = edit.await.unwrap();
    assert_eq!(written.status, WriteStatus::Ok);
    let now = config.read().await.unwrap();
    assert_eq!(now.config.model.as_deref(), Some("gpt-a"));
    assert_eq!(now.version.as_deref(), Some(&*written.version));
    assert!(now.origins.contains_key("model"));

    config.edit().merge("shell_environment_policy.set", json!({ "B": "2" })).remove("model").await.unwrap();
    let text = std::fs::read_to_string(fixture.home().join("config.toml")).unwrap();
    assert!(text.contains("A = \"1\"") && text.contains("B = \"2\"") && !text.contains("gpt-a"), "{text}");

    // What is set takes the place of what was there.
    config.edit().set("shell_environment_policy.set", json!({ "C": "3" })).await.unwrap();
    let text = std::fs::read_to_string(fixture.home().join("config.toml")).unwrap();
    assert!(text.contains("C = \"3\"") && !text.contains("A = \"1\""), "{text}");

    // One bad value, and nothing is written.
    let bad = config.edit().set("model", "gpt-b").set("model_reasoning_effort", 7);
    assert_eq!(bad.await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(config.read().await.unwrap().config.model, None);
    assert_eq!(config.edit().set("", 1).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_somebody_else_is_not_written_over() {
    covers!["002-145", "003-240", "003-243", "D27"];
    if skipped() {
        return;
    }
    let (codex, _fixture) = codex_in_fresh_home().await;
    let config = codex.config();
    let before = config.read().await.unwrap().version.unwrap();
    config.edit().set("model", "gpt-theirs").expecting(&before).await.unwrap();

    let error = config.edit().set("model", "gpt-ours").expecting(before).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigConflict);
    assert_eq!(
        error.rpc_error().unwrap().data,
        Some(json!({ "config_write_error_code": "configVersionConflict" }))
    );

    // An update is repeated on what is there by then.
    let other = config.clone();
    let mut seen = Vec::new();
    let update = config.update(|now, edit| {
        seen.push(now.config.model.clone().unwrap());
        if seen.len() == 1 {
            // Somebody else is faster.
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current()
                    .block_on(other.edit().set("model", "gpt-faster").into_future())
                    .unwrap();
            });
        }
        edit.set("model", format!("{}-and-ours", now.config.model.as_deref().unwrap_or_default()))
    });
    soon("the update", update).await.unwrap();
    assert_eq!(seen, ["gpt-theirs", "gpt-faster"]);
    assert_eq!(config.read().await.unwrap().config.model.as_deref(), Some("gpt-faster-and-ours"));
}

#[tokio::test]
async fn a_stronger_layer_is_told() {
    covers!["003-238"];
    if skipped() {
        return;
    }
    let fixture = Fixture::builder().build().unwrap();
    let codex =
        fixture.codex().codex_bin(codex_binary().await).config("model", "gpt-flag").start().await.unwrap();
    let written = codex.config().edit().set("model", "gpt-file").await.unwrap();
    assert_eq!(written.status, WriteStatus::OkOverridden);
    assert_eq!(written.overridden_metadata.unwrap().effective_value, "gpt-flag");
    let now = codex.config().read_in(fixture.workspace()).await.unwrap();
    assert_eq!((now.config.model.as_deref(), now.version), (Some("gpt-flag"), Some(written.version)));
}

#[tokio::test]
async fn the_rest_of_the_server_is_called_by_its_parameters() {
    covers!["003-239"];
    if skipped() {
        return;
    }
    let (codex, fixture) = codex_in_fresh_home().await;
    assert_eq!(codex.call(&ConfigRequirementsReadParams::new()).await.unwrap().requirements, None);
    let cwd = fixture.workspace().to_str().unwrap();
    let skills = codex.call(&SkillsListParams::new().cwds([cwd])).await.unwrap();
    assert_eq!(skills.data[0].cwd, cwd);
    assert!(codex.list(ListMcpServerStatusParams::new()).all().await.unwrap().is_empty());
    codex.call(&McpServerRefreshParams::new()).await.unwrap();
    assert!(codex.list(ExperimentalFeatureListParams::new().limit(3)).all().await.unwrap().len() > 3);
}

#[tokio::test]
async fn the_configuration_is_read_by_its_layers_and_written_one_key_at_a_time() {
    covers!["003-238", "003-240"];
    if skipped() {
        return;
    }
    let (codex, fixture) = codex_in_fresh_home().await;
    let file = fixture.home().join("config.toml");
    let write = ConfigValueWriteParams::new("model", MergeStrategy::Upsert, json!("gpt-a"));
    let written = codex.call(&write.file_path(file.to_str().unwrap())).await.unwrap();
    assert_eq!(written.file_path, file.canonicalize().unwrap().to_str().unwrap());
    let write = ConfigValueWriteParams::new("model", MergeStrategy::Replace, json!("gpt-b"));
    codex.call(&write.expected_version(written.version)).await.unwrap();

    let read = codex.call(&ConfigReadParams::new().include_layers(true)).await.unwrap();

    assert_eq!(read.config.model.as_deref(), Some("gpt-b"));
    let layers = serde_json::to_string(&read.layers.expect("the layers")).unwrap();
    assert!(layers.contains("gpt-b"), "{layers}");
    assert!(codex.call(&ConfigReadParams::new()).await.unwrap().layers.is_none());
}

#[tokio::test]
async fn files_are_read_written_and_watched() {
    if skipped() {
        return;
    }
    let (codex, fixture) = codex_in_fresh_home().await;
    let files = codex.files();
    let path = fixture.workspace().canonicalize().unwrap().join("bytes");
    let path = path.to_str().unwrap();
    assert_eq!(files.read(path).await.unwrap_err().kind(), ErrorKind::Rpc);
    let bytes: Vec<u8> = (0..=255).collect();
    files.write(path, &bytes).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), bytes);
    assert_eq!(files.read(path).await.unwrap(), bytes);

    let mut watch = files.watch(path).await.unwrap();
    assert_eq!(watch.path(), path);
    let mut other = files.watch(fixture.home()).await.unwrap();
    std::fs::write(path, "new").unwrap();
    assert_eq!(soon("the change", watch.try_next()).await.unwrap().unwrap(), [path]);
    drop(watch);
    std::fs::write(fixture.home().join("noticed"), "").unwrap();
    let changed = soon("the change", other.try_next()).await.unwrap().unwrap();
    assert!(!changed.iter().any(|changed| changed == path), "{changed:?}");
    assert_eq!(files.read("relative").await.unwrap_err().kind(), ErrorKind::InvalidParams);
}

#[tokio::test]
async fn a_subscription_to_one_method_hears_of_nothing_else() {
    covers!["000-053"];
    if skipped() {
        return;
    }
    let (codex, _fixture) = codex_in_fresh_home().await;
    let mut updates = codex.subscribe_to("account/updated").unwrap();
    codex.account().login_with_api_key("sk-of-a-test").await.unwrap();
    codex.account().logout().await.unwrap();
    for mode in [true, false] {
        let Event::Notification(update) = soon("an update", updates.try_next()).await.unwrap().unwrap()
        else {
            panic!("no notification")
        };
        assert!(
            matches!(*update, ServerNotification::AccountUpdated(update) if update.auth_mode.is_some() == mode)
        );
    }
}

#[tokio::test]
async fn what_is_opted_out_of_does_not_come() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text(Message::chunks(["a", "b"]))).await;
    let codex = stage.codex().await.opt_out(["item/agentMessage/delta", "no/such"]).start().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let mut turn = thread.run("Hi").stream().await.unwrap();
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        assert!(!matches!(event, Event::TextDelta { .. }));
    }
    let output = turn.finish().await.unwrap();
    assert_eq!((output.text(), &*output.streamed_text), ("ab", ""));
}

#[tokio::test]
async fn what_is_waited_for_cannot_be_opted_out_of() {
    for needed in ["turn/completed", "turn/started", "item/completed", "error", "process/exited"] {
        let error = Codex::builder().codex_bin("/no/such").opt_out([needed]).start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{needed}");
        assert!(error.to_string().contains(needed), "{error}");
    }
}

/// Set for the copy of this test that runs with the variable.
const INNER: &str = "CODEXKIT_TEST_INNER";

#[tokio::test]
async fn the_server_is_started_by_the_command_in_the_environment() {
    covers!["003-155"];
    const TEST: &str = "the_server_is_started_by_the_command_in_the_environment";
    if skipped() {
        return;
    }
    if std::env::var_os(INNER).is_some() {
        let fixture = Fixture::builder().build().unwrap();
        let codex = fixture.codex().config("review_model", "gpt-ours").start().await.unwrap();
        let config = codex.config().read().await.unwrap().config;
        assert_eq!(config.model.as_deref(), Some("gpt of the command"));
        assert_eq!(config.review_model.as_deref(), Some("gpt-ours"));
        return;
    }
    let binary = codex_binary().await;
    let command = format!("'{}' app-server -c 'model=\"gpt of the command\"'", binary.display());
    let output = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact"])
        .env(INNER, "1")
        .env("CODEX_APP_SERVER_CMD", command)
        .env_remove("CODEXKIT_CODEX")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
