//! Keeping hold of it.

use super::play::play;
use e2e::covers;

#[test]
fn a_turn_is_steered_another_interrupted_and_one_let_go() {
    covers!["002-132"];
    let Some(played) = play("controls", "") else { return };
    played.assert_says(&[
        "agent: I write it in C.",
        "agent: In Rust, then.",
        "interrupted by Some(Program): One, two, three",
        "agent: All is well.",
    ]);
    assert_eq!(played.asked(1), ["Write a parser", "In Rust, please"]);
    assert_eq!(played.asked(4).last().map(String::as_str), Some("And?"));
    // What was interrupted and what was let go are both part of the conversation.
    let history = played.requests[4]["input"].to_string();
    assert!(history.contains("One, two, three") && history.contains("I have looked around."), "{history}");
}

#[test]
fn errors_are_told_apart_and_overload_is_tried_again() {
    let Some(played) = play("errors", "") else { return };
    played.assert_says(&[
        "the turn failed: that will not do",
        "before that it said: I have begun.",
        "used up; it begins anew at None",
        "agent: Here I am.",
        "closed: true, retryable: false",
    ]);
    assert_eq!(played.requests.len(), 5);
    assert_eq!(played.asked(4).iter().filter(|text| *text == "Are you there?").count(), 3);
}

#[test]
fn a_budget_stops_a_turn_and_keeps_what_it_gave() {
    let Some(played) = play("budgets", "") else { return };
    let lines: Vec<&str> = played.output.lines().collect();
    assert!(lines[0].starts_with("stopped: ") && lines[0].contains("2 calls of the model"), "{}", lines[0]);
    assert_eq!(lines[1..], ["so far: The first chapter is dull.", "tokens: 2000", "agent: It is dull."]);
    // It may have been asked once more before it was stopped.
    assert_eq!(played.asked(played.requests.len() - 1), ["Read the book", "That is enough"]);
}

#[test]
fn a_policy_stops_a_turn_that_does_more_than_talk() {
    covers!["000-027"];
    let Some(played) = play("policy", "") else { return };
    played.assert_says(&["agent: It is a parser.", "stopped: it wanted to do more than talk"]);
    assert_eq!(played.asked(1), ["Explain this crate", "Explain it better"]);
}

#[test]
fn a_turn_outlives_the_wait_for_it() {
    covers!["003-192"];
    let Some(played) = play("continuation", "") else { return };
    played.assert_says(&[
        "not done in time: Timeout(Turn)",
        "completed: Now it is done.",
        "interrupted by Some(Program)",
    ]);
    assert_eq!(played.asked(1), ["Build it", "Build it again"]);
}

#[test]
fn a_goal_is_pursued_turn_after_turn() {
    let Some(played) = play("goals", "") else { return };
    // How many tokens the server counts by the end depends on when it looks.
    let (said, tokens) = played.output.split_once("reached, with ").expect("the goal is reached");
    let turns = "agent: Two tests fail. I mend the first one.\nagent: I mend the second one.\nagent: All tests pass.\n";
    assert_eq!(said, format!("{turns}turns: 3\n"));
    assert!(tokens.ends_with(" tokens\n"), "{tokens}");
    assert!(played.told(0).contains("All tests pass"), "{}", played.told(0));
    assert!(played.told(3).contains("complete"), "{}", played.told(3));
}
