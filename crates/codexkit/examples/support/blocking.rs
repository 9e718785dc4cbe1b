//! The same for programs without async. The scripted model needs a runtime all the same, and has one here.

use codexkit::blocking::CodexBuilder;
use codexkit_testkit::model::Script;
use std::error::Error;
use std::ops::Deref;
use tokio::runtime::Runtime;

/// A model that follows a script, and a home for the codex that asks it.
pub(crate) struct Offline {
    // Before the runtime, so that it is dropped while the model runs.
    offline: super::Offline,
    _runtime: Runtime,
}

/// Sets a scripted model and a private home up.
pub(crate) fn offline(script: impl Into<Script>) -> Result<Offline, Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let offline = runtime.block_on(super::offline(script))?;
    Ok(Offline { offline, _runtime: runtime })
}

impl Offline {
    /// Settings for a codex that talks to the scripted model.
    pub(crate) fn codex(&self) -> CodexBuilder {
        self.offline.codex().into()
    }

    /// The same, or with `--live` the codex of the user.
    pub(crate) fn codex_or_live(&self) -> CodexBuilder {
        self.offline.codex_or_live().into()
    }
}

impl Deref for Offline {
    type Target = super::Offline;

    fn deref(&self) -> &super::Offline {
        &self.offline
    }
}
