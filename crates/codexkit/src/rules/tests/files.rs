use super::disk::Disk;
use super::rules;
use crate::protocol::types::FileUpdateChange;
use crate::rules::{Files, Found, Rules, Subject, Verdict};
use serde_json::json;

fn change(path: &str) -> FileUpdateChange {
    serde_json::from_value(json!({ "path": path, "kind": { "type": "add" }, "diff": "" })).unwrap()
}

fn moved(path: &str, target: &str) -> FileUpdateChange {
    let kind = json!({ "type": "update", "move_path": target });
    serde_json::from_value(json!({ "path": path, "kind": kind, "diff": "" })).unwrap()
}

fn decide(rules: &Rules, changes: &[FileUpdateChange]) -> Verdict {
    rules.decide(&Subject::files(changes, Some("/workspace"), None)).verdict
}

fn disk() -> Disk {
    Disk::usual()
        .folder("/etc")
        .link("/workspace/src/out", "/etc")
        .link("/workspace/src/dangling", "/etc/new")
        .link("/workspace/src/up", "../..")
        .link("/workspace/src/loop", "loop")
        .link("/workspace/src/in", "deep")
        .folder("/workspace/src/deep")
        .link("/workspace/other", "src")
        .link("/linked", "/workspace/src")
        .with("/workspace/src/locked", Found::Unknown)
}

#[test]
fn a_change_is_allowed_where_its_path_leads() {
    let rules = rules().on(disk()).allow(Files::within("/workspace/src"));
    for (path, expected) in [
        ("/workspace/src/a.rs", Verdict::Allow),
        ("/workspace/src/new/deep/a.rs", Verdict::Allow),
        ("/workspace/src", Verdict::Allow),
        ("src/a.rs", Verdict::Allow),
        ("./src//a.rs", Verdict::Allow),
        ("/workspace/./src/deep/../a.rs", Verdict::Allow),
        ("/workspace/src/in/a.rs", Verdict::Allow),
        ("/workspace/other/a.rs", Verdict::Allow),
        ("/linked/a.rs", Verdict::Allow),
        ("/workspace/src/caf\u{e9}.rs", Verdict::Allow),
        ("/workspace/src/../a.rs", Verdict::Ask),
        ("/workspace/src/../../etc/passwd", Verdict::Ask),
        ("/workspace/src2/a.rs", Verdict::Ask),
        ("/workspace/SRC/a.rs", Verdict::Ask),
        ("/workspace/a.rs", Verdict::Ask),
        ("/workspace/src/out/passwd", Verdict::Ask),
        ("/workspace/src/dangling", Verdict::Ask),
        ("/workspace/src/up/etc/x", Verdict::Ask),
        ("/workspace/src/out/../workspace/a.rs", Verdict::Ask),
        ("/workspace/src/missing/../a.rs", Verdict::Ask),
        ("/workspace/src/loop/a.rs", Verdict::Ask),
        ("/workspace/src/locked/a.rs", Verdict::Ask),
        ("/workspace/src/a\0.rs", Verdict::Ask),
        ("/workspace/src/a\n.rs", Verdict::Ask),
        ("/workspace/src/a\u{202e}.rs", Verdict::Ask),
        ("/workspace/src/.git/hooks/x", Verdict::Ask),
        ("/workspace/src/deep/.GIT/config", Verdict::Ask),
        ("/workspace/src/.git./config", Verdict::Ask),
        ("/workspace/src/.codex/config.toml", Verdict::Ask),
        ("/workspace/src/.gitignore", Verdict::Allow),
        ("", Verdict::Ask),
    ] {
        assert_eq!(decide(&rules, &[change(path)]), expected, "{path:?}");
    }
}

#[test]
fn every_path_of_a_change_must_be_allowed() {
    let rules =
        rules().on(disk()).allow(Files::within("/workspace/src")).allow(Files::within("/workspace/docs"));
    let inside = || change("/workspace/src/a");
    assert_eq!(decide(&rules, &[inside(), change("/workspace/docs/b")]), Verdict::Allow, "by two rules");
    assert_eq!(decide(&rules, &[inside(), change("/workspace/b")]), Verdict::Ask);
    assert_eq!(decide(&rules, &[moved("/workspace/src/a", "/workspace/docs/a")]), Verdict::Allow);
    assert_eq!(decide(&rules, &[moved("/workspace/src/a", "/etc/a")]), Verdict::Ask);
    assert_eq!(decide(&rules, &[moved("/etc/a", "/workspace/src/a")]), Verdict::Ask);
    assert_eq!(decide(&rules, &[]), Verdict::Ask, "nothing to be about");

    let strange = json!({ "path": "/workspace/src/a", "kind": { "type": "chmod" }, "diff": "" });
    let strange: FileUpdateChange = serde_json::from_value(strange).unwrap();
    assert_eq!(decide(&rules, &[strange]), Verdict::Ask);
    let granting = rules.decide(&Subject::files(&[inside()], None, Some("/workspace/src"))).verdict;
    assert_eq!(granting, Verdict::Ask, "accepting would permit more than this change");
}

#[test]
fn a_relative_path_needs_a_folder() {
    let rules = rules().on(disk()).allow(Files::within("/workspace")).allow(Files::within("workspace"));
    let changes = [change("src/a.rs")];
    for (cwd, expected) in [
        (Some("/workspace"), Verdict::Allow),
        (Some("/tmp"), Verdict::Ask),
        (Some("workspace"), Verdict::Ask),
        (None, Verdict::Ask),
    ] {
        assert_eq!(rules.decide(&Subject::files(&changes, cwd, None)).verdict, expected, "{cwd:?}");
    }
}

#[test]
fn a_folder_of_control_files_has_to_be_named() {
    let rules = rules().on(disk()).allow(Files::within("/workspace/.codex"));
    assert_eq!(decide(&rules, &[change("/workspace/.codex/x")]), Verdict::Allow);
    assert_eq!(decide(&rules, &[change("/workspace/.codex/.git/x")]), Verdict::Ask);
}

#[test]
fn only_some_files_of_a_folder() {
    let rules = rules().on(disk()).allow(Files::within("/workspace").only("docs/**/*.md"));
    for (path, expected) in [
        ("/workspace/docs/a.md", Verdict::Allow),
        ("/workspace/docs/a/b/c.md", Verdict::Allow),
        ("/workspace/src/docs/a.md", Verdict::Allow),
        ("/workspace/docs/a.rs", Verdict::Ask),
        ("/workspace/a.md", Verdict::Ask),
        ("/tmp/docs/a.md", Verdict::Ask),
    ] {
        assert_eq!(decide(&rules, &[change(path)]), expected, "{path}");
    }
}

#[test]
fn files_are_denied_as_they_stand_and_where_they_lead() {
    let rules = rules()
        .on(disk())
        .allow(Files::within("/workspace"))
        .deny(Files::matching("**/*.lock"))
        .deny(Files::matching("secrets"))
        .deny(Files::matching("/workspace/src/deep/*"))
        .deny(Files::within("/etc"))
        .deny(Files::within("/workspace/keys"));
    for denied in [
        "/workspace/Cargo.lock",
        "/workspace/a/b/yarn.lock",
        "Cargo.LOCK",
        "/x.lock",
        "/workspace/secrets",
        "/etc/passwd",
        "/workspace/src/out/passwd",
        "/workspace/src/dangling",
        "/workspace/../etc/x",
        "/ETC/x",
        "/workspace/src/in/a",
        "/workspace/Keys/a",
        "keys",
        "/workspace/src/out/../etc/x",
        "/workspace/a/../keys/b",
        "a/../Cargo.lock",
    ] {
        assert_eq!(decide(&rules, &[change("/workspace/ok"), change(denied)]), Verdict::Deny, "{denied}");
        assert_eq!(decide(&rules, &[moved("/workspace/ok", denied)]), Verdict::Deny, "to {denied}");
    }
    for other in ["/workspace/lock", "/workspace/a.lock.rs", "/workspace/src/deep/a/b", "/workspace/keys2"] {
        assert_eq!(decide(&rules, &[change(other)]), Verdict::Allow, "{other}");
    }
    let relative = rules.decide(&Subject::files(&[change("a/x.lock")], None, None)).verdict;
    assert_eq!(relative, Verdict::Deny);
    assert_eq!(decide(&super::rules().deny(Files::any()), &[change("x")]), Verdict::Deny);
}
