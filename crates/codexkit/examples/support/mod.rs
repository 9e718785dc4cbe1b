//! What the examples share: the real codex, with a scripted model and a private home.
//!
//! So they run without a login and spend nothing. With your own codex, `Codex::start()` takes the place of all this.

#![allow(dead_code, reason = "each example needs a part of it")]

#[cfg(feature = "blocking")]
pub(crate) mod blocking;

use codexkit::{Codex, CodexBuilder, Provision};
use codexkit_testkit::fixture::Fixture;
use codexkit_testkit::model::{Model, Script};
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

/// A model that follows a script, and a home for the codex that asks it.
pub(crate) struct Offline {
    pub(crate) model: Model,
    pub(crate) fixture: Fixture,
}

/// Sets a scripted model and a private home up.
pub(crate) async fn offline(script: impl Into<Script>) -> Result<Offline, Box<dyn Error>> {
    let model = Model::start(script).await?;
    let fixture = Fixture::new(&model)?;
    Ok(Offline { model, fixture })
}

impl Offline {
    /// Settings for a codex that talks to the scripted model. It is installed with npm if there is none.
    pub(crate) fn codex(&self) -> CodexBuilder {
        self.fixture.codex().provision(Provision::pinned())
    }

    /// The same for programs that are of use with a real model, too: with `--live`, the codex of the user, in the current
    /// folder, with the user's own login, configuration and model.
    pub(crate) fn codex_or_live(&self) -> CodexBuilder {
        if is_live() { Codex::builder().provision(Provision::pinned()) } else { self.codex() }
    }

    /// The folder in which [`codex_or_live`](Self::codex_or_live) works.
    pub(crate) fn folder(&self) -> std::io::Result<PathBuf> {
        if is_live() { std::env::current_dir() } else { Ok(self.fixture.workspace().to_owned()) }
    }

    /// A command that starts such a codex, for examples that reach it in a way of their own.
    pub(crate) async fn command(&self) -> Result<Command, Box<dyn Error>> {
        let codex = match std::env::var_os("CODEXKIT_CODEX") {
            Some(codex) => codex.into(),
            None => Provision::pinned().install().await?,
        };
        let mut command = self.fixture.command(codex);
        command.arg("app-server");
        Ok(command)
    }
}

fn is_live() -> bool {
    std::env::args().any(|argument| argument == "--live")
}

/// What the program was called with, apart from `--live`.
pub(crate) fn arguments() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--live").collect();
    arguments.join(" ")
}

impl Drop for Offline {
    /// Tests of the examples want to know what the model was asked.
    fn drop(&mut self) {
        if let Some(file) = std::env::var_os("EXAMPLE_REQUESTS") {
            let bodies: Vec<String> =
                self.model.requests().iter().map(|request| request.body().to_string()).collect();
            let written = std::fs::write(file, bodies.join("\n"));
            written.unwrap_or_else(|error| eprintln!("the requests of the model were not written: {error}"));
        }
    }
}
