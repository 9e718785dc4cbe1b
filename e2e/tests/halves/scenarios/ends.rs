//! Ends: of turns that are dropped, of connections, of the server.

use super::super::half::{Settle, builder, close};
use crate::plain::{block_on, stage};
use codexkit::protocol::Version;
use codexkit::protocol::types::TurnStatus;
use codexkit::{CloseReason, ErrorKind, Event};
use e2e::model::{Gate, Message, Model, Outcome};
use e2e::{differs_before, processes, skipped};

#[test]
fn a_dropped_turn_is_interrupted() {
    let known = differs_before(Version::new(0, 154, 0), "a model that is always cut off by an interrupt");
    if block_on("the version", known) {
        return;
    }
    let gate = Gate::new();
    let (stage, settings) = stage(Model::script().text(Message::new("One").gate(&gate).chunk("Two")));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let mut ends = codex.subscribe_to("turn/completed").unwrap();
    let turn = thread.run("Count").stream().settle().unwrap();
    block_on("the words", gate.reached());

    drop(turn);

    let request = block_on("the request", stage.model.next_request());
    assert_eq!(block_on("the cut", request.outcome()), Outcome::CutByClient);
    let end = ends.try_next().settle().unwrap().unwrap();
    assert!(matches!(&end, Event::TurnCompleted(turn) if turn.status == TurnStatus::Interrupted), "{end:?}");
}

#[test]
fn a_turn_can_follow_one_that_was_dropped() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let (_stage, settings) =
        stage(Model::script().text(Message::new("One").gate(&gate).chunk("Two")).text("Three"));
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();

    let mut turn = thread.run("Count").stream().settle().unwrap();
    while !matches!(turn.try_next().settle().unwrap(), Some(Event::TextDelta { .. })) {}
    drop(turn);

    assert_eq!(thread.run("Go on").settle().unwrap().text(), "Three");
}

#[test]
fn what_comes_after_the_end_of_the_connection_says_so() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().never());
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let turn = thread.run("Wait").stream().settle().unwrap();

    assert_eq!(close(&codex).reason, CloseReason::ByUs);

    assert_eq!(turn.finish().settle().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(thread.run("More").settle().unwrap_err().kind(), ErrorKind::Closed);
    assert!(codex.start_thread().settle().unwrap_err().is_closed());
}

#[test]
fn a_server_that_dies_ends_all_waits() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().never());
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().settle().unwrap();
    let run = thread.run("Wait");
    let waiting = std::thread::spawn(move || run.settle());

    processes::kill(codex.pid().unwrap());

    let error = waiting.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
}
