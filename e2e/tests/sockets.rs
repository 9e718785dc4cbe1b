//! Connections over sockets: what they carry, and how they end.

use codexkit::protocol::ThreadId;
use codexkit::protocol::types::{
    FsReadFileParams, FsWriteFileParams, ThreadReadParams, ThreadResumeParams, TurnStatus,
};
use codexkit::{CloseReason, Codex, Endpoint, ErrorKind, Event, ExitStatus, Limits, Thread, Turn};
use e2e::model::{Gate, Message, Model, Response, prompt_contains};
use e2e::processes;
use e2e::{Stage, Transport, covers, skipped, soon};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const MIB: usize = 1024 * 1024;

/// A server that listens, and a client that came later.
async fn two_clients(stage: &Stage) -> (Codex, Codex) {
    let owner = stage.codex().await.listen("ws://127.0.0.1:0").start().await.unwrap();
    let client = Codex::connect(owner.endpoint().unwrap()).await.unwrap();
    (owner, client)
}

async fn large_messages_go_both_ways(on: Transport) {
    covers!["D34"];
    let stage = Stage::new(Model::script()).await.over(on);
    let codex = stage.start().await;
    let path = stage.fixture.workspace().join("large").display().to_string();
    let content = "QUJD".repeat(15 * MIB / 4);

    soon("writing", codex.call(&FsWriteFileParams::new(&content, &path))).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), (content.len() / 4 * 3) as u64);
    let read = soon("reading", codex.call(&FsReadFileParams::new(&path))).await.unwrap();
    assert!(read.data_base64 == content, "{} bytes came back", read.data_base64.len());
}

e2e::over_every_transport! { large_messages_go_both_ways }

#[tokio::test]
async fn a_message_that_a_socket_does_not_take_is_refused_before_it_is_sent() {
    if skipped() {
        return;
    }
    for on in [Transport::WebSocket, Transport::Unix] {
        // Given a connection over a socket
        let stage = Stage::new(Model::script()).await.over(on);
        let codex = stage.start().await;
        let path = stage.fixture.workspace().join("large").display().to_string();

        // When a message is as large as the server takes them, then it is sent
        let frame = |content: &str| {
            format!(
                r#"{{"id":2,"method":"fs/writeFile","params":{{"dataBase64":"{content}","path":"{path}"}}}}"#
            )
        };
        let room = 16 * MIB - frame("").len();
        let content = "QUJD".repeat(room / 4);
        soon("writing", codex.call(&FsWriteFileParams::new(&content, &path))).await.unwrap();

        // When it is larger, then it is refused, and the connection goes on
        let content = "QUJD".repeat(room / 4 + 1);
        let error = soon("refusing", codex.call(&FsWriteFileParams::new(content, &path))).await.unwrap_err();
        assert_eq!((error.kind(), error.method()), (ErrorKind::InputTooLarge, Some("fs/writeFile")));
        assert!(soon("a thread", codex.start_thread().into_future()).await.is_ok());
    }
}

#[tokio::test]
async fn a_server_that_is_sent_too_much_all_the_same_ends_the_connection() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let (owner, _) = two_clients(&stage).await;
    let limits = Limits::default().outbound_message(32 * MIB);
    let client = Codex::builder().limits(limits).connect(owner.endpoint().unwrap()).await.unwrap();
    let path = stage.fixture.workspace().join("large").display().to_string();

    let too_much = FsWriteFileParams::new("QUJD".repeat(17 * MIB / 4), path);
    let error = soon("the end", client.call(&too_much)).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(soon("a thread", owner.start_thread().into_future()).await.is_ok(), "others go on");
}

/// A turn that is about to say its second word.
async fn speaking(thread: &Thread, prompt: &str) -> Turn {
    let mut turn = thread.run(prompt).stream().await.unwrap();
    while !matches!(soon("text", turn.try_next()).await.unwrap(), Some(Event::TextDelta { .. })) {}
    turn
}

#[tokio::test]
async fn killing_the_server_ends_every_turn_with_the_cause() {
    covers!["003-180"];
    if skipped() {
        return;
    }
    const TURNS: usize = 10;
    // Given twenty turns that run, half of them of the one who started the server
    let gate = Gate::new();
    let text = || Message::chunks(["One"]).gate(&gate).chunk("Two");
    let script = (0..2 * TURNS).fold(Model::script(), |script, _| script.text(text()));
    let stage = Stage::new(script).await;
    let (owner, client) = two_clients(&stage).await;
    let (mut of_owner, mut of_client) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        of_owner.push(speaking(&owner.start_thread().await.unwrap(), "Speak").await);
        of_client.push(speaking(&client.start_thread().await.unwrap(), "Speak").await);
    }

    // When the server is killed
    processes::kill(owner.pid().unwrap());

    // Then each ends with what it had said, and with the cause as far as it can be known
    for turn in of_owner {
        let error = soon("the end", turn.finish()).await.unwrap_err();
        assert_eq!(error.closed_by().unwrap().reason, CloseReason::Exited);
        assert_eq!(error.closed_by().unwrap().exit, Some(ExitStatus::Signal(9)));
        assert_eq!(error.output().unwrap().streamed_text, "One");
    }
    for turn in of_client {
        let error = soon("the end", turn.finish()).await.unwrap_err();
        let closed = error.closed_by().expect("the connection is gone");
        assert!(matches!(closed.reason, CloseReason::Eof | CloseReason::Io(_)), "{closed:?}");
        assert_eq!(error.output().unwrap().streamed_text, "One");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let (owner, _) = two_clients(&stage).await;
    let limits = Limits::default().ping(Duration::from_millis(200)).silence(Duration::from_secs(3));
    let client = Codex::builder().limits(limits).connect(owner.endpoint().unwrap()).await.unwrap();
    // Its signs of life are answered, so it does not matter that nothing else happens.
    assert!(tokio::time::timeout(Duration::from_secs(5), client.closed()).await.is_err());

    processes::pause(owner.pid().unwrap());

    assert_eq!(soon("the end", client.closed()).await.reason, CloseReason::Silent);
    processes::kill(owner.pid().unwrap());
}

/// Connections to a port are passed on to a server, and what the server says only as long as it is let through.
async fn stalling_proxy(server: Endpoint, flows: watch::Receiver<bool>) -> String {
    let address = server.address().unwrap();
    let server = address.strip_prefix("ws://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let (mut from_server, mut to_server) = TcpStream::connect(server).await.unwrap().into_split();
        let (mut from_client, mut to_client) = client.into_split();
        let mut flows = flows;
        let passing_on = async {
            let mut buffer = vec![0; 16 * 1024];
            while flows.wait_for(|flows| *flows).await.is_ok() {
                match from_server.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => to_client.write_all(&buffer[..count]).await.unwrap(),
                }
            }
        };
        tokio::join!(passing_on, async { drop(copy(&mut from_client, &mut to_server).await) });
    });
    format!("ws://127.0.0.1:{port}")
}

#[tokio::test]
async fn a_client_that_does_not_read_for_a_while_misses_nothing() {
    if skipped() {
        return;
    }
    // Given a client that hears what the server says until its way is blocked
    let words: Vec<String> = (0..20_000).map(|n| format!("word {n} ")).collect();
    let gate = Gate::new();
    let text = Message::chunks(["begin "]).gate(&gate);
    let text = words.iter().fold(text, |text, word| text.chunk(word));
    let stage = Stage::new(Model::script().text(text).text("Others go on.")).await;
    let token = "a-token-for-two";
    let at = Endpoint::new("ws://127.0.0.1:0").bearer_token(token);
    let owner = stage.codex().await.listen(at).start().await.unwrap();
    let (valve, flows) = watch::channel(true);
    let proxy = stalling_proxy(owner.endpoint().unwrap().clone(), flows).await;
    let client = Codex::connect(Endpoint::new(proxy).bearer_token(token)).await.unwrap();
    let thread = client.start_thread().await.unwrap();
    let mut turn = speaking(&thread, "Speak").await;
    let mut everybody = owner.subscribe().unwrap();

    // When the model says all of it meanwhile
    valve.send_replace(false);
    gate.open();
    loop {
        let event = soon("the end of the turn", everybody.try_next()).await.unwrap();
        // Idle again: all is said. This goes to every client.
        if matches!(&event, Some(Event::Notification(n)) if n.method() == "thread/status/changed") {
            let read = owner.call(&ThreadReadParams::new(thread.id())).await.unwrap();
            if serde_json::to_value(&read.thread.status).unwrap()["type"] == "idle" {
                break;
            }
        }
    }
    let other = soon("another turn", owner.ask("And you?")).await.unwrap();
    assert_eq!(other.text(), "Others go on.");

    // And the way is free again, then nothing is missing
    valve.send_replace(true);
    let mut heard = "begin ".to_owned();
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        if let Event::TextDelta { text, .. } = event {
            heard.push_str(&text);
        }
    }
    assert!(heard == format!("begin {}", words.concat()), "{} bytes of text", heard.len());
    assert_eq!(turn.finish().await.unwrap().status, TurnStatus::Completed);
}

/// How the only turn of a thread ends, as another client sees it.
async fn end_of_turn(observer: &Codex, thread: &ThreadId) -> TurnStatus {
    let mut events = observer.subscribe().unwrap();
    let resumed = observer.call(&ThreadResumeParams::new(thread)).await.unwrap();
    let turn = resumed.thread.turns.last().expect("a turn").clone();
    let mut status = turn.status;
    while status == TurnStatus::InProgress {
        match events.try_next().await.unwrap().expect("an event") {
            Event::TurnCompleted(ended) if ended.id == turn.id => status = ended.status,
            _ => {}
        }
    }
    status
}

#[tokio::test]
async fn the_last_handle_takes_its_turns_with_it_but_not_those_that_were_let_go() {
    if skipped() {
        return;
    }
    for closes in [true, false] {
        // Given a client with three turns: one is read, one was let go, one has just been started
        let gate = Gate::new();
        let text = || Response::new().text(Message::chunks(["One"]).gate(&gate).chunk("Two"));
        let script = ["kept", "let go", "just started"]
            .into_iter()
            .fold(Model::script(), |script, prompt| script.when(prompt_contains(prompt), text()));
        let stage = Stage::new(script).await;
        let (owner, client) = two_clients(&stage).await;
        let start = async || client.start_thread().await.unwrap();
        let (one, two, three) = (start().await, start().await, start().await);
        let ids = [&one, &two, &three].map(|thread| thread.id().clone());
        let kept = speaking(&one, "kept").await;
        speaking(&two, "let go").await.detach();
        let just_started = three.run("just started").stream().await.unwrap();

        // When it goes
        if closes {
            assert_eq!(soon("the end", client.close()).await.reason, CloseReason::ByUs);
            drop((kept, just_started));
        } else {
            drop((client, one, two, three, kept, just_started));
        }

        // Then its turns are interrupted, and the one that was let go runs to its end
        let [kept, let_go, just_started] = &ids;
        assert_eq!(soon("the end", end_of_turn(&owner, kept)).await, TurnStatus::Interrupted);
        assert_eq!(soon("the end", end_of_turn(&owner, just_started)).await, TurnStatus::Interrupted);
        gate.open();
        assert_eq!(soon("the end", end_of_turn(&owner, let_go)).await, TurnStatus::Completed);
    }
}
