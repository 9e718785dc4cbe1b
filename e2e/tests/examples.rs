//! The examples do what they say: each is run, and its output and what the model was asked are looked at.
//!
//! `cargo test --workspace --all-features` builds them; for this test alone, build them before.

use e2e::skipped;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What became of an example.
struct Played {
    output: String,
    requests: Vec<Value>,
}

/// Runs an example with this as its input; nothing if the tests against the real codex are to be left out.
fn play(example: &str, input: &str) -> Option<Played> {
    if skipped() {
        return None;
    }
    let requests = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{example}-requests.jsonl"));
    let mut run = Command::new(binary(example))
        .env("EXAMPLE_REQUESTS", &requests)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    run.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads its input");
    let end = run.wait_with_output().expect("the example ends");
    let output = String::from_utf8(end.stdout).expect("its output is text");
    let errors = String::from_utf8_lossy(&end.stderr);
    assert!(end.status.success(), "{example} failed:\n{output}\n{errors}");
    let requests = std::fs::read_to_string(requests).expect("it wrote down what the model was asked");
    let requests = requests.lines().map(|line| serde_json::from_str(line).expect("a request")).collect();
    Some(Played { output, requests })
}

/// Where cargo puts the examples, beside the folder of this test.
fn binary(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.ancestors().nth(2).expect("cargo's folder");
    let binary = folder.join("examples").join(example);
    assert!(
        binary.exists(),
        "{example} is not built; `cargo build --workspace --examples --all-features` does it"
    );
    binary
}

impl Played {
    /// The output of a call, as the model was told of it by the request of this number.
    fn told(&self, request: usize) -> String {
        let input = self.requests[request]["input"].as_array().expect("a list of items");
        let outputs =
            input.iter().filter(|item| item["type"].as_str().is_some_and(|kind| kind.ends_with("_output")));
        outputs.map(|item| item["output"].to_string()).collect()
    }

    fn assert_says(&self, lines: &[&str]) {
        assert_eq!(self.output.lines().collect::<Vec<_>>(), lines);
    }
}

#[test]
fn approvals_are_decided_one_by_one() {
    let Some(played) = play("approvals", "") else { return };
    played.assert_says(&[
        "asked: /bin/bash -lc 'echo 1.0 > VERSION', because: the release needs its number",
        "  accepted",
        "asked: /bin/bash -lc 'rm -rf .', because: a clean start",
        "  declined",
        "agent: VERSION is written; the rest I was not allowed to do.",
    ]);
    assert!(!played.told(1).contains("rejected"), "{}", played.told(1));
    assert!(played.told(2).contains("rejected"), "{}", played.told(2));
}

#[test]
fn rules_decide_and_every_decision_is_on_record() {
    let Some(played) = play("rules", "") else { return };
    let lines: Vec<&str> = played.output.lines().collect();
    assert!(
        lines[0].starts_with("allow: run /bin/bash -lc 'touch ready' (by the rule: allow "),
        "{}",
        lines[0]
    );
    assert_eq!(lines[1], "deny: run /bin/bash -lc 'touch ready; rm -rf .' (by the rule: nothing is removed)");
    assert!(lines[2].starts_with("allow: change ") && lines[2].contains("notes.txt"), "{}", lines[2]);
    assert_eq!(lines[3], "a person would be asked about this now, and says no");
    assert_eq!(lines[4], "deny: run /bin/bash -lc 'git push' (by the handler)");
    assert_eq!(lines[5..], ["agent: It is ready."]);
    assert_eq!(played.told(4).matches("rejected").count(), 2, "{}", played.told(4));
}

#[test]
fn tools_answer_side_by_side_and_their_errors_reach_the_model() {
    let Some(played) = play("tools", "") else { return };
    played.assert_says(&["agent: The tea is ordered. Unicorns are out of stock.", "left: {\"tea\": 8}"]);
    let tools = played.requests[0]["tools"].as_array().expect("tools");
    let order = tools.iter().find(|tool| tool["name"] == "order").expect("the tool is offered");
    assert_eq!(order["parameters"]["properties"]["article"]["description"], "The name of the article.");
    let told = played.told(1);
    assert!(told.contains("ordered; 8 left") && told.contains("there is no unicorn"), "{told}");
}

#[test]
fn questions_are_answered_by_number_or_in_words() {
    let Some(played) = play("questions", "2\n") else { return };
    assert!(played.output.ends_with("PostgreSQL\nagent: Then I plan with that.\n"), "{}", played.output);
    assert!(played.told(1).contains("PostgreSQL"), "{}", played.told(1));

    let Some(played) = play("questions", "a text file\n") else { return };
    assert!(played.told(1).contains("a text file"), "{}", played.told(1));
}

#[test]
fn a_command_carries_the_connection_to_another_machine() {
    let Some(played) = play("ssh", "") else { return };
    played.assert_says(&[
        "connected to a codex on a unix system",
        "agent: There is one file, hello.txt.",
        "the command ended with exit status: 0",
    ]);
    assert!(played.told(1).contains("hello.txt"), "{}", played.told(1));
}

#[test]
fn a_peer_within_the_program_sees_every_message() {
    let Some(played) = play("in_process", "") else { return };
    played.assert_says(&[
        "-> initialize",
        "-> initialized",
        "-> thread/start",
        "-> turn/start",
        "agent: I hear you.",
    ]);
    assert_eq!(played.requests.len(), 1);
}
