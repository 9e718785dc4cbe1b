//! What a fixture puts on disk, and what it takes away again.

// Clippy counts only functions with #[test] as tests, not their helpers.
#![allow(clippy::unwrap_used)]

use codexkit_testkit::fixture::Fixture;
use codexkit_testkit::model::Model;

#[tokio::test]
async fn a_fixture_has_a_config_for_the_model_and_an_empty_workspace() {
    let model = Model::start(Model::script()).await.unwrap();

    let fixture = Fixture::new(&model).unwrap();

    let config = std::fs::read_to_string(fixture.home().join("config.toml")).unwrap();
    assert!(config.contains(&model.base_url()));
    assert!(config.contains("features.plugins = false"));
    assert_eq!(fixture.workspace().read_dir().unwrap().count(), 0);
}

#[test]
fn a_fixture_contains_what_it_was_given() {
    let builder = Fixture::builder().file("src/lib.rs", "pub fn a() {}").config("model", "\"x\"");
    let fixture = builder.config_text("[mcp_servers.a]").build().unwrap();

    assert_eq!(fixture.read("src/lib.rs").unwrap(), "pub fn a() {}");
    let config = std::fs::read_to_string(fixture.home().join("config.toml")).unwrap();
    assert!(config.ends_with("model = \"x\"\n[mcp_servers.a]\n"), "{config}");
}

#[test]
fn all_that_codex_writes_to_is_inside_and_goes_away() {
    let fixture = Fixture::builder().build().unwrap();
    let root = fixture.home().parent().unwrap().to_owned();

    let env = fixture.env();
    for name in ["CODEX_HOME", "HOME", "TMPDIR"] {
        let (_, value) = env.iter().find(|(key, _)| *key == name).unwrap();
        assert!(std::path::Path::new(value).starts_with(&root), "{name}");
    }
    assert!(fixture.workspace().starts_with(&root));
    drop(fixture);

    assert!(!root.exists());
}

#[test]
fn two_fixtures_never_meet() {
    let (one, two) = (Fixture::builder().build().unwrap(), Fixture::builder().build().unwrap());

    one.write("a/b.txt", "x").unwrap();

    assert_ne!(one.home(), two.home());
    assert!(two.read("a/b.txt").is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn what_still_runs_in_a_fixture_ends_with_it() {
    let fixture = Fixture::builder().build().unwrap();
    let root = fixture.home().parent().unwrap().to_owned();
    let (mut mild, mut stubborn) = (resident(&fixture, ""), resident(&fixture, "trap '' TERM;"));

    drop(fixture);

    assert!(!root.exists());
    assert!(!mild.wait().unwrap().success());
    assert!(!stubborn.wait().unwrap().success());
}

/// A process that lives in the fixture and writes to it without end.
#[cfg(target_os = "linux")]
fn resident(fixture: &Fixture, start: &str) -> std::process::Child {
    use std::io::Read;
    let script = format!("{start} echo ready; while :; do mkdir -p \"$CODEX_HOME/locks\"; done");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).envs(fixture.env()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
    child
}
