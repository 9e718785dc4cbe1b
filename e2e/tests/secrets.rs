//! Secrets stay secret: whatever goes wrong, nothing that this SDK shows or logs has them in it.

mod secrets {
    pub(crate) mod collector;
}

use codexkit::{Approvals, Codex, CodexBuilder, Endpoint, Error, Sandbox, Turn};
use e2e::model::{HttpError, Message, Model, Script};
use e2e::{PATIENCE, Stage, processes, skipped, soon};
use secrets::collector::{Collector, Shown};
use std::fs;

const API_KEY: &str = "sk-canary-of-the-environment-0001";
const BEARER: &str = "canary-of-the-bearer-token-0002";
const HEADER: &str = "canary-of-a-header-0003";
const OTHER_TOKEN: &str = "canary-of-an-unused-provider-0004";
const STORED_KEY: &str = "sk-canary-of-auth-json-0005";
const PASSWORD: &str = "canary-of-a-password-0006";
const WS_TOKEN: &str = "canary-of-a-websocket-token-0007";
const WS_WRONG_TOKEN: &str = "canary-of-a-wrong-token-0008";
const WS_HEADER: &str = "canary-of-a-websocket-header-0009";
const WS_QUERY: &str = "canary-of-a-query-0010";
const CANARIES: [&str; 10] = [
    API_KEY,
    BEARER,
    HEADER,
    OTHER_TOKEN,
    STORED_KEY,
    PASSWORD,
    WS_TOKEN,
    WS_WRONG_TOKEN,
    WS_HEADER,
    WS_QUERY,
];

/// Settings with a secret in each place that can hold one. The server logs all that it can.
async fn laden(stage: &Stage) -> CodexBuilder {
    let login = format!(r#"{{"OPENAI_API_KEY":"{STORED_KEY}","tokens":null,"last_refresh":null}}"#);
    fs::write(stage.fixture.home().join("auth.json"), login).unwrap();
    let provider = |key: &str| format!("model_providers.scripted.{key}");
    let builder = stage.codex().await;
    builder
        .env("OPENAI_API_KEY", API_KEY)
        .env("DATABASE_PASSWORD", PASSWORD)
        .env("RUST_LOG", "trace")
        .config(provider("experimental_bearer_token"), BEARER)
        .config(provider("http_headers.X-Api-Key"), HEADER)
        .config("model_providers.other.name", "Other")
        .config("model_providers.other.experimental_bearer_token", OTHER_TOKEN)
}

/// What a failure shows, with all its causes.
fn show_error(shown: &mut Shown, error: &Error) {
    shown.debug(error);
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        shown.text(error.to_string());
        cause = error.source();
    }
    shown.debug(&(error.kind(), error.rpc_error(), error.undecodable(), error.output()));
    if let Some(closed) = error.closed_by() {
        shown.debug(closed);
        shown.text(&closed.stderr_tail);
    }
}

/// A turn to its end, with each event.
async fn show_turn(shown: &mut Shown, mut turn: Turn) {
    shown.debug(&turn);
    loop {
        match soon("an event", turn.try_next()).await {
            Ok(Some(event)) => shown.debug(&event),
            Ok(None) => break,
            Err(error) => return show_error(shown, &error),
        }
    }
    match soon("the output", turn.finish()).await {
        Ok(output) => {
            shown.debug(&output);
            if let Err(error) = output.into_result() {
                show_error(shown, &error);
            }
        }
        Err(error) => show_error(shown, &error),
    }
}

async fn start(shown: &mut Shown, stage: &Stage) -> Codex {
    let builder = laden(stage).await;
    shown.debug(&builder);
    let codex = soon("the start", builder.start()).await.unwrap();
    shown.debug(&codex);
    shown.debug(codex.server_info());
    codex
}

async fn turn(shown: &mut Shown, codex: &Codex, prompt: &str) -> Turn {
    let thread = codex.start_thread().sandbox(Sandbox::FullAccess).approvals(Approvals::Deny);
    shown.debug(&thread);
    let thread = soon("a thread", thread.into_future()).await.unwrap();
    shown.debug(&thread);
    let run = thread.run(prompt);
    shown.debug(&run);
    soon("a turn", run.stream()).await.unwrap()
}

/// Turns that succeed and that fail in each way in which a model provider can refuse.
async fn turns_of_all_kinds(shown: &mut Shown) {
    let refusal = |status: u16| HttpError::new(status).message(format!("{status}: the key was refused"));
    let script = [401, 403, 429, 500]
        .into_iter()
        .fold(Model::script().exec("echo done").text("Good."), |script: Script, status| {
            script.fail(refusal(status))
        });
    let stage = Stage::new(script).await;
    let codex = start(shown, &stage).await;
    for prompt in ["Work", "Fail with 401", "Fail with 403", "Fail with 429", "Fail with 500"] {
        let turn = turn(shown, &codex, prompt).await;
        show_turn(shown, turn).await;
    }
    // The canaries were in use, so that they could have been shown.
    let request = stage.model.requests().swap_remove(0);
    assert_eq!(request.header("authorization"), Some(format!("Bearer {BEARER}").as_str()));
    assert_eq!(request.header("x-api-key"), Some(HEADER));

    let closed = soon("the end", codex.close()).await;
    assert!(!closed.stderr_tail.is_empty(), "the server has logged something");
    shown.debug(&closed);
    shown.text(closed.to_string());
    let error = codex.start_thread().into_future().await.unwrap_err();
    show_error(shown, &error);
}

/// A server that is killed amid a turn.
async fn a_death(shown: &mut Shown) {
    let stage = Stage::new(Model::script().text(Message::from("Never seen").delay(PATIENCE))).await;
    let codex = start(shown, &stage).await;
    let turn = turn(shown, &codex, "Wait").await;
    soon("the request", stage.model.wait_for_requests(1)).await;
    processes::kill(codex.pid().unwrap());
    show_turn(shown, turn).await;
    shown.debug(&soon("the end", codex.closed()).await);
}

/// Settings that the server refuses, at its start or when a thread is started, with the secret in the wrong place.
async fn refused_settings(shown: &mut Shown) {
    let stage = Stage::new(Model::script()).await;
    let dying = laden(&stage).await.arg("--config").arg("noequals");
    show_error(shown, &soon("the refusal", dying.start()).await.unwrap_err());

    let wrong = [
        ("model_providers.scripted.http_headers", format!("X-Api-Key: {HEADER}")),
        ("model_providers.scripted.experimental_bearer_token.value", BEARER.to_owned()),
        ("model_providers.other.auth", OTHER_TOKEN.to_owned()),
    ];
    for (key, value) in wrong {
        let builder = laden(&stage).await.config(key, value);
        shown.debug(&builder);
        match soon("the start", builder.start()).await {
            Err(error) => show_error(shown, &error),
            Ok(codex) => match soon("the thread", codex.start_thread().into_future()).await {
                Err(error) => show_error(shown, &error),
                Ok(thread) => panic!("`{key}` was accepted: {thread:?}"),
            },
        }
    }
}

/// A server that asks for a token, clients that have it, that have another one, and that would send it in the open.
async fn tokens(shown: &mut Shown) {
    let stage = Stage::new(Model::script().text("Good.")).await;
    let at = Endpoint::new("ws://127.0.0.1:0").bearer_token(WS_TOKEN);
    let builder = laden(&stage).await.listen(at);
    shown.debug(&builder);
    let owner = soon("the start", builder.start()).await.unwrap();
    shown.debug(&(&owner, owner.endpoint()));
    let command_line = processes::command_line(owner.pid().unwrap());
    assert!(command_line.contains("--ws-auth") && !command_line.contains(WS_TOKEN), "others can see it");

    let endpoint = owner.endpoint().unwrap().clone().header("X-Api-Key", WS_HEADER);
    let client = soon("the connection", Codex::connect(&endpoint)).await.unwrap();
    shown.debug(&(&client, &endpoint));
    let only = turn(shown, &client, "Work").await;
    show_turn(shown, only).await;

    let address = owner.endpoint().unwrap().address().unwrap();
    let refused = [
        endpoint.clone().bearer_token(WS_WRONG_TOKEN),
        endpoint.clone().header("Bad", format!("{WS_HEADER}\n")),
        Endpoint::new(format!("{address}/?token={WS_QUERY}")),
        Endpoint::new(format!("ws://{WS_QUERY}@127.0.0.1:1")),
        Endpoint::new("ws://codex.example").bearer_token(WS_TOKEN),
        Endpoint::new("ws://127.0.0.1:9").bearer_token(WS_TOKEN),
    ];
    for endpoint in refused {
        shown.debug(&endpoint);
        show_error(shown, &soon("the refusal", Codex::connect(&endpoint)).await.unwrap_err());
    }
    shown.debug(&soon("the end", owner.close()).await);
    shown.debug(&soon("the end", client.closed()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_shown_or_logged_has_a_secret_in_it() {
    if skipped() {
        return;
    }
    let logged = Collector::install();
    let mut shown = Shown::default();
    turns_of_all_kinds(&mut shown).await;
    a_death(&mut shown).await;
    refused_settings(&mut shown).await;
    tokens(&mut shown).await;

    let logged = logged.texts();
    assert!(logged.iter().any(|line| line.contains("started the codex server")), "tracing was collected");
    assert!(
        shown.texts().iter().any(|text| text.contains("[hidden]")),
        "the server said a secret, which was hidden"
    );
    for canary in CANARIES {
        for text in shown.texts().iter().chain(&logged) {
            assert!(!text.contains(canary), "{canary} is in: {}", around(text, canary));
        }
    }
}

/// What stands around a text, as much as a failed test needs.
fn around(text: &str, found: &str) -> String {
    let at = text.find(found).unwrap_or_default();
    let characters: Vec<char> = text.chars().collect();
    let at = text[..at].chars().count();
    characters[at.saturating_sub(200)..(at + 100).min(characters.len())].iter().collect()
}
