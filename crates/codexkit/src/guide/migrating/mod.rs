//! From other SDKs: their code and ours, and what each of their names is called here.
//!
//! | from | page |
//! |---|---|
//! | Python, official: `openai_codex` (0.163) | [`openai_codex`] |
//! | Python, official, with `RunResult` and `TurnHandle`: `openai-codex-app-server-sdk` | [`openai_codex_app_server_sdk`] |
//! | Python, official, the first: `codex_app_server` (0.2) | [`codex_app_server`] |
//! | Python: `codex-app-server-client` (0.1) | [`codex_app_server_client`] |
//! | Python: `codex_app_server_sdk` (0.3), with `chat_once` | [`codex_app_server_sdk`] |
//! | TypeScript, official: `@openai/codex-sdk` (0.163) | [`codex_sdk_typescript`] |
//!
//! # What is the same for all
//!
//! - **Builders in place of keyword arguments.** `thread_start(model="x", cwd="y")` is `start_thread().model("x").cwd("y")`,
//!   and is sent when it is awaited. An option that is not set is left out.
//! - **Await, or stream.** `thread.run("..")` is one builder. Awaited it is the whole output; with
//!   [`stream`](crate::Run::stream) it is a handle and the events in one.
//! - **Blocks that close.** Dropping the last handle closes the connection; [`Codex::close`](crate::Codex::close) waits for it.
//! - **A failed turn** is an error with a plain await, and a value with [`outcome`](crate::Run::outcome).
//! - **Dropped means interrupted.** A turn that nobody waits for stops. [`Turn::detach`](crate::Turn::detach) is for the rest.
//! - **No handler means no.** Nothing is approved that no handler or rule has approved.
//! - **With and without async.** The tables name the async half; `codexkit::blocking` has the same names, with `wait()` in
//!   place of awaiting a builder and iterators in place of streams. It needs the feature `blocking`.
//!
//! Names of the tables without a path are in [`codexkit`](crate). Those of the protocol are in
//! [`protocol::types`], among them all that end in `Params`.

// What the tables link to.
#[cfg(doc)]
use crate::{
    protocol::types::{
        AppsListParams, ConfigBatchWriteParams, ConfigRequirementsReadParams, ExperimentalFeatureListParams,
        FeedbackUploadParams, ListMcpServerStatusParams, McpServerOauthLoginParams, McpServerRefreshParams,
        ModelListParams, SkillsConfigWriteParams, SkillsListParams, ThreadArchiveParams, ThreadItem,
        ThreadListParams, ThreadLoadedListParams, ThreadReadParams, ThreadResumeParams, ThreadStartParams,
        ThreadUnarchiveParams, TurnInterruptParams, TurnStartParams, TurnSteerParams,
        WindowsSandboxSetupStartParams,
    },
    *,
};

#[doc = include_str!("openai_codex.md")]
pub mod openai_codex {}

#[doc = include_str!("openai_codex_app_server_sdk.md")]
pub mod openai_codex_app_server_sdk {}

#[doc = include_str!("codex_app_server.md")]
pub mod codex_app_server {}

#[doc = include_str!("codex_app_server_client.md")]
pub mod codex_app_server_client {}

#[doc = include_str!("codex_app_server_sdk.md")]
pub mod codex_app_server_sdk {}

#[doc = include_str!("codex_sdk_typescript.md")]
pub mod codex_sdk_typescript {}
