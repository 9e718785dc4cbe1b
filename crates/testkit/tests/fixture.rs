//! What a fixture puts on disk, and what it takes away again.

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
