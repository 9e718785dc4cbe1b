//! What deny and ask rules match: too much rather than too little.

use super::{rendered, rules, verdict};
use crate::rules::{Args, Command, Rules, Subject, Verdict};

fn allowing() -> Rules {
    ["ls", "cat", "echo", "rm"].into_iter().fold(rules(), |rules, program| {
        rules.allow(Command::starting_with([program]).with_arguments(Args::any()))
    })
}

#[test]
fn a_program_is_denied_wherever_it_may_run() {
    let rules = allowing().deny(Command::program("rm"));
    for denied in [
        "rm x",
        "/bin/rm x",
        "/usr/bin/../bin/rm x",
        "./rm",
        "RM x",
        "rm.exe x",
        r"C:\bin\RM.EXE x",
        "'rm' x",
        "r''m x",
        r"\rm x",
        r"r\m x",
        "\"r\"'m' x",
        "ls; rm x",
        "ls;rm x",
        "ls && rm x",
        "ls||rm x",
        "ls | rm",
        "ls & rm x",
        "ls\nrm x",
        "ls\r\nrm x",
        "(rm x)",
        "{ rm x; }",
        "! rm x",
        "$(rm x)",
        "ls $(rm x)",
        "ls `rm x`",
        "ls <(rm x)",
        "ls \"$(rm x)\"",
        "X=1 rm x",
        "X=1 Y=2 rm x",
        "if true; then rm x; fi",
        "for x in a; do rm $x; done",
        "while rm x; do :; done",
        "f() { rm x; }; f",
        "case a in a) rm x;; esac",
        "sudo rm x",
        "sudo -u root rm x",
        "env X=1 rm x",
        "/usr/bin/env rm x",
        "xargs rm -rf",
        "ls | xargs rm -rf",
        "ls | xargs -0 -n 1 rm",
        "find . -exec rm {} ;",
        r"find . -exec rm {} \;",
        "nice -n 5 rm x",
        "time -p rm x",
        "nohup rm x &",
        "timeout 5 rm x",
        "bash -c 'rm x'",
        "bash -c \"ls; rm x\"",
        "sh -c 'sh -c \"rm x\"'",
        "eval 'rm x'",
        "exec rm x",
        "command rm x",
        "echo 'rm x' | sh",
        "echo rm x | bash",
        "> f rm x",
        "2>/dev/null rm x",
        "< f rm x",
        "{rm,-rf,x}",
        "R=rm; $R x",
        "$'rm' x",
        "/bin/r? x",
        "/bin/[r]m x",
        "/*/rm x",
        "r* x",
        "python3 -c 'import os; os.system(\"rm x\")'",
        "r\\\nm x",
        "echo \\\\\nrm x",
        "=rm x",
        "rm",
        "  rm",
        "sudo -- rm x",
        "watch rm x",
        "rm\tx",
        "coproc rm x",
        "- rm x",
        "noglob rm x",
        "bash <<E\nrm x\nE",
        "ssh host rm x",
        "powershell -Command rm x",
        "busybox rm x",
        "rm\u{a0}x",
        "rm;",
        "(((rm)))",
    ] {
        assert_eq!(verdict(&rules, denied), Verdict::Deny, "{denied:?}");
        let raw = rules.decide(&Subject::command(denied));
        assert_eq!(raw.verdict, Verdict::Deny, "{denied:?} without a shell");
    }
    for other in ["ls rm", "cat rm", "echo 'rm x'", "ls x.rm", "ls /rm/x", "echo term"] {
        assert_eq!(verdict(&rules, other), Verdict::Allow, "{other}");
    }
    for other in ["git rm x", "ls; echo rm", "grep rm x | head", "term x", "rmdir x", "cargo test 2>&1"] {
        assert_eq!(verdict(&rules, other), Verdict::Ask, "{other}");
    }
}

#[test]
fn versions_of_a_program_are_the_program() {
    let rules = rules().deny(Command::program("/usr/bin/python"));
    for denied in ["python x", "python3 x", "python3.12 x", "/opt/python3.12/bin/python3 x", "env python3 x"]
    {
        assert_eq!(verdict(&rules, denied), Verdict::Deny, "{denied}");
    }
    assert_eq!(verdict(&rules, "pythonista x"), Verdict::Ask);
}

#[test]
fn words_are_denied_in_any_place_after_the_program() {
    let rules = rules()
        .allow(Command::starting_with(["git", "log"]))
        .deny(Command::starting_with(["git", "push"]))
        .deny(Command::exactly(["cargo", "publish"]))
        .deny(Command::starting_with(["find", "-delete"]))
        .deny(Command::starting_with(["git", "--output"]));
    for denied in [
        "git push",
        "git push origin main",
        "git -C /x push",
        "git -c a=b push --force",
        "cd x && git push",
        "git log; git push",
        "cargo publish",
        "cargo +nightly publish",
        "cargo publish --dry-run",
        "find . -delete",
        "find . -name x -delete",
        "git log --output=x",
        "sudo git push",
        "git 'push'",
        "bash -lc 'git push'",
        "git $(echo push)",
        "git log | git push",
    ] {
        assert_eq!(verdict(&rules, denied), Verdict::Deny, "{denied}");
    }
    for other in ["git log", "find .", "cargo test; cat publish", "push git", "git; push", "gitpush"] {
        assert_ne!(verdict(&rules, other), Verdict::Deny, "{other}");
    }
}

#[test]
fn the_shell_of_the_wrapper_is_not_a_program_of_the_command() {
    let rules = rules().allow(Command::exactly(["ls"])).deny(Command::program("bash"));
    assert_eq!(verdict(&rules, "ls"), Verdict::Allow);
    for denied in ["bash x", "ls; bash", "bash -c ls"] {
        assert_eq!(verdict(&rules, denied), Verdict::Deny, "{denied}");
    }
}

#[test]
fn deny_beats_ask_and_ask_beats_allow_in_any_order() {
    let allow = |rules: Rules| rules.allow(Command::starting_with(["ls"]));
    let ask = |rules: Rules| rules.ask(Command::starting_with(["ls", "a"]));
    let deny = |rules: Rules| rules.deny(Command::starting_with(["ls", "a", "b"]));
    for rules in [deny(ask(allow(rules()))), allow(ask(deny(rules()))), ask(deny(allow(rules())))] {
        assert_eq!(verdict(&rules, "ls"), Verdict::Allow);
        assert_eq!(verdict(&rules, "ls a"), Verdict::Ask);
        assert_eq!(verdict(&rules, "ls a b"), Verdict::Deny);
        assert_eq!(verdict(&rules, "cat a"), Verdict::Ask, "nothing matched");
    }
}

#[test]
fn every_command_can_be_denied_or_asked_about() {
    for text in ["ls", "", "ls; rm", "\0", "'"] {
        let line = rendered(text);
        assert_eq!(
            allowing().deny(Command::any()).decide(&Subject::command(&line)).verdict,
            Verdict::Deny,
            "{text:?}"
        );
        assert_eq!(
            allowing().ask(Command::any()).decide(&Subject::command(&line)).verdict,
            Verdict::Ask,
            "{text:?}"
        );
    }
}

#[test]
fn long_commands_are_read_for_denying() {
    let rules = rules().deny(Command::starting_with(["git", "push"])).deny(Command::program("rm"));
    let words = "git ".repeat(20_000);
    assert_eq!(verdict(&rules, &format!("$x {words}")), Verdict::Ask);
    assert_eq!(verdict(&rules, &format!("{words} push")), Verdict::Deny);
    assert_eq!(verdict(&rules, &format!("{} rm x", "ls;".repeat(20_000))), Verdict::Deny);
}
