//! Connecting to a server that runs: who gets in, and what is told to those who do not.

use codexkit::protocol::Version;
use codexkit::{Clock, CloseReason, Codex, Endpoint, ErrorKind, ExitStatus, Limits};
use e2e::model::{Gate, Message, Model, Script};
use e2e::processes::{self, gone};
use e2e::{Listening, Stage, codex_binary, covers, differs_before, skipped, soon};
use std::error::Error as _;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;

/// Why nobody got in.
async fn refusal(endpoint: impl Into<Endpoint>) -> codexkit::Error {
    soon("the refusal", Codex::connect(endpoint)).await.expect_err("nobody gets in")
}

async fn listening(stage: &Stage) -> (Codex, Endpoint) {
    let codex = stage.codex().await.listen("ws://127.0.0.1:0").start().await.unwrap();
    let endpoint = codex.endpoint().expect("it listens").clone();
    (codex, endpoint)
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    covers!["003-164"];
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = refusal(format!("ws://127.0.0.1:{port}")).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
    let cause = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
    let error = refusal(Endpoint::new(format!("ws://127.0.0.1:{port}")).bearer_token("t")).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn a_socket_that_is_not_there_refuses() {
    let stage = Stage::new(Model::script()).await;
    let error = refusal(Endpoint::unix(stage.fixture.home().join("no.sock"))).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(refusal(Endpoint::control_socket(stage.fixture.home())).await.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn a_port_that_takes_the_connection_and_says_nothing_is_given_up() {
    covers!["003-163"];
    let half_open = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(format!("ws://{}", half_open.local_addr().unwrap()));
    let limits = Limits::default().connect(Duration::from_millis(200));
    let connecting = Codex::builder().limits(limits).connect(endpoint);
    let error = soon("the end of the wait", connecting).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Clock::Connect));
}

#[tokio::test]
async fn a_server_that_is_no_codex_is_told_apart() {
    // The scripted model speaks HTTP, but no WebSocket.
    let model = Model::start(Model::script()).await.unwrap();
    let url = model.base_url().replace("http://", "ws://");
    assert_eq!(refusal(url).await.kind(), ErrorKind::Handshake);
}

#[tokio::test]
async fn settings_for_starting_a_server_do_not_pass_unnoticed() {
    let builder = Codex::builder().codex_home("/h").env("A", "b").connect("ws://127.0.0.1:1");
    let error = builder.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(text.contains("codex_home") && text.contains("env") && !text.contains("cwd"), "{text}");
}

#[tokio::test]
async fn a_server_of_ours_lets_in_who_has_its_token() {
    covers!["003-159", "003-160", "003-161", "003-162", "D34"];
    if skipped() {
        return;
    }
    // Given a server that we started to listen
    let stage = Stage::new(Model::script().text("Hello.")).await;
    let (codex, endpoint) = listening(&stage).await;

    // When another client connects with the endpoint, then it can work there
    let other = soon("the other", Codex::connect(&endpoint)).await.unwrap();
    assert_eq!(soon("the answer", other.ask("Hi")).await.unwrap().text(), "Hello.");
    assert_eq!((other.pid(), other.endpoint().is_none()), (None, true));
    other.close().await;

    // When it has no token, or another one, then it cannot
    let address = endpoint.address().unwrap();
    let error = refusal(&address).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().contains("missing websocket bearer token"), "{error}");
    let wrong = Endpoint::new(&address).bearer_token("a-canary-that-is-wrong");
    let error = refusal(wrong).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(!format!("{error} {error:?} {endpoint:?} {codex:?}").contains("canary"), "{error:?}");

    // And what a browser sends is not let in at all
    let error = refusal(endpoint.clone().header("Origin", "https://example.com")).await;
    assert_eq!(error.kind(), ErrorKind::Forbidden);

    // And the server is there for the one who started it
    assert_eq!(codex.close().await.reason, CloseReason::ByUs);
}

/// Made with the secret below; the one is good until the year 2100, the other was until 1970.
const SIGNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOiA0MTAyNDQ0ODAwfQ.ZWnB8mBe6JnE7ngIFEvEW4sdTKDQvCB20eWGiQr6eZI";
const EXPIRED: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOiAxfQ.9lP5oAOdZ6gsqSqilWom8sVYs7TxbqlR_nYKA-V6gQk";
const SHARED_SECRET: &str = "a secret that both sides know, of 32 bytes or more";

#[tokio::test]
async fn signed_tokens_are_sent_as_they_are() {
    covers!["003-161", "D34"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let secret = stage.fixture.home().join("shared-secret");
    std::fs::write(&secret, SHARED_SECRET).unwrap();
    let flags = ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", secret.to_str().unwrap()];
    let server = Listening::start(&stage, &flags).await;

    let codex = Codex::connect(Endpoint::new(&server.url).bearer_token(SIGNED)).await.unwrap();
    assert!(codex.server_info().version.is_some());

    let error = refusal(Endpoint::new(&server.url).bearer_token(EXPIRED)).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().contains("expired websocket jwt"), "{error}");
}

#[tokio::test]
async fn a_server_says_whether_it_is_ready_and_well() {
    covers!["D34"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let (codex, endpoint) = listening(&stage).await;
    soon("readiness", endpoint.check_ready()).await.unwrap();
    soon("health", Endpoint::new(endpoint.address().unwrap()).check_health()).await.unwrap();

    codex.close().await;
    assert_eq!(soon("the check", endpoint.check_ready()).await.unwrap_err().kind(), ErrorKind::Connect);
    let socket = Endpoint::unix("/s").check_ready().await.unwrap_err();
    assert_eq!(socket.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn the_control_socket_of_a_home_is_found() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text("Hello.")).await;
    let codex = stage.codex().await.listen("unix://").start().await.unwrap();
    let other = Codex::connect(Endpoint::control_socket(stage.fixture.home())).await.unwrap();
    assert_eq!(soon("the answer", other.ask("Hi")).await.unwrap().text(), "Hello.");
    assert_eq!(codex.close().await.exit, Some(ExitStatus::Code(0)));
    assert!(!matches!(soon("the end", other.closed()).await.reason, CloseReason::ByUs));
}

#[tokio::test]
async fn a_socket_may_have_a_path_that_is_longer_than_sockets_have() {
    if differs_before(Version::new(0, 163, 0), "sockets with long paths").await {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let socket = stage.fixture.home().join("s".repeat(150));
    let codex = stage.codex().await.listen(Endpoint::unix(socket)).start().await.unwrap();
    assert!(Codex::connect(codex.endpoint().unwrap()).await.is_ok());
}

#[tokio::test]
async fn two_servers_cannot_listen_at_one_place() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let (first, endpoint) = listening(&stage).await;
    let second = stage.codex().await.listen(endpoint).start();
    let error = soon("the refusal", second).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Spawn);
    assert!(error.to_string().contains("in use"), "{error}");
    assert!(soon("a thread", first.start_thread().into_future()).await.is_ok(), "the first one goes on");
}

fn slow() -> (Gate, Script) {
    let gate = Gate::new();
    let text = Message::chunks(["One"]).gate(&gate).chunk("Two");
    (gate, Model::script().text(text))
}

#[tokio::test]
async fn a_server_that_listens_ends_with_the_connection_that_started_it() {
    if skipped() {
        return;
    }
    for drops in [true, false] {
        // Given a server of ours with a turn that runs on it, started by somebody else
        let (gate, script) = slow();
        let stage = Stage::new(script).await;
        let (codex, endpoint) = listening(&stage).await;
        let other = Codex::connect(endpoint).await.unwrap();
        let turn = other.start_thread().await.unwrap().run("Speak").stream().await.unwrap();
        soon("the model", gate.reached()).await;
        let family = processes::family(codex.pid().unwrap());

        // When we go
        if drops {
            drop(codex);
        } else {
            assert_eq!(soon("the end", codex.close()).await.exit, Some(ExitStatus::Code(0)));
        }

        // Then the server goes too, and the other one is told
        soon("the end of the server", gone(&family)).await;
        assert_eq!(soon("the end of the turn", turn.finish()).await.unwrap_err().kind(), ErrorKind::Closed);
    }
}

#[tokio::test]
async fn a_server_that_cannot_listen_says_why() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let nowhere = stage.codex().await.listen("unix:///no/such/folder/s.sock").start().await;
    assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::Usage);
    let broken = stage.codex().await.arg("-c").arg("noequals").listen("ws://127.0.0.1:0").start();
    assert_eq!(soon("the refusal", broken).await.unwrap_err().kind(), ErrorKind::Config);
    let missing = Codex::builder().codex_bin("/no/such/codex").listen("ws://127.0.0.1:0").start().await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(codex_binary().await.exists());
}
