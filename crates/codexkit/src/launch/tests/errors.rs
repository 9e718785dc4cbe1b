//! Starts that fail.

use super::fixture::{Scratch, script};
use crate::error::{Error, ErrorKind};
use crate::launch::{Launch, spawn};
use crate::limits::Limits;
use coverage::covers;

fn failure(launch: &Launch) -> Error {
    spawn(launch, &Limits::default()).map(drop).unwrap_err()
}

#[tokio::test]
async fn each_failing_start_says_what_is_wrong() {
    covers!["O04"];
    let scratch = Scratch::new();
    let missing = scratch.path().join("missing");
    let plain = scratch.file("plain", "#!/bin/sh\n");
    let foreign = scratch.executable("foreign", "\u{1}\u{2}\u{3} no program\n");
    let orphan = scratch.executable("orphan", "#!/no/such/interpreter\n");
    let cases = [
        (Launch::new(&missing), ErrorKind::NotFound, "there is no codex binary at"),
        (Launch::new(scratch.path()), ErrorKind::NotFound, "is a folder"),
        (Launch::new(&plain), ErrorKind::Spawn, "executable bit"),
        (Launch::new(&foreign), ErrorKind::Spawn, "not a program for this system"),
        (Launch::new(&orphan), ErrorKind::Spawn, "interpreter"),
        (Launch { cwd: Some(missing.clone()), ..script("") }, ErrorKind::Spawn, "does not exist; create it"),
        (Launch { cwd: Some(plain.clone()), ..script("") }, ErrorKind::Spawn, "is not a folder"),
        (Launch { codex_home: Some(missing.clone()), ..script("") }, ErrorKind::Config, "create the folder"),
        (
            Launch { env: vec![("CODEX_HOME".into(), Some(plain.into()))], ..script("") },
            ErrorKind::Config,
            "is not a folder",
        ),
        (Launch { config: vec![("a=b".into(), "c".into())], ..script("") }, ErrorKind::Usage, "no key"),
        (Launch { args: vec!["a\0b".into()], ..script("") }, ErrorKind::Usage, "zero byte"),
    ];
    for (launch, kind, part) in cases {
        let error = failure(&launch);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn without_a_runtime_nothing_is_started() {
    assert_eq!(failure(&script("exit 0")).kind(), ErrorKind::Usage);
}
