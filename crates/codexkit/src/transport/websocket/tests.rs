//! A WebSocket against a server that says what a test wants.

use super::http::Request;
use super::{BoxStream, WebSocket, accept, upgrade};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::transport::{FrameSink, FrameSource, Frames, Transport};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

const TEXT: u8 = 0x81;
const BEGINNING: u8 = 0x01;
const MIDDLE: u8 = 0x00;
const LAST: u8 = 0x80;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn connected(
    limits: Limits,
) -> (<WebSocket as Transport>::Source, <WebSocket as Transport>::Sink, DuplexStream) {
    let (stream, server) = duplex(64 * 1024);
    let stream: BoxStream = Box::new(stream);
    let (source, sink) = WebSocket { stream, beginning: Vec::new(), limits }.split();
    (source, sink, server)
}

/// A frame of a server, with a payload of less than 126 bytes.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, payload.len() as u8][..], payload].concat()
}

/// The next frame of the client: its first byte and its payload.
async fn receive(server: &mut DuplexStream) -> (u8, Vec<u8>) {
    let mut head = [0; 6];
    server.read_exact(&mut head).await.unwrap();
    let mut payload = vec![0; usize::from(head[1] & 0x7f)];
    server.read_exact(&mut payload).await.unwrap();
    super::frame::apply(&mut payload, [head[2], head[3], head[4], head[5]]);
    (head[0], payload)
}

async fn read(source: &mut impl FrameSource) -> io::Result<(bool, Vec<String>)> {
    let mut frames = Frames::new(1024);
    let more = source.read(&mut frames).await?;
    Ok((more, frames.iter().map(|frame| String::from_utf8_lossy(frame).into_owned()).collect()))
}

#[tokio::test]
async fn messages_in_parts_are_joined_and_pings_between_them_are_answered() {
    let (mut source, mut sink, mut server) = connected(Limits::default());
    let frames = [
        frame(TEXT, b"one"),
        frame(BEGINNING, b"t"),
        frame(PING, b"you?"),
        frame(MIDDLE, b"w"),
        frame(LAST, b"o"),
        frame(BEGINNING, b"thr"),
    ];
    server.write_all(&frames.concat()).await.unwrap();
    assert_eq!(read(&mut source).await.unwrap(), (true, vec!["one".into(), "two".into()]));

    sink.wants_flush().await;
    sink.flush().await.unwrap();
    assert_eq!(receive(&mut server).await, (PONG, b"you?".to_vec()));

    // However the bytes come.
    for byte in [frame(LAST, b"ee"), frame(CLOSE, &1000_u16.to_be_bytes())].concat() {
        server.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(read(&mut source).await.unwrap(), (false, vec!["three".into()]));
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_goes_out_when_it_is_time_and_silence_ends_the_wait() {
    let limits = Limits::default().ping(Duration::from_secs(30)).silence(Duration::from_secs(90));
    let (mut source, mut sink, mut server) = connected(limits);
    let begin = tokio::time::Instant::now();
    sink.wants_flush().await;
    sink.flush().await.unwrap();
    assert_eq!((begin.elapsed().as_secs(), receive(&mut server).await), (30, (PING, vec![])));

    // The server is heard of at 50 s.
    tokio::time::sleep(Duration::from_secs(20)).await;
    server.write_all(&frame(PONG, b"")).await.unwrap();
    let error = read(&mut source).await.unwrap_err();
    assert_eq!((error.kind(), begin.elapsed().as_secs()), (io::ErrorKind::TimedOut, 140));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_slowly_takes_something_large_is_not_silent() {
    let (mut source, mut sink, mut server) = connected(Limits::default().silence(Duration::from_secs(90)));
    let begin = tokio::time::Instant::now();
    let text = "x".repeat(1_000_000);
    let writing = async {
        sink.write(&text).await.unwrap();
        sink.flush().await.unwrap();
        begin.elapsed().as_secs()
    };
    let taking = async {
        let mut buffer = vec![0; 64 * 1024];
        for _ in 0..16 {
            tokio::time::sleep(Duration::from_secs(60)).await;
            server.read_exact(&mut buffer[..60_000]).await.unwrap();
        }
        std::future::pending::<()>().await;
    };
    let (written, ended) = tokio::select! {
        both = async { tokio::join!(writing, read(&mut source)) } => both,
        () = taking => unreachable!(),
    };
    assert!(written > 500, "{written} s");
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(begin.elapsed().as_secs(), written + 90);
}

#[tokio::test]
async fn a_server_that_closes_for_a_reason_or_against_the_rules_is_an_error() {
    for (bytes, kind, says) in [
        (frame(CLOSE, b"\x03\xf3too much"), io::ErrorKind::Other, "code 1011: too much"),
        (frame(LAST, b"no beginning"), io::ErrorKind::InvalidData, "no beginning"),
        ([frame(BEGINNING, b"a"), frame(TEXT, b"b")].concat(), io::ErrorKind::InvalidData, "within another"),
        (vec![TEXT, 0x80, 0, 0, 0, 0], io::ErrorKind::InvalidData, "masked"),
    ] {
        let (mut source, _sink, mut server) = connected(Limits::default());
        server.write_all(&bytes).await.unwrap();
        let error = read(&mut source).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_told_before_it_has_come() {
    let head = |first: u8, length: u16| [&[first, 126][..], &length.to_be_bytes()].concat();
    for bytes in [
        [frame(TEXT, b"before"), head(TEXT, 1025)].concat(),
        [frame(TEXT, b"before"), frame(BEGINNING, &[b'x'; 100]), head(LAST, 925)].concat(),
    ] {
        let (mut source, _sink, mut server) = connected(Limits::default());
        server.write_all(&bytes).await.unwrap();
        let mut frames = Frames::new(1024);
        assert!(source.read(&mut frames).await.unwrap());
        assert_eq!((frames.iter().next(), frames.too_large()), (Some(&b"before"[..]), Some(1024)));
    }
}

#[tokio::test]
async fn closing_waits_until_the_server_has_closed_too() {
    let (mut source, mut sink, mut server) = connected(Limits::default());
    sink.write("last words").await.unwrap();
    let closing = tokio::spawn(async move { sink.close().await });
    assert_eq!(receive(&mut server).await, (TEXT, b"last words".to_vec()));
    assert_eq!(receive(&mut server).await, (CLOSE, 1000_u16.to_be_bytes().to_vec()));
    assert!(!closing.is_finished());

    let late = [frame(TEXT, b"late"), frame(CLOSE, &1000_u16.to_be_bytes())].concat();
    server.write_all(&late).await.unwrap();
    while read(&mut source).await.unwrap().0 {}
    drop(source);
    closing.await.unwrap().unwrap();
    assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 0, "nothing more came");
}

/// What comes of a handshake that the server answers in this way.
async fn handshake(answer: impl FnOnce(&str) -> Vec<u8> + Send + 'static) -> Result<WebSocket, Error> {
    let (stream, mut server) = duplex(64 * 1024);
    tokio::spawn(async move {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            server.read_buf(&mut asked).await.unwrap();
        }
        let asked = String::from_utf8(asked).unwrap();
        assert!(asked.starts_with("GET /path HTTP/1.1\r\nHost: host:1\r\n"), "{asked}");
        let key = asked.split("Sec-WebSocket-Key: ").nth(1).unwrap().split("\r\n").next().unwrap();
        server.write_all(&answer(key)).await.unwrap();
    });
    upgrade(Box::new(stream), Request::get("/path", "host:1"), "ws://host:1", &Limits::default()).await
}

#[tokio::test]
async fn a_handshake_that_is_answered_in_order_opens_the_socket() {
    let answer = |key: &str| {
        let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade";
        let head = format!("{head}\r\nsec-websocket-accept: {}\r\n\r\n", accept::accept(key));
        [head.into_bytes(), frame(TEXT, b"first")].concat()
    };
    let (mut source, _sink) = handshake(answer).await.unwrap().split();
    assert_eq!(read(&mut source).await.unwrap(), (true, vec!["first".into()]));
}

#[tokio::test]
async fn each_refusal_has_its_kind() {
    use ErrorKind::{Connect, Forbidden, Handshake, Unauthorized};
    for (answer, kind, says) in [
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 11\r\n\r\nexpired jwt", Unauthorized, "expired jwt"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", Forbidden, "403"),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", Connect, "503"),
        ("HTTP/1.1 200 OK\r\n\r\n<html>", Handshake, "<html>"),
        ("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: x\r\n\r\n", Handshake, "as a WebSocket"),
        ("SSH-2.0-OpenSSH_9.9\r\n", Handshake, "no HTTP"),
        ("", Handshake, "closed"),
    ] {
        let error = handshake(move |_| answer.into()).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}
