//! What allow rules match, and what they do not.

use super::disk::Disk;
use super::{rendered, rendered_double, rules, verdict};
use crate::rules::{Args, Command, Found, Rules, Subject, Verdict};

/// As wide as rules can be made: any arguments, even for programs that run them.
fn wide() -> Rules {
    let programs = ["ls", "cat", "find", "git", "env", "sudo", "echo", "touch", "tee", "xargs", "awk", "sed"];
    programs.into_iter().fold(rules(), |rules, program| {
        rules.allow(Command::starting_with([program]).with_arguments(Args::checked(|_| true)))
    })
}

#[test]
fn a_plain_command_is_allowed_by_its_words() {
    let rules = rules()
        .allow(Command::exactly(["cargo", "test"]))
        .allow(Command::starting_with(["git", "status"]))
        .allow(Command::exactly(["echo", "two words"]));
    for allowed in [
        "cargo test",
        " cargo   test ",
        "cargo\ttest",
        "'cargo' \"test\"",
        r"c\argo te''st",
        "git status",
        "git status src/a.rs",
        "echo 'two words'",
        "echo two\\ words",
        "/usr/bin/git status",
        "/bin/git status",
        "echo \"two\"' 'words",
    ] {
        // A tab is a control character.
        let expected = if allowed.contains('\t') { Verdict::Ask } else { Verdict::Allow };
        assert_eq!(verdict(&rules, allowed), expected, "{allowed}");
    }
    for asked in [
        "cargo",
        "cargo test --release",
        "cargo 'test '",
        "cargo build",
        "Cargo test",
        "cargo.exe test",
        "CARGO TEST",
        "git",
        "git log",
        "git 'status src'",
        "git status --output=x",
        "git status -s",
        "git status +x",
        "git status @x",
        "git status a=b",
        "git status 'a b'",
        "git status ''",
        "git --version status",
        "echo two words",
        "",
        "   ",
        "''",
        "'' cargo test",
    ] {
        assert_eq!(verdict(&rules, asked), Verdict::Ask, "{asked}");
    }
}

#[test]
fn nothing_but_a_plain_command_is_ever_allowed() {
    let rules = wide();
    for control in ["ls x", "cat a", "git log", "echo 'quoted words'"] {
        let allowed = verdict(&rules, control) == Verdict::Allow;
        assert!(allowed, "the rules are wide, or this test shows nothing: {control}");
    }
    for text in [
        "ls; rm x",
        "ls ;",
        "ls | xargs rm -rf",
        "cat a | awk \"{system(1)}\"",
        "cat a | tee out",
        "find . -exec rm {} ;",
        r"find . -exec rm {} \;",
        "ls $(rm x)",
        "ls `rm x`",
        "ls > f",
        "ls >> f",
        "ls < f",
        "ls 2>&1",
        "ls && x",
        "ls || x",
        "ls &",
        "ls\nrm x",
        "\nls",
        "ls\n",
        "ls\r\nrm x",
        "ls\rrm x",
        "(ls)",
        "{ ls; }",
        "! ls",
        "ls # x",
        "ls #x",
        "#",
        "ls *",
        "ls ?",
        "ls [a]",
        "ls ~",
        "ls ~root",
        "ls {a,b}",
        "ls $HOME",
        "ls ${x}",
        "ls \"$x\"",
        "ls $'x'",
        "ls $\"x\"",
        "X=1 ls",
        "X= ls",
        "X+=1 ls",
        "ls !!",
        "ls !$",
        "^ls^rm",
        "ls <(rm x)",
        "ls >(rm x)",
        "ls <<< x",
        "ls << E\nE",
        "=ls",
        "ls =rm",
        "'X=1' ls",
        "ls 'a;b'",
        "ls \"a|b\"",
        r"ls a\;b",
        "ls 'a\nb'",
        "ls \"`rm x`\"",
        "ls \\\nrm",
        "ls 'x",
        "ls \"x",
        "ls \\",
        "ls a'b",
        "function ls() { rm x; }",
        "if ls; then rm x; fi",
        "for x in a; do rm x; done",
        "ls\0",
        "ls \0rm",
        "ls\u{b}x",
        "ls\u{c}x",
        "ls \u{1b}[2Jx",
        "ls\u{7f}",
        "[ -f x ]",
        "[[ -f x ]]",
        "((x))",
        "eval 'ls; rm x'",
        "coproc ls",
    ] {
        assert_eq!(verdict(&rules, text), Verdict::Ask, "{text:?}");
        let raw = rules.decide(&Subject::command(text));
        assert_eq!(raw.verdict, Verdict::Ask, "{text:?} without a shell");
    }
}

#[test]
fn words_that_only_look_right_are_not() {
    let rules = wide().allow(Command::exactly(["cargo", "test"]));
    for text in [
        "l\u{200b}s",
        "\u{feff}ls",
        "ls\u{a0}x",
        "ls\u{2003}x",
        "ls\u{3000}x",
        "l\u{455}",
        "\u{ff4c}\u{ff53}",
        "ls \u{202e}x",
        "c\u{430}rgo test",
        "cargo t\u{435}st",
        "cargo\u{2028}test",
        "cargo test\u{85}",
        "ls 'caf\u{e9}'",
        "ls caf\u{e9}",
        "cargo te\u{ad}st",
        "ls \u{2013}a",
        "\u{2018}ls\u{2019}",
        "ls \u{37e} rm x",
    ] {
        assert_eq!(verdict(&rules, text), Verdict::Ask, "{text:?}");
    }
}

#[test]
fn options_need_to_be_listed() {
    let rules = rules()
        .allow(Command::starting_with(["find"]))
        .allow(Command::starting_with(["git", "log"]).with_arguments(Args::plain().or(["--oneline", "-n"])))
        .allow(Command::starting_with(["cat"]).with_arguments(Args::within("/workspace")))
        .allow(Command::starting_with(["touch"]).with_arguments(Args::none()));
    for allowed in
        ["git log --oneline", "git log -n 5 main", "cat a/b", "cat /workspace/x ./y", "touch", "cat a/../b"]
    {
        // What is above something that does not exist is for nobody to tell.
        let expected = if allowed.contains("..") { Verdict::Ask } else { Verdict::Allow };
        assert_eq!(verdict(&rules, allowed), expected, "{allowed}");
    }
    for asked in [
        "find . -delete",
        "find . -exec rm x +",
        "find .",
        "git log --oneline=x",
        "git log --output=x",
        "git log -n5",
        "git log --",
        "git -c core.pager=x log",
        "git -c core.pager=x log --oneline",
        "git log -c core.pager=x",
        "cat /etc/shadow",
        "cat ../x",
        "cat src/../../x",
        "cat -",
        "touch x",
        "git log ext::sh -c",
    ] {
        assert_eq!(verdict(&rules, asked), Verdict::Ask, "{asked}");
    }
}

#[test]
fn programs_that_run_their_arguments_need_them_listed() {
    let open = ["env", "sudo", "xargs", "find", "awk", "bash", "sh", "python3", "sed", "git", "cargo"];
    let rules = open.into_iter().fold(rules(), |rules, program| {
        rules
            .allow(Command::starting_with([program]))
            .allow(Command::starting_with([program]).with_arguments(Args::any()))
            .allow(Command::starting_with([program, "-x"]).with_arguments(Args::within("/")))
    });
    for asked in [
        "env ls",
        "env X=1 ls",
        "sudo ls",
        "sudo -x ls",
        "xargs rm",
        "find . -delete",
        "find src",
        "awk x",
        "bash x",
        "sh -c ls",
        "bash -c ls",
        "bash -lc ls",
        "python3 x.py",
        "python3 -c x",
        "sed 1e x",
        "git push",
        "git -x push",
        "cargo run",
        "/usr/bin/env ls",
        "/bin/bash x",
    ] {
        assert_eq!(verdict(&rules, asked), Verdict::Ask, "{asked}");
    }

    let rules = super::rules()
        .allow(Command::exactly(["env", "X=1", "ls"]))
        .allow(Command::exactly(["sudo", "ls"]))
        .allow(Command::starting_with(["find", "src"]).with_arguments(Args::none().or(["-name", "x"])))
        .allow(
            Command::starting_with(["python3", "-m", "pytest"])
                .with_arguments(Args::checked(|args| args == ["t"])),
        );
    for (text, expected) in [
        ("env X=1 ls", Verdict::Allow),
        ("sudo ls", Verdict::Allow),
        ("sudo ls x", Verdict::Ask),
        ("find src -name x", Verdict::Allow),
        ("find src -name x -delete", Verdict::Ask),
        ("python3 -m pytest t", Verdict::Allow),
        ("python3 -m pytest", Verdict::Ask),
        ("python3 -m pytest x", Verdict::Ask),
    ] {
        assert_eq!(verdict(&rules, text), expected, "{text}");
    }
}

#[test]
fn a_program_is_the_one_of_the_trusted_folders() {
    let rules = rules()
        .allow(Command::exactly(["ls"]))
        .allow(Command::exactly(["/workspace/bin/made"]))
        .allow(Command::exactly(["./relative"]))
        .allow(Command::exactly(["missing"]));
    for (text, expected) in [
        ("ls", Verdict::Allow),
        ("/usr/bin/ls", Verdict::Allow),
        ("/bin/ls", Verdict::Allow),
        ("/usr/../bin/ls", Verdict::Allow),
        ("./ls", Verdict::Ask),
        ("/tmp/ls", Verdict::Ask),
        ("/workspace/ls", Verdict::Ask),
        ("bin/ls", Verdict::Ask),
        ("/usr/bin/../../tmp/ls", Verdict::Ask),
        ("/usr/bin/ls/", Verdict::Ask),
        ("ls.exe", Verdict::Ask),
        ("LS", Verdict::Ask),
        ("/workspace/bin/made", Verdict::Allow),
        ("/workspace/bin/../bin/made", Verdict::Ask),
        ("made", Verdict::Ask),
        ("./relative", Verdict::Ask),
        ("missing", Verdict::Ask),
    ] {
        assert_eq!(verdict(&rules, text), expected, "{text}");
    }
}

#[test]
fn a_program_that_the_agent_may_have_made_is_not_trusted() {
    let here = |disk: Disk, folders: &[&str]| {
        let rules = Rules::new().on(disk).trusting(folders.iter().copied()).allow(Command::exactly(["ls"]));
        verdict(&rules, "ls")
    };
    assert_eq!(here(Disk::usual(), &["/usr/bin", "/workspace"]), Verdict::Allow);
    assert_eq!(
        here(Disk::usual(), &["/workspace", "/usr/bin"]),
        Verdict::Ask,
        "the first counts, and is in the cwd"
    );
    assert_eq!(here(Disk::usual(), &["usr/bin", ".", ""]), Verdict::Ask, "relative folders");
    assert_eq!(here(Disk::usual(), &[]), Verdict::Ask);
    let linked = Disk::usual().folder("/opt").link("/opt/ls", "/workspace/ls");
    assert_eq!(here(linked, &["/opt", "/usr/bin"]), Verdict::Ask, "a link into the cwd");
    let unknown = Disk::usual().with("/opt", Found::Unknown);
    assert_eq!(
        here(unknown, &["/opt", "/usr/bin"]),
        Verdict::Ask,
        "nobody can tell what the first one holds"
    );
    let elsewhere = Disk::usual().folder("/tmp/made").link("/tmp/made/ls", "/usr/bin/ls");
    let rules = Rules::new().on(elsewhere).trusting(["/usr/bin"]).allow(Command::exactly(["ls"]));
    assert_eq!(verdict(&rules, "/usr/bin/ls"), Verdict::Allow);
    assert_eq!(verdict(&rules, "/tmp/made/ls"), Verdict::Ask, "the same file, for as long as the link stays");
    let no_program = Disk::usual().folder("/opt").file("/opt/ls");
    assert_eq!(here(no_program, &["/opt", "/usr/bin"]), Verdict::Allow);
}

#[test]
fn only_the_servers_wrapper_is_taken_off_and_only_once() {
    let rules = rules()
        .allow(Command::exactly(["ls"]))
        .allow(Command::starting_with(["bash"]).with_arguments(Args::any()))
        .allow(Command::exactly(["zsh", "-ilc", "ls"]));
    for (line, expected) in [
        ("ls", Verdict::Allow),
        ("/bin/bash -lc ls", Verdict::Allow),
        ("bash -lc ls", Verdict::Allow),
        ("/usr/bin/bash -c 'ls'", Verdict::Allow),
        ("sh -c \"ls\"", Verdict::Allow),
        ("/usr/bin/zsh -lc 'ls'", Verdict::Allow),
        ("zsh -ilc ls", Verdict::Allow),
        ("bash -l -c ls", Verdict::Ask),
        ("bash -lc ls x", Verdict::Ask),
        ("bash -ic ls", Verdict::Ask),
        ("bash -xc ls", Verdict::Ask),
        ("bash ls", Verdict::Ask),
        ("bash -lc", Verdict::Ask),
        ("bash -lc ''", Verdict::Ask),
        ("/tmp/bash -lc ls", Verdict::Ask),
        ("./bash -lc ls", Verdict::Ask),
        ("/usr/bin/fish -c ls", Verdict::Ask),
        ("bash.exe -lc ls", Verdict::Ask),
        ("BASH -lc ls", Verdict::Ask),
        ("dash -c ls", Verdict::Ask),
        ("env bash -lc ls", Verdict::Ask),
        ("bash -lc 'bash -lc ls'", Verdict::Ask),
        ("X=1 bash -lc ls", Verdict::Ask),
        ("bash -lc ls; rm x", Verdict::Ask),
        ("bash -lc 'ls'\nrm x", Verdict::Ask),
        ("'bash -lc ls'", Verdict::Ask),
        ("powershell.exe -Command ls", Verdict::Ask),
        ("cmd /c ls", Verdict::Ask),
        ("<command included NUL byte>", Verdict::Ask),
    ] {
        let subject = Subject::Command { line, cwd: Some("/workspace"), beyond: None };
        assert_eq!(rules.decide(&subject).verdict, expected, "{line}");
    }
}

#[test]
fn the_servers_quotes_are_read() {
    let rules = rules().allow(Command::exactly(["echo", "it's", "a \"b\"", r"back\slash"]));
    let script = r#"echo "it's" 'a "b"' 'back\slash'"#;
    for line in [rendered(script), rendered_double(script)] {
        assert_eq!(rules.decide(&Subject::command(&line)).verdict, Verdict::Allow, "{line}");
    }
    let seen = r#"/bin/bash -lc "echo 'hello' > note.txt""#;
    assert_eq!(wide().decide(&Subject::command(seen)).verdict, Verdict::Ask);
    let plain = r#"/bin/bash -lc "echo 'hello'""#;
    assert_eq!(wide().decide(&Subject::command(plain)).verdict, Verdict::Allow);
    let escaped = r#"/bin/bash -lc "echo \$x""#;
    assert_eq!(wide().decide(&Subject::command(escaped)).verdict, Verdict::Ask);
    let live = r#"/bin/bash -lc "echo $x""#;
    assert_eq!(wide().decide(&Subject::command(live)).verdict, Verdict::Ask);
}

#[test]
fn a_rule_may_be_for_one_folder() {
    let rules = rules().allow(Command::exactly(["cargo", "test"]).in_folder("/workspace"));
    for (cwd, expected) in [
        (Some("/workspace"), Verdict::Allow),
        (Some("/workspace/src"), Verdict::Allow),
        (Some("/workspace/../tmp"), Verdict::Ask),
        (Some("/workspace2"), Verdict::Ask),
        (Some("/"), Verdict::Ask),
        (Some("workspace"), Verdict::Ask),
        (None, Verdict::Ask),
    ] {
        let subject = Subject::Command { line: "cargo test", cwd, beyond: None };
        assert_eq!(rules.decide(&subject).verdict, expected, "{cwd:?}");
    }
}

#[test]
fn a_long_command_is_not_allowed() {
    let rules = wide();
    let allowed = format!("ls {}", "x".repeat(60_000));
    assert_eq!(verdict(&rules, &allowed), Verdict::Allow);
    for long in ["x", " x", "'", "\\", "x y"] {
        assert_eq!(verdict(&rules, &format!("ls {}", long.repeat(70_000))), Verdict::Ask, "{long}");
    }
}

#[test]
fn what_accepting_would_permit_besides_is_not_allowed() {
    let subject = Subject::Command { line: "ls", cwd: None, beyond: Some("additional permissions") };
    let decision = wide().decide(&subject);
    assert_eq!(decision.verdict, Verdict::Ask);
    assert_eq!(decision.why, "accepting would also permit this: additional permissions");
    assert_eq!(wide().deny(Command::program("ls")).decide(&subject).verdict, Verdict::Deny);
}

#[test]
fn a_decision_says_why() {
    let rules =
        rules().allow(Command::exactly(["ls"])).named("look").allow(Command::starting_with(["git", "log"]));
    let why = |text: &str| rules.decide(&Subject::command(text)).why;
    assert_eq!(why("ls"), r#"the rule: allow command ["ls"]"#);
    assert_eq!(why("git log"), "the rule: look");
    assert_eq!(why("cat x"), "no rule is about it");
    assert_eq!(
        why("ls; rm x"),
        "the command is not one plain command: it contains ';', which means something to a shell"
    );
    assert_eq!(
        why("git log --output=x"),
        "the argument \"--output=x\" is no plain word and is not listed; so this rule does not match: look"
    );
    assert_eq!(
        why("/tmp/ls"),
        r#""/tmp/ls" is not the program "ls" of a trusted folder; so this rule does not match: allow command ["ls"]"#
    );
}
