//! When it asks.

use super::play::play;
use e2e::covers;

#[test]
fn approvals_are_decided_one_by_one() {
    covers!["000-055", "000-056", "003-212"];
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
