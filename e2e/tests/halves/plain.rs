//! A stage for tests that are no async functions.

use codexkit::CodexBuilder;
use e2e::Stage;
use e2e::model::Script;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// Where the models run, and what the async half is used on.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime starts"));

/// Waits for something, for as long as tests do.
pub(crate) fn block_on<T>(what: &str, future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(e2e::soon(what, future))
}

/// A stage, and settings for the codex on it.
pub(crate) fn stage(script: impl Into<Script>) -> (Stage, CodexBuilder) {
    block_on("the stage", async {
        let stage = Stage::new(script).await;
        let builder = stage.codex().await;
        (stage, builder)
    })
}
