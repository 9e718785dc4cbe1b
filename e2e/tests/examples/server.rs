//! The server.

use super::play::play;
use e2e::covers;

#[test]
fn somebody_logs_in_and_out() {
    let Some(played) = play("login", "") else { return };
    played.assert_says(&["not logged in", "logged in with an API key", "nobody is logged in"]);
    assert!(played.requests.is_empty());
}

#[test]
fn commands_run_in_the_sandbox_without_the_agent() {
    let Some(played) = play("exec", "") else { return };
    let lines: Vec<&str> = played.output.lines().collect();
    assert_eq!(lines[..4], ["exit code 0:", "Ada", "Grace", ""]);
    assert!(lines[4].starts_with("allowed to write: false, touch: "), "{}", lines[4]);
    assert_eq!(lines[lines.len() - 3..], ["it says: Hello?", "exit code 0", "killed: exit code 137"]);
    assert!(played.requests.is_empty(), "the model has no part in it");
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
    covers!["000-042", "003-148", "D16", "D23"];
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
