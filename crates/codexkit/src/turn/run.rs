//! Starting a turn.

use super::fold::{Fold, SharedUsage};
use super::stream::Turn;
use crate::client::Filter;
use crate::codex::Codex;
use crate::error::Result;
use crate::forward::forward_to_params;
use crate::input::Input;
use crate::output::TurnOutput;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, Personality, ReasoningEffort, ReasoningSummary,
    SandboxPolicy, TurnStartParams,
};
use crate::protocol::{Patch, ThreadId};
use serde_json::Value;
use std::future::IntoFuture;
use std::pin::Pin;

/// A turn that is about to be started. Await it for the output of a completed turn, or end it with
/// [`outcome`](Self::outcome) or [`stream`](Self::stream).
///
/// Options stay in force for later turns of the thread, too: so the server does it.
#[derive(Clone, Debug)]
#[must_use = "a turn is started when this is awaited or streamed"]
pub struct Run {
    codex: Codex,
    usage: SharedUsage,
    params: TurnStartParams,
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Run {
    pub(crate) fn new(codex: Codex, usage: SharedUsage, thread: &ThreadId, input: Input) -> Self {
        Self { codex, usage, params: TurnStartParams::new(thread, input.into_vec()) }
    }

    forward_to_params! {
        /// The model.
        model: String;
        /// How hard the model thinks.
        effort: ReasoningEffort;
        /// How the model's thoughts are summarised.
        summary: ReasoningSummary;
        /// The working directory.
        cwd: String;
        /// When the agent has to ask before it acts.
        approval_policy: AskForApproval;
        /// Who answers when the agent asks: this program, or a model that reviews.
        approvals_reviewer: ApprovalsReviewer;
        /// What commands may touch.
        sandbox_policy: SandboxPolicy;
        /// The class of service that the model provider is asked for.
        service_tier: Patch<String>;
        /// Whether the agent plans or acts, with the settings of that mode. Experimental.
        collaboration_mode: CollaborationMode;
        /// A JSON schema for the final answer. The server does not check the answer against it.
        output_schema: Value;
        /// Your own id for the input, which comes back in its item as `client_id`.
        client_user_message_id: String;
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(mut self, personality: impl Into<Personality>) -> Self {
        self.params = self.params.personality(personality);
        self
    }

    /// Changes the parameters as they go to the server, for options that have no setter here.
    pub fn params(mut self, change: impl FnOnce(TurnStartParams) -> TurnStartParams) -> Self {
        self.params = change(self.params);
        self
    }

    /// Waits for the end of the turn and returns what it gave, whether it was completed, failed, or was interrupted.
    ///
    /// # Errors
    ///
    /// When the turn could not be started, or its end not be seen: as for [`stream`](Self::stream) and
    /// [`Turn::finish`].
    pub fn outcome(self) -> Outcome {
        Outcome(self)
    }

    /// Starts the turn and returns it as a stream of events. Uses `turn/start`.
    ///
    /// Cancel safe: dropped before it was written, nothing is sent; dropped later, the turn is interrupted.
    ///
    /// # Errors
    ///
    /// `NotLoggedIn` before anything is sent; `Busy` when a turn runs on the thread; `ThreadNotFound`, `InvalidParams`,
    /// `InputTooLarge` and the like from the server; `Closed`, `Timeout`.
    pub async fn stream(self) -> Result<Turn> {
        self.codex.check_login().await?;
        let client = self.codex.client;
        let thread = self.params.thread_id.clone();
        // Before the turn exists, so that none of its events can be missed.
        let subscription = client.subscribe(Filter::Thread(thread.clone()))?;
        let started = client.start_turn(&self.params).await;
        let turn = started.map_err(|error| error.with_thread(&thread))?;
        Ok(Turn::new(client, Fold::new(thread, turn, self.usage), subscription))
    }
}

impl IntoFuture for Run {
    type Output = Result<TurnOutput>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.outcome().await?.into_result() })
    }
}

/// A turn whose failure is a value rather than an error. Made by [`Run::outcome`].
#[derive(Clone, Debug)]
#[must_use = "a turn is started when this is awaited"]
pub struct Outcome(Run);

impl IntoFuture for Outcome {
    type Output = Result<TurnOutput>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.stream().await?.finish().await })
    }
}
