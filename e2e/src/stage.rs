//! A scripted model, a private home, and the real codex.

use crate::{Transport, evidence};
use codexkit::{Codex, CodexBuilder, Provision, Thread};
use codexkit_testkit::fixture::Fixture;
use codexkit_testkit::model::{Model, Script};
use std::fs::Permissions;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a test waits for what must come. Only a failing test waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where a test takes place.
#[derive(Debug)]
pub struct Stage {
    /// What the agent's model answers, and what it was asked.
    pub model: Model,
    /// The private home and workspace.
    pub fixture: Fixture,
    /// How codex is reached.
    transport: Transport,
}

impl Stage {
    /// A stage on which the model follows the script, and codex never asks it twice.
    pub async fn new(script: impl Into<Script>) -> Self {
        Self::with_retries(script, 0).await
    }

    /// A stage on which codex asks the model again if its answer breaks off, as often as given.
    pub async fn with_retries(script: impl Into<Script>, retries: u32) -> Self {
        let model = Model::start(script).await.expect("the scripted model starts");
        let config = model.config().stream_retries(retries);
        let fixture = Fixture::builder().model_config(&config).build().expect("a folder can be written");
        Self { model, fixture, transport: Transport::Stdio }
    }

    /// The stage, with its codex reached in this way rather than over pipes.
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Lets nobody listen where codex looks for its model.
    pub fn break_network(&mut self) {
        // Port 9, where nothing is served on loopback.
        let config = std::fs::read_to_string(self.fixture.home().join("config.toml")).expect("the config");
        let dead = config.replace(&self.model.base_url(), "http://127.0.0.1:9/v1");
        assert_ne!(config, dead, "the config names the model");
        std::fs::write(self.fixture.home().join("config.toml"), dead).expect("the config can be written");
    }

    /// Settings for the real codex on this stage.
    pub async fn codex(&self) -> CodexBuilder {
        self.fixture.codex().codex_bin(codex_binary().await)
    }

    /// The real codex on this stage.
    pub async fn start(&self) -> Codex {
        self.start_with(|builder| builder).await
    }

    /// The real codex on this stage, with settings that hold however it is reached.
    pub async fn start_with(&self, change: impl FnOnce(CodexBuilder) -> CodexBuilder) -> Codex {
        self.transport.start(self, change).await.expect("codex starts")
    }

    /// A thread on the real codex on this stage.
    pub async fn thread(&self) -> Thread {
        self.start().await.start_thread().await.expect("a thread starts")
    }
}

/// Whether the tests against the real codex are to be left out, which is then said.
pub fn skipped() -> bool {
    let skipped = std::env::var_os("CODEXKIT_SKIP_REAL").is_some_and(|value| value == "1");
    if skipped {
        evidence::left_out();
        eprintln!("SKIPPED: CODEXKIT_SKIP_REAL is set, so nothing was run against the real codex");
    }
    skipped
}

/// The native codex binary of the tested version, installed with npm if it is not there yet.
pub async fn codex_binary() -> PathBuf {
    evidence::real_codex();
    match std::env::var_os("CODEXKIT_CODEX") {
        Some(binary) => binary.into(),
        None => Provision::pinned().install().await.expect("npm installs codex"),
    }
}

/// What must come soon.
///
/// # Panics
///
/// When it does not come.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come within {PATIENCE:?}"))
}

/// A program in `folder` that runs codex through npm's wrapper, as `npx codex` does.
pub async fn through_npm_wrapper(folder: &Path) -> PathBuf {
    let binary = codex_binary().await;
    let binary = binary.canonicalize().expect("the binary exists");
    let modules =
        binary.ancestors().find(|folder| folder.ends_with("node_modules")).expect("npm installed it");
    let wrapper = modules.join("@openai/codex/bin/codex.js");
    let script = folder.join("codex-wrapper");
    std::fs::write(&script, format!("#!/bin/sh\nexec node '{}' \"$@\"\n", wrapper.display()))
        .expect("a script");
    std::fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("an executable script");
    script
}
