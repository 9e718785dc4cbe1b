//! What cannot work says what was wrong and what to do.

use codexkit::{Codex, CodexBuilder, Error, ErrorKind};
use e2e::model::Model;
use e2e::processes::gone;
use e2e::{Stage, covers, skipped, soon};
use std::path::Path;
use std::process::Command;

async fn refused(builder: CodexBuilder) -> Error {
    soon("the refusal", builder.start()).await.map(drop).unwrap_err()
}

#[tokio::test]
async fn a_codex_that_dies_at_its_start_says_why() {
    covers!["001-091", "002-146"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let error = refused(stage.codex().await.arg("--config").arg("noequals")).await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    assert!(error.to_string().contains("noequals"), "{error}");
}

#[tokio::test]
async fn a_broken_config_file_is_told_when_a_thread_is_started() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    std::fs::write(stage.fixture.home().join("config.toml"), "this is = = broken").unwrap();
    let codex = stage.start().await;
    let error = codex.start_thread().into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
}

#[tokio::test]
async fn a_missing_working_directory_is_named() {
    covers!["003-156"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let error = refused(stage.codex().await.cwd("/no/such/folder")).await;
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Usage | ErrorKind::Spawn), "{error:?}");
}

#[tokio::test]
async fn a_missing_codex_home_is_named() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let error = refused(stage.codex().await.codex_home("/no/such/home")).await;
    assert!(error.to_string().contains("/no/such/home"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
}

#[tokio::test]
async fn a_missing_binary_is_named() {
    covers!["000-003", "001-091", "002-146"];
    let error = refused(Codex::builder().codex_bin("/no/such/codex")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/codex"), "{error}");
}

#[tokio::test]
async fn what_is_not_codex_is_told_apart() {
    covers!["002-106", "002-146"];
    for program in ["/bin/true", "/bin/false"] {
        assert!(Path::new(program).exists());
        let error = refused(Codex::builder().codex_bin(program)).await;
        assert!(matches!(error.kind(), ErrorKind::Spawn | ErrorKind::Handshake), "{program}: {error:?}");
        assert!(error.to_string().contains(program), "{error}");
    }
}

#[tokio::test]
async fn what_never_answers_is_given_up() {
    covers!["003-149", "003-158", "O04"];
    let stage = Stage::new(Model::script()).await;
    let mute = stage.fixture.workspace().join("mute");
    // Another process writes it: one of ours could still hold it open when it is to be run, which the system refuses.
    let write =
        r##"printf '#!/bin/sh\necho $$ > "$0.pid"\nwhile read line; do :; done\n' > "$0" && chmod +x "$0""##;
    assert!(Command::new("sh").arg("-c").arg(write).arg(&mute).status().unwrap().success());
    let limits = codexkit::Limits::default().initialize(std::time::Duration::from_secs(1));

    let error = refused(Codex::builder().codex_bin(mute).limits(limits)).await;

    assert_eq!(error.kind(), ErrorKind::Timeout(codexkit::Clock::Initialize));
    // On a very busy machine it may have been ended before its first line.
    if let Ok(process) = stage.fixture.read("mute.pid") {
        soon("the end of its process", gone(&[process.trim().parse().unwrap()])).await;
    }
}

#[tokio::test]
async fn without_a_login_a_turn_is_refused_before_it_is_sent() {
    covers!["002-146"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    std::fs::write(stage.fixture.home().join("config.toml"), "model = \"gpt-5.5\"\n").unwrap();
    let codex = stage.start().await;
    let thread = codex.start_thread().await.unwrap();

    let error = thread.run("Hello").into_future().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::NotLoggedIn);
    assert!(error.to_string().contains("codex login"), "{error}");
}

#[tokio::test]
async fn a_config_value_that_toml_cannot_say_is_refused() {
    covers!["T07"];
    let error = refused(Codex::builder().config("x", serde_json::json!(null))).await;
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_that_cannot_be_told_is_refused_before_anything_is_sent() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let thread = codex.start_thread().cwd(stage.fixture.workspace()).await.unwrap();
    let path = Path::new(OsStr::from_bytes(b"/w/\xff"));

    let refusals = [
        codex.start_thread().cwd(path).await.map(drop),
        codex.resume_thread(thread.id()).cwd(path).await.map(drop),
        thread.fork().cwd(path).await.map(drop),
        thread.run("Go").cwd(path).await.map(drop),
        thread.update_settings().cwd(path).await.map(drop),
        codex.exec(["ls"]).cwd(path).await.map(drop),
        codex.exec(["ls"]).cwd(path).stream().await.map(drop),
        codex.spawn_process(["ls"], path).await.map(drop),
        codex.files().read(path).await.map(drop),
        codex.config().read_in(path).await.map(drop),
    ];

    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error:?}");
        assert!(error.to_string().contains(r"/w/\xFF"), "{error}");
    }
    assert!(stage.model.requests().is_empty());
}
