//! With what the server is started, and that it has it.

use codexkit::protocol::types::SandboxPolicy;
use codexkit::{Approvals, Codex, ErrorKind, Sandbox};
use codexkit_testkit::fixture::Fixture;
use e2e::model::{Model, Response};
use e2e::{Stage, codex_binary, covers, skipped, soon};
use serde_json::json;

/// What a process of the server sees of its environment.
async fn seen(codex: &Codex, script: &str) -> String {
    let run = codex.spawn_process(["/bin/sh", "-c", script], "/").into_future();
    let running = soon("the process", run).await.unwrap();
    soon("its output", running.read_to_end()).await.unwrap().stdout_text().into_owned()
}

#[tokio::test]
async fn the_environment_is_added_to_or_cleared() {
    covers!["000-013", "003-157", "O01", "T01", "T06", "D26"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let script = "echo ${OURS-none} ${CARGO_PKG_NAME-none}";
    let added = stage.codex().await.env("OURS", "yes").start().await.unwrap();
    assert_eq!(seen(&added, script).await, "yes e2e\n", "cargo's variables are inherited");
    let without = stage.codex().await.env("OURS", "yes").env_remove("CARGO_PKG_NAME").start().await.unwrap();
    assert_eq!(seen(&without, script).await, "yes none\n");
    let cleared = stage.codex().await.env_clear().env("OURS", "yes").start().await.unwrap();
    assert_eq!(seen(&cleared, script).await, "yes none\n");
}

#[tokio::test]
async fn configuration_is_given_as_values_or_as_arguments() {
    covers!["000-012", "O01", "T01", "T07", "T08"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let builder = stage.codex().await.config("model", "gpt-typed").config("tui.notifications", true);
    let builder = builder.config("shell_environment_policy.set", json!({ "A": "1", "B C": "\"2\"" }));
    let codex = builder.arg("--config").arg("review_model=\"gpt-raw\"").start().await.unwrap();

    let config = codex.config().read().await.unwrap().config;

    assert_eq!(
        (config.model.as_deref(), config.review_model.as_deref()),
        (Some("gpt-typed"), Some("gpt-raw"))
    );
    let whole = serde_json::to_value(&config).unwrap();
    assert_eq!(whole["shell_environment_policy"]["set"], json!({ "A": "1", "B C": "\"2\"" }));
}

#[tokio::test]
async fn the_model_is_reached_at_another_address_with_the_key_that_was_given() {
    covers!["T04", "T05"];
    if skipped() {
        return;
    }
    let model = Model::start(Model::script().text("Hello.")).await.unwrap();
    let fixture = Fixture::builder().build().unwrap();
    let builder = fixture.codex().codex_bin(codex_binary().await);
    let codex = builder.config("openai_base_url", model.base_url()).start().await.unwrap();
    codex.account().login_with_api_key("sk-of-a-test").await.unwrap();

    let output = soon("the answer", codex.ask("Hi")).await.unwrap();

    assert_eq!(output.text(), "Hello.");
    assert_eq!(model.requests()[0].header("authorization"), Some("Bearer sk-of-a-test"));
}

#[tokio::test]
async fn the_web_is_searched_as_a_thread_is_told() {
    covers!["T18"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::respond_with(|_| Response::new().text("Hello."))).await;
    let codex = stage.start().await;
    for (mode, offered) in [("live", true), ("cached", true), ("disabled", false)] {
        let thread = codex.start_thread().config("web_search", mode).await.unwrap();
        soon("the output", thread.run("Go").into_future()).await.unwrap();
        let body = stage.model.requests().pop().unwrap().body()["tools"].to_string();
        assert_eq!(body.contains("\"web_search\""), offered, "{mode}: {body}");
    }
}

#[tokio::test]
async fn the_network_is_open_for_a_thread_that_was_given_it() {
    covers!["T17"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    for open in [false, true] {
        let start = codex.start_thread().sandbox(Sandbox::WorkspaceWrite);
        let thread = start.config("sandbox_workspace_write.network_access", open).await.unwrap();
        let SandboxPolicy::WorkspaceWrite(policy) = thread.settings().sandbox else {
            panic!("another sandbox")
        };
        assert_eq!(policy.network_access, open);
    }
}

#[tokio::test]
async fn further_folders_are_part_of_the_workspace() {
    covers!["T14"];
    if skipped() {
        return;
    }
    let folder = |stage: &Stage| stage.fixture.home().join("further");
    let stage = Stage::new(Model::script().exec("touch ../codex/further/made").text("Done.")).await;
    std::fs::create_dir(folder(&stage)).unwrap();
    let codex = stage.start().await;
    let start = codex.start_thread().sandbox(Sandbox::WorkspaceWrite).approvals(Approvals::Deny);
    let roots = [stage.fixture.workspace().to_owned(), folder(&stage)];
    let roots = roots.map(|root| root.to_str().unwrap().to_owned());
    let thread = start.runtime_workspace_roots(roots).await.unwrap();

    soon("the output", thread.run("Act").into_future()).await.unwrap();

    assert!(folder(&stage).join("made").exists());
}

#[tokio::test]
async fn a_name_is_given_to_the_server_and_the_model() {
    covers!["000-009", "000-010", "O01"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text("Hello.")).await;
    let builder = stage.codex().await.client_info("reporter", "7.1").client_title("The reporter");
    let codex = builder.start().await.unwrap();
    soon("the answer", codex.ask("Hi")).await.unwrap();
    let agent = stage.model.requests()[0].header("user-agent").unwrap().to_owned();
    assert!(agent.starts_with("reporter/") && agent.contains("7.1"), "{agent}");
    assert_eq!(codex.server_info().user_agent, agent);
}

#[tokio::test]
async fn a_second_handshake_is_refused_by_the_server() {
    covers!["D23"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let again = json!({ "clientInfo": { "name": "again", "version": "1" } });
    let error = codex.call_raw("initialize", &again).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Usage | ErrorKind::Rpc), "{error:?}");
    assert!(codex.call_raw("thread/loaded/list", &json!({})).await.is_ok(), "the connection goes on");
}
