//! Many servers that start at once on one home.

use codexkit::{Codex, ErrorKind};
use e2e::model::Model;
use e2e::{Stage, codex_version, covers, skipped, soon};
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn twelve_servers_start_at_once_on_a_fresh_home_and_again_on_the_used_one() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let version = codex_version().await;
    for _ in 0..2 {
        let mut starts = Vec::new();
        for _ in 0..12 {
            starts.push(tokio::spawn(stage.codex().await.start()));
        }
        let mut servers: Vec<Codex> = Vec::new();
        for start in starts {
            servers.push(soon("a start", start).await.unwrap().unwrap());
        }
        for codex in servers {
            assert_eq!(codex.server_info().version, Some(version));
            soon("an end", codex.close()).await;
        }
    }
}

/// A codex that cannot get at its database for the first so many starts.
fn locked_codex(stage: &Stage, times: u32, codex: &str) -> std::path::PathBuf {
    let program = stage.fixture.workspace().join("locked");
    let script = format!(
        "#!/bin/sh\n\
         echo x >> starts\n\
         if [ $(wc -l < starts) -le {times} ]; then\n\
           echo 'Error: failed to initialize sqlite state runtime: database is locked' >&2; exit 1\n\
         fi\n\
         exec {codex} \"$@\"\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[tokio::test]
async fn a_locked_database_is_tried_again() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = e2e::codex_binary().await.display().to_string();
    let program = locked_codex(&stage, 1, &codex);
    let codex = soon("a start", stage.fixture.codex().codex_bin(program).start()).await.unwrap();
    assert_eq!(stage.fixture.read("starts").unwrap(), "x\nx\n");
    soon("the end", codex.close()).await;
}

#[tokio::test]
async fn a_database_that_stays_locked_is_told() {
    covers!["O40"];
    let stage = Stage::new(Model::script()).await;
    let program = locked_codex(&stage, 9, "false");
    let error = soon("the end", stage.fixture.codex().codex_bin(program).start()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(error.is_retryable());
    assert!(error.to_string().contains("database"), "{error}");
    assert_eq!(stage.fixture.read("starts").unwrap().lines().count(), 4);
}
