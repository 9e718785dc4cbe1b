//! What the agent asks, and tools of the program.

use super::super::half::{Settle, StartThread, Tool, answer_all, builder, function};
use crate::plain::stage;
use codexkit::rules::{Command, Rules};
use codexkit::{Approval, Approvals, Ask, Sandbox, ToolError};
use e2e::model::{Exec, Model, Script};
use e2e::skipped;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::mpsc;

fn escalated(command: &str) -> Script {
    Model::script().exec(Exec::new(command).escalated("it has to be")).text("Done.")
}

fn asking(thread: StartThread) -> StartThread {
    thread.sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask)
}

#[test]
fn without_a_handler_the_answer_is_no() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(escalated("touch made"));
    let codex = builder(settings).start().settle().unwrap();
    let thread = asking(codex.start_thread()).settle().unwrap();

    thread.run("Act").settle().unwrap();

    assert!(!stage.fixture.workspace().join("made").exists());
    assert!(format!("{:?}", stage.model.requests()[1].function_outputs()).contains("rejected"));
}

#[test]
fn a_handler_decides() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(escalated("touch made"));
    let (tell, told) = mpsc::channel();
    let decide = move |ask: Approval| {
        tell.send(ask.command_line().map(str::to_owned)).expect("the test listens");
        ask.accept()
    };
    let codex = builder(settings).on_approval(function(decide)).start().settle().unwrap();
    let thread = asking(codex.start_thread()).settle().unwrap();

    thread.run("Act").settle().unwrap();

    assert!(stage.fixture.workspace().join("made").exists());
    assert!(told.recv().unwrap().unwrap().contains("touch made"));
}

#[test]
fn a_handler_that_panics_permits_nothing() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(escalated("touch made"));
    let codex = builder(settings).start().settle().unwrap();
    let panics = function(|ask: Approval| {
        assert!(ask.reason().is_none(), "this handler is meant to panic");
        ask.accept()
    });
    let thread = asking(codex.start_thread()).on_approval(panics).settle().unwrap();

    assert_eq!(thread.run("Act").settle().unwrap().text(), "Done.");

    assert!(!stage.fixture.workspace().join("made").exists());
}

#[test]
fn the_asks_of_a_turn_can_be_read_instead() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(escalated("touch made"));
    let codex = builder(settings).start().settle().unwrap();
    let thread = asking(codex.start_thread()).settle().unwrap();

    let mut turn = thread.run("Act").stream().settle().unwrap();
    answer_all(&mut turn, |ask| match ask {
        Ask::Approval(ask) => {
            let answer = ask.accept();
            ask.respond(answer);
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(turn.finish().settle().unwrap().text(), "Done.");

    assert!(stage.fixture.workspace().join("made").exists());
}

#[test]
fn rules_come_before_handlers() {
    if skipped() {
        return;
    }
    let (stage, settings) = stage(escalated("touch made"));
    let accept = function(|ask: Approval| ask.accept());
    let codex = builder(settings).on_approval(accept).start().settle().unwrap();
    let rules = Rules::new().deny(Command::program("touch"));
    let thread = asking(codex.start_thread()).rules(rules).settle().unwrap();

    thread.run("Act").settle().unwrap();

    assert!(!stage.fixture.workspace().join("made").exists());
}

#[derive(Deserialize)]
struct Sum {
    a: i64,
    b: i64,
}

#[test]
fn the_agent_calls_functions_of_the_program() {
    if skipped() {
        return;
    }
    let script = Model::script()
        .call("add", json!({ "a": 20, "b": 22 }))
        .call("add", json!({ "a": "x" }))
        .text("Done.");
    let (stage, settings) = stage(script);
    let schema = json!({
        "type": "object",
        "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } },
        "required": ["a", "b"],
    });
    let add = Tool::new(
        "add",
        "Adds two numbers",
        schema,
        function(|sum: Sum| -> Result<String, ToolError> { Ok((sum.a + sum.b).to_string()) }),
    );
    let codex = builder(settings).start().settle().unwrap();
    let thread = codex.start_thread().tool(add).settle().unwrap();

    assert_eq!(thread.run("Add").settle().unwrap().text(), "Done.");

    let asked = stage.model.requests();
    assert!(format!("{:?}", asked[1].function_outputs()).contains("42"));
    assert!(format!("{:?}", asked[2].function_outputs()).contains("`a` does not fit"));
    assert!(asked[0].body().to_string().contains("Adds two numbers"));
}

#[test]
fn several_tools_are_given_at_once() {
    if skipped() {
        return;
    }
    let nothing = json!({ "type": "object", "properties": {} });
    let tool = |name: &str, reply: &'static str| {
        let reply = function(move |_: Value| -> Result<&str, ToolError> { Ok(reply) });
        Tool::new(name, "Says something", nothing.clone(), reply)
    };
    let (stage, settings) = stage(Model::script().call("second", json!({})).text("Done."));
    let codex = builder(settings).start().settle().unwrap();
    let tools = [tool("first", "1st"), tool("second", "2nd")];
    let thread = codex.start_thread().tools(tools).settle().unwrap();

    thread.run("Say it").settle().unwrap();

    assert!(format!("{:?}", stage.model.requests()[1].function_outputs()).contains("2nd"));
}
