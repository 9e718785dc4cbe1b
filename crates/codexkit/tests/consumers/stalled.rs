//! A turn whose reader has stopped while a million pieces of text come.

use crate::heap::{self, Mark};
use crate::peer::{Peer, connected};
use codexkit::{Codex, ErrorKind, Event, Limits, Thread, Turn};
use coverage::covers;
use serde_json::json;
use std::fmt::Write as _;

const MIB: usize = 1024 * 1024;
const PIECES: usize = 1_000_000;
/// Each piece is as long as its number, written with so many digits: 20 MB in all.
const DIGITS: usize = 20;
/// A chunk of command output comes after each so many pieces of text.
const TEXT_PER_OUTPUT: usize = 1000;

async fn thread(codex: &Codex, peer: &mut Peer, id: &str) -> Thread {
    let (thread, ()) = tokio::join!(codex.start_thread().into_future(), peer.start_thread(id));
    thread.expect("a thread starts")
}

async fn turn(thread: &Thread, peer: &mut Peer, id: &str) -> Turn {
    let of = thread.id().to_string();
    let (turn, ()) = tokio::join!(thread.run("Write").stream(), peer.begin_turn(&of, id));
    turn.expect("a turn starts")
}

fn piece(number: usize) -> String {
    format!("{number:0DIGITS$}")
}

/// Sends text, with some output of a command in between, in writes of a few KiB.
async fn flood(peer: &mut Peer, pieces: std::ops::Range<usize>) {
    let mut frames = String::new();
    for number in pieces {
        let text = piece(number);
        writeln!(
            frames,
            r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"a","turnId":"ta","itemId":"m","delta":"{text}"}}}}"#
        )
        .expect("text can be written");
        if number % TEXT_PER_OUTPUT == 0 {
            writeln!(
                frames,
                r#"{{"method":"item/commandExecution/outputDelta","params":{{"threadId":"a","turnId":"ta","itemId":"c","delta":"{text}"}}}}"#
            )
            .expect("text can be written");
        }
        if frames.len() > 8 * 1024 {
            peer.write(frames.as_bytes()).await;
            frames.clear();
        }
    }
    peer.write(frames.as_bytes()).await;
}

/// Another turn and another call on the same connection, from beginning to end.
async fn others_go_on(codex: &Codex, thread: &Thread, peer: &mut Peer, id: &str) {
    let mut turn = turn(thread, peer, id).await;
    peer.end_turn("b", id).await;
    while turn.try_next().await.expect("the other turn goes on").is_some() {}
    let nothing = json!({});
    let (answer, ()) = tokio::join!(codex.call_raw("ping", &nothing), peer.answer("ping", json!("pong")));
    assert_eq!(answer.expect("calls go on"), "pong");
}

/// What a late reader gets.
#[derive(Default)]
struct Read {
    text: String,
    outputs: u64,
    missed: u64,
    largest_piece: usize,
    completed_text: usize,
    ended: bool,
}

impl Read {
    async fn rest_of(turn: &mut Turn) -> Self {
        let (mut read, mut position) = (Self::default(), 0);
        while let Some(event) = turn.try_next().await.expect("the turn can be read to its end") {
            if !matches!(event, Event::Lagged { .. }) {
                assert!(turn.position() > position, "the order is kept");
                position = turn.position();
            }
            read.add(event);
        }
        read
    }

    fn add(&mut self, event: Event) {
        match event {
            Event::TextDelta { text, .. } => {
                self.largest_piece = self.largest_piece.max(text.len());
                self.text.push_str(&text);
            }
            Event::OutputDelta { .. } => self.outputs += 1,
            Event::Lagged { missed } => {
                // The output after each thousandth piece of text is what is missing, so a mark stands in its place.
                let whole_pieces = self.text.len() / DIGITS;
                assert_eq!((whole_pieces - 1) % TEXT_PER_OUTPUT, 0, "a mark after {whole_pieces} pieces");
                self.missed += missed;
            }
            Event::ItemCompleted(item) => {
                self.completed_text += serde_json::to_string(&item).expect("items can be written").len();
            }
            Event::TurnCompleted(_) => self.ended = true,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_for_a_million_pieces_hurts_nobody_and_misses_no_text() {
    covers!["002-139", "O26"];
    let _alone = heap::alone().await;
    let (codex, mut peer) = connected(Limits::default()).await;
    let (slow, other) = (thread(&codex, &mut peer, "a").await, thread(&codex, &mut peer, "b").await);
    let mut stopped = turn(&slow, &mut peer, "ta").await;

    let mark = Mark::now();
    flood(&mut peer, 0..PIECES / 2).await;
    others_go_on(&codex, &other, &mut peer, "tb1").await;
    flood(&mut peer, PIECES / 2..PIECES).await;
    others_go_on(&codex, &other, &mut peer, "tb2").await;
    let most = mark.most();
    eprintln!("20 MB of unread text: at most {:.1} MiB, then {:.1} MiB", mib(most), mib(mark.kept()));
    assert!(most <= 30 * MIB, "{} MiB for 20 MB of text", most / MIB);

    // One completion as large as everything before.
    let long = "x".repeat(20_000_000);
    let item = json!({ "type": "agentMessage", "id": "m", "text": long });
    drop(long);
    peer.notify(
        "item/completed",
        json!({ "threadId": "a", "turnId": "ta", "item": item, "completedAtMs": 0 }),
    )
    .await;
    peer.end_turn("a", "ta").await;
    others_go_on(&codex, &other, &mut peer, "tb3").await;

    let read = Read::rest_of(&mut stopped).await;
    assert!((0..PIECES).map(piece).eq(read.text.as_bytes().chunks(DIGITS).map(String::from_utf8_lossy)));
    assert_eq!(read.outputs + read.missed, (PIECES / TEXT_PER_OUTPUT) as u64);
    assert!(read.missed > 0 && read.ended);
    assert!(read.completed_text > 20_000_000);
    assert!(read.largest_piece <= 64 * 1024, "{} bytes in one piece", read.largest_piece);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_drops_amid_the_stream_frees_what_it_held() {
    covers!["O26"];
    let _alone = heap::alone().await;
    let (codex, mut peer) = connected(Limits::default()).await;
    let (slow, other) = (thread(&codex, &mut peer, "a").await, thread(&codex, &mut peer, "b").await);
    let stopped = turn(&slow, &mut peer, "ta").await;

    let mark = Mark::now();
    flood(&mut peer, 0..20_000).await;
    others_go_on(&codex, &other, &mut peer, "tb1").await;
    assert!(mark.kept() > MIB, "the unread text is kept");
    drop(stopped);
    peer.answer("turn/interrupt", json!({})).await;
    flood(&mut peer, 20_000..40_000).await;
    peer.end_turn("a", "ta").await;
    others_go_on(&codex, &other, &mut peer, "tb2").await;
    assert!(mark.kept() < MIB, "{} bytes are kept for nobody", mark.kept());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_that_no_longer_fit_end_the_one_subscription_that_does_not_read() {
    let _alone = heap::alone().await;
    let (codex, mut peer) = connected(Limits::default().subscription(MIB).subscriptions(2 * MIB)).await;
    let (slow, other) = (thread(&codex, &mut peer, "a").await, thread(&codex, &mut peer, "b").await);
    let mut stopped = turn(&slow, &mut peer, "ta").await;
    let item = json!({ "type": "plan", "id": "p", "text": "x".repeat(1000) });
    for _ in 0..4000 {
        peer.notify(
            "item/started",
            json!({ "threadId": "a", "turnId": "ta", "item": item, "startedAtMs": 0 }),
        )
        .await;
    }
    others_go_on(&codex, &other, &mut peer, "tb").await;

    let mut items = 0;
    let end = loop {
        match stopped.try_next().await {
            Ok(Some(Event::ItemStarted(_))) => items += 1,
            Ok(Some(_)) => {}
            Ok(None) => panic!("the end was not told"),
            Err(error) => break error,
        }
    };
    assert_eq!(end.kind(), ErrorKind::Lagged);
    assert!((1000..4000).contains(&items), "{items} items came before the end");
    assert_eq!(end.output().map(|output| output.open_items.len()), Some(items));
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / MIB as f64
}
