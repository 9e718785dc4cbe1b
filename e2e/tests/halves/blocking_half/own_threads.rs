//! A connection has a thread of its own, and it goes with the last handle.

use crate::plain::stage;
use codexkit::blocking::{Codex, CodexBuilder, retry_on_overload};
use codexkit::{Approvals, ErrorKind, Event, RetryPolicy, Sandbox};
use e2e::model::{Exec, Message, Model, Response};
use e2e::{covers, processes, skipped};
use std::sync::mpsc;
use std::time::Duration;

fn start(script: e2e::model::Script) -> (e2e::Stage, Codex) {
    let (stage, settings) = stage(script);
    (stage, CodexBuilder::from(settings).start().unwrap())
}

#[test]
fn the_drop_of_the_last_handle_waits_for_the_end_of_the_server() {
    covers!["000-007", "001-079"];
    if skipped() {
        return;
    }
    let (_stage, codex) = start(Model::script().never());
    let server = codex.pid().unwrap();
    let thread = codex.start_thread().wait().unwrap();
    let turn = thread.run("Wait").stream().unwrap();

    drop((codex, thread));
    assert!(processes::is_alive(server), "the turn keeps it");

    drop(turn);
    assert!(!processes::is_alive(server));
}

#[test]
fn streams_are_iterators() {
    if skipped() {
        return;
    }
    let (_stage, codex) = start(Model::script().text(Message::chunks(["a", "b"])).text("c"));
    let thread = codex.start_thread().wait().unwrap();

    let mut text = String::new();
    let mut turn = thread.run("Go").stream().unwrap();
    for event in &mut turn {
        if let Event::TextDelta { text: piece, .. } = event.unwrap() {
            text.push_str(&piece);
        }
    }
    assert_eq!((text.as_str(), turn.finish().unwrap().text()), ("ab", "ab"));

    let steps: Result<Vec<_>, _> = thread.run("On").stream().unwrap().steps().collect();
    assert_eq!(steps.unwrap().last().unwrap().text, "c");
    let turns: Result<Vec<_>, _> = thread.turns().collect();
    assert_eq!(turns.unwrap().len(), 2);
}

#[test]
fn a_handler_that_blocks_holds_up_nobody_else() {
    if skipped() {
        return;
    }
    // Given an agent that waits for an answer which the program does not have yet,
    let script = Model::script().exec(Exec::new("touch made").escalated("it has to be")).text("Done.");
    let (stage, settings) = stage(script);
    let (answer, answers) = mpsc::channel::<bool>();
    let answers = std::sync::Mutex::new(answers);
    let (tell, asked) = mpsc::channel();
    let builder = CodexBuilder::from(settings).on_approval(move |ask| {
        tell.send(()).unwrap();
        if answers.lock().unwrap().recv().unwrap() { ask.accept() } else { ask.decline() }
    });
    let codex = builder.start().unwrap();
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).wait().unwrap();
    let waiting = std::thread::spawn(move || thread.run("Act").wait());
    asked.recv().unwrap();

    // when the program does something else on the connection, then it is done,
    assert!(codex.config().read().is_ok());
    // and the agent goes on once it is answered.
    answer.send(true).unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().text(), "Done.");
    assert!(stage.fixture.workspace().join("made").exists());
}

#[test]
fn a_server_that_runs_is_connected_to() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().text("Hello"));
    let host = CodexBuilder::from(settings).listen("ws://127.0.0.1:0").start().unwrap();
    let endpoint = host.endpoint().unwrap().clone();
    codexkit::blocking::wait(endpoint.check_ready()).unwrap();

    let guest = Codex::connect(endpoint).unwrap();

    assert_eq!(guest.ask("Hi").unwrap().text(), "Hello");
}

#[test]
fn an_overloaded_model_is_tried_again() {
    if skipped() {
        return;
    }
    let overloaded = Response::new().failed("server_is_overloaded", "later");
    let (stage, codex) = start(Model::script().respond(overloaded).text("Here."));
    let policy = RetryPolicy::default().tries(3).first_pause(Duration::from_millis(1));

    let answer = retry_on_overload(&policy, || codex.ask("Are you there?")).unwrap();

    assert_eq!(answer.text(), "Here.");
    assert_eq!(stage.model.requests().len(), 2);
    let mut tries = 0;
    let error = retry_on_overload(&policy, || {
        tries += 1;
        codex.resume_thread("0199a000-0000-7000-8000-000000000000").wait()
    });
    assert_eq!((error.unwrap_err().kind(), tries), (ErrorKind::ThreadNotFound, 1));
}
