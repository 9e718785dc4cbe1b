//! The configuration of the server.

use crate::codex::Codex;
use crate::error::{ErrorKind, Result};
use crate::future::BoxFuture;
use crate::path;
use crate::protocol::types::{
    Config, ConfigBatchWriteParams, ConfigEdit, ConfigLayer, ConfigLayerMetadata, ConfigLayerSource,
    ConfigReadParams, ConfigWriteResponse, MergeStrategy,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::path::Path;

/// How often [`Configuration::update`] writes while others do, too.
const UPDATES: u32 = 5;

/// The configuration of the server: its files, and what overrides them. Made by [`Codex::config`].
#[derive(Clone, Debug)]
pub struct Configuration {
    codex: Codex,
}

/// The configuration at a moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConfigSnapshot {
    /// What is in force, with its keys as in the file.
    pub config: Config,
    /// The version of the user's `config.toml`, for [`ConfigWrite::expecting`].
    pub version: Option<String>,
    /// The layers, the strongest first.
    pub layers: Vec<ConfigLayer>,
    /// Which layer each value is from, by its dotted path.
    pub origins: BTreeMap<String, ConfigLayerMetadata>,
}

impl Codex {
    /// The configuration of the server.
    pub fn config(&self) -> Configuration {
        Configuration { codex: self.clone() }
    }
}

impl Configuration {
    /// Reads what is in force, and where it is from. Uses `config/read`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`]; `Config` when a file is broken.
    pub async fn read(&self) -> Result<ConfigSnapshot> {
        self.read_by(ConfigReadParams::new()).await
    }

    /// As [`read`](Self::read), with the configuration of the project in this folder. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub async fn read_in(&self, cwd: impl AsRef<Path>) -> Result<ConfigSnapshot> {
        self.read_by(ConfigReadParams::new().cwd(path::text(cwd.as_ref())?)).await
    }

    async fn read_by(&self, params: ConfigReadParams) -> Result<ConfigSnapshot> {
        let read = self.codex.call(&params.include_layers(true)).await?;
        let layers = read.layers.unwrap_or_default();
        let of_user = |layer: &&ConfigLayer| matches!(&layer.name, ConfigLayerSource::User(user) if user.profile.is_none());
        let version = layers.iter().find(of_user).map(|layer| layer.version.clone());
        Ok(ConfigSnapshot { config: read.config, version, layers, origins: read.origins })
    }

    /// Changes the user's `config.toml`, all at once or not at all. Uses `config/batchWrite`.
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// codex.config().edit().set("model", "gpt-5.5").remove("model_reasoning_effort").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn edit(&self) -> ConfigWrite {
        let edits: [ConfigEdit; 0] = [];
        ConfigWrite { codex: self.codex.clone(), params: ConfigBatchWriteParams::new(edits) }
    }

    /// Reads the configuration, has it changed, and writes it if nobody else has written meanwhile; otherwise once more, up
    /// to five times. Without any change nothing is written. Cancel safe, but it may be written.
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// codex.config().update(|now, edit| match now.config.model {
    ///     None => edit.set("model", "gpt-5.5"),
    ///     Some(_) => edit,
    /// }).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`edit`](Self::edit); `ConfigConflict` when others wrote each time.
    pub async fn update(
        &self,
        mut change: impl FnMut(&ConfigSnapshot, ConfigWrite) -> ConfigWrite,
    ) -> Result<()> {
        for last in (0..UPDATES).rev() {
            let now = self.read().await?;
            let mut write = change(&now, self.edit());
            if write.params.edits.is_empty() {
                return Ok(());
            }
            write.params.expected_version = now.version;
            match write.await {
                Err(error) if error.kind() == ErrorKind::ConfigConflict && last > 0 => {}
                outcome => return outcome.map(drop),
            }
        }
        Ok(())
    }
}

/// Changes to the user's `config.toml`; await them. Made by [`Configuration::edit`].
#[derive(Clone, Debug)]
#[must_use = "nothing is written before this is awaited"]
pub struct ConfigWrite {
    codex: Codex,
    params: ConfigBatchWriteParams,
}

impl ConfigWrite {
    /// Sets a value by its dotted path, whatever was there.
    pub fn set(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(ConfigEdit::new(key, MergeStrategy::Replace, value))
    }

    /// Adds the values of a table to the table that is there.
    pub fn merge(self, key: impl Into<String>, table: impl Into<Value>) -> Self {
        self.with(ConfigEdit::new(key, MergeStrategy::Upsert, table))
    }

    /// Takes a value away.
    pub fn remove(self, key: impl Into<String>) -> Self {
        self.with(ConfigEdit::new(key, MergeStrategy::Replace, Value::Null))
    }

    fn with(mut self, edit: ConfigEdit) -> Self {
        self.params.edits.push(edit);
        self
    }

    /// Writes only if the file still has this version: [`ConfigSnapshot::version`], or that of the last write.
    pub fn expecting(mut self, version: impl Into<String>) -> Self {
        self.params = self.params.expected_version(version);
        self
    }

    /// Has the threads that are loaded take the new configuration, too.
    pub fn reload(mut self) -> Self {
        self.params = self.params.reload_user_config(true);
        self
    }
}

/// The answer tells the new version, and whether a stronger layer overrides what was written. Fails with `ConfigConflict`,
/// with `Config` when the server does not take a value, and as [`Codex::call`] does. Cancel safe, but it may be written.
impl IntoFuture for ConfigWrite {
    type Output = Result<ConfigWriteResponse>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.codex.call(&self.params).await })
    }
}
