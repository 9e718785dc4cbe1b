//! Threads that drive an async runtime must not be blocked, so nothing is waited for on them.

use crate::plain::{block_on, stage};
use codexkit::blocking::{Codex, CodexBuilder, Tool};
use codexkit::{ErrorKind, Event, ToolError};
use e2e::model::Model;
use e2e::{processes, skipped};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::sync::mpsc;

#[tokio::test]
async fn a_connection_is_refused_inside_a_runtime() {
    let error = Codex::start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("std::thread"), "{error}");
    assert_eq!(Codex::connect("ws://127.0.0.1:9").unwrap_err().kind(), ErrorKind::Usage);
    let ready = std::future::ready(Ok::<_, codexkit::Error>(()));
    assert_eq!(codexkit::blocking::wait(ready).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn handles_that_get_into_a_runtime_refuse_to_wait_and_iterators_end() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().never());
    let codex = CodexBuilder::from(settings).start().unwrap();
    let thread = codex.start_thread().wait().unwrap();
    let turn = thread.run("Wait").stream().unwrap();

    let (kinds, events) = block_on("a task", async move {
        let called = thread.read().unwrap_err().kind();
        let run = thread.run("More").wait().unwrap_err().kind();
        let closed = codex.close().unwrap_err().kind();
        let events: Vec<_> = turn.map(|event| event.unwrap_err().kind()).collect();
        ([called, run, closed], events)
    });

    assert_eq!(kinds, [ErrorKind::Usage; 3]);
    assert_eq!(events, [ErrorKind::Usage], "once, and then the iterator has ended");
}

#[test]
fn the_last_handle_can_be_dropped_inside_a_runtime() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script());
    let codex = CodexBuilder::from(settings).start().unwrap();
    let server = codex.pid().unwrap();

    block_on("the drop", async move { drop(codex) });

    // It is closed from another thread, in its own time.
    block_on("the end of the server", async {
        while processes::is_alive(server) {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn what_the_connection_calls_while_it_reads_cannot_wait_but_tools_can() {
    if skipped() {
        return;
    }
    let (_stage, settings) = stage(Model::script().call("look", json!({})).text("Done."));
    let codex = CodexBuilder::from(settings).start().unwrap();
    let (tell, told) = mpsc::channel();
    let (inside, told_inside) = (codex.clone(), tell.clone());
    let nothing = json!({ "type": "object", "properties": {} });
    let look = Tool::new("look", "Looks around", nothing, move |_: Value| {
        let config = inside.config().read()?;
        told_inside.send(Ok(config.config.model.is_some()))?;
        Ok::<_, ToolError>("seen")
    });
    let thread = codex.start_thread().tool(look).wait().unwrap();
    let watched = codex.clone();
    let run = thread.run("Look").on_event(move |event| {
        if let Event::TurnStarted(_) = event {
            tell.send(Err(watched.config().read().unwrap_err().kind())).unwrap();
        }
        ControlFlow::Continue(())
    });

    run.wait().unwrap();
    drop(thread);

    assert_eq!(told.iter().take(2).collect::<Vec<_>>(), [Err(ErrorKind::Usage), Ok(true)]);
}
