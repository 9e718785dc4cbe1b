//! Whole programs, with and without async.

use super::play::{Played, play};
use e2e::covers;

#[test]
fn a_chat_streams_asks_and_begins_anew() {
    covers!["002-099", "002-141"];
    chat(|input| play("chat", input));
    chat(|input| play("blocking_chat", input));
}

fn chat(play: impl Fn(&str) -> Option<Played>) {
    let Some(played) = play("Hello\nLeave me a note\nn\n/new\n\nDo you know me?\n") else { return };
    played.assert_says(&[
        "you (or /new): Hello! I am a script.",
        "you (or /new): may it do this: /bin/bash -lc 'echo hello > note.txt'? [y/N] As you like.",
        "you (or /new): you (or /new): you (or /new): We have not met.",
        "you (or /new): ",
    ]);
    assert_eq!(played.asked(1), ["Hello", "Leave me a note"]);
    assert!(played.told(2).contains("rejected"), "{}", played.told(2));
    assert_eq!(played.asked(3), ["Do you know me?"]);

    // And with the other answer:
    let Some(played) = play("Hello\nLeave me a note\ny\n") else { return };
    assert!(!played.told(2).contains("rejected"), "{}", played.told(2));
}

#[test]
fn a_review_bot_turns_a_diff_into_findings() {
    covers!["002-099"];
    const DIFF: &str = "--- a/src/mean.rs\n+++ b/src/mean.rs\n";
    let Some(played) = play("review_bot", DIFF) else { return };
    review(&played);
    let Some(played) = play("blocking_review_bot", DIFF) else { return };
    review(&played);
}

fn review(played: &Played) {
    played.assert_says(&["src/mean.rs:2: Bug: It divides by zero.", "1 finding(s)"]);
    assert!(played.asked(0)[0].ends_with("--- a/src/mean.rs\n+++ b/src/mean.rs\n"), "{:?}", played.asked(0));
    assert!(played.told(1).contains("sum / count"), "{}", played.told(1));
    let form = played.requests[0]["text"]["format"].to_string();
    assert!(form.contains("What is wrong and how to mend it") && form.contains("Style"), "{form}");
}

#[test]
fn a_command_runner_keeps_to_its_policy() {
    covers!["002-099"];
    let Some(played) = play("command_runner", "") else { return };
    command_runner(&played);
    let Some(played) = play("blocking_command_runner", "") else { return };
    command_runner(&played);
}

fn command_runner(played: &Played) {
    let lines: Vec<&str> = played.output.lines().collect();
    let asked = ["mkdir docs", "mkdir /docs", "mkdir notes && git push", "curl example.org"];
    let answers = ["allow", "deny", "deny", "deny"];
    for (number, (command, answer)) in asked.into_iter().zip(answers).enumerate() {
        let line = lines[2 * number];
        assert!(line.starts_with(&format!("{answer}: run /bin/bash -lc '{command}'")), "{line}");
    }
    assert!(lines[3].contains("\"/docs\" does not lead into "), "{}", lines[3]);
    assert_eq!(lines[5], "  the rule: nothing leaves this machine");
    assert_eq!(lines[7..], ["  the rule: nothing is fetched", "agent: There is a folder docs now."]);
    assert_eq!(played.asked(0), ["Make a folder for the documentation"]);
    assert_eq!(played.told(5).matches("rejected by user").count(), 3, "{}", played.told(5));
}
