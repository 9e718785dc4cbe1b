//! Starting a turn.

use super::clocks::{Idle, TurnLimits};
use super::fold::{Fold, SharedUsage};
use super::stream::Turn;
use crate::asks::{Handlers, ThreadClaim, agent_ask_setters};
use crate::client::Filter;
use crate::codex::Codex;
use crate::error::Result;
use crate::event::Event;
use crate::forward::forward_to_params;
use crate::future::BoxFuture;
use crate::input::Input;
use crate::output::TurnOutput;
use crate::protocol::Patch;
use crate::protocol::types::{
    ApprovalsReviewer, AskForApproval, CollaborationMode, Personality, ReasoningEffort, ReasoningSummary,
    SandboxPolicy, ThreadStartResponse, TurnStartParams,
};
use serde_json::Value;
use std::fmt;
use std::future::IntoFuture;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A turn that is about to be started. Await it for the output of a completed turn, or end it with
/// [`outcome`](Self::outcome) or [`stream`](Self::stream).
///
/// Options stay in force for later turns of the thread, too: so the server does it.
#[derive(Clone)]
#[must_use = "a turn is started when this is awaited or streamed"]
pub struct Run {
    codex: Codex,
    usage: SharedUsage,
    params: TurnStartParams,
    limits: TurnLimits,
    on_idle: Option<Idle>,
    needs_login: bool,
    handlers: Handlers,
    thread: Option<Arc<ThreadClaim>>,
    policy: Option<Policy>,
}

/// What a program decides about a turn by its events.
pub(super) type Policy = Arc<dyn Fn(&Event) -> ControlFlow<()> + Send + Sync>;

/// The provider for which the server knows whether somebody is logged in.
const OPENAI: &str = "openai";

/// How long the end of a turn is waited for after it was interrupted because a clock ran out.
const LAST_WAIT: Duration = Duration::from_secs(10);

impl Run {
    pub(crate) fn new(codex: Codex, thread: &ThreadStartResponse, usage: SharedUsage, input: Input) -> Self {
        let params = TurnStartParams::new(&thread.thread.id, input.into_vec());
        let bounds = codex.client.limits();
        let limits =
            TurnLimits { idle: bounds.turn_idle, network: bounds.turn_network, total: bounds.turn_total };
        Self {
            codex,
            usage,
            params,
            limits,
            on_idle: None,
            needs_login: thread.model_provider == OPENAI,
            handlers: Handlers::default(),
            thread: None,
            policy: None,
        }
    }

    /// Keeps what the thread was given in force for the turn, too.
    pub(crate) fn of_thread(mut self, claim: Option<Arc<ThreadClaim>>) -> Self {
        self.thread = claim;
        self
    }

    forward_to_params! {
        /// The model.
        into model: String;
        /// How hard the model thinks.
        into effort: ReasoningEffort;
        /// How the model's thoughts are summarised.
        into summary: ReasoningSummary;
        /// The working directory.
        into cwd: String;
        /// When the agent has to ask before it acts.
        into approval_policy: AskForApproval;
        /// Who answers when the agent asks: this program, or a model that reviews.
        into approvals_reviewer: ApprovalsReviewer;
        /// What commands may touch.
        into sandbox_policy: SandboxPolicy;
        /// The class of service that the model provider is asked for.
        into service_tier: Patch<String>;
        /// Whether the agent plans or acts, with the settings of that mode. Experimental.
        into collaboration_mode: CollaborationMode;
        /// A JSON schema for the final answer. The server does not check the answer against it.
        into output_schema: Value;
        /// Your own id for the input, which comes back in its item as `client_id`.
        into client_user_message_id: String;
    }

    /// The style of the answers. The server takes it and no longer acts on it.
    #[deprecated = "the server ignores it"]
    pub fn personality(mut self, personality: impl Into<Personality>) -> Self {
        self.params = self.params.personality(personality);
        self
    }

    /// How long nothing may be heard of the turn; `None` waits for ever. Default:
    /// [`Limits::turn_idle`](crate::Limits::turn_idle).
    pub fn idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.idle = limit.into();
        self
    }

    /// How long the server may do nothing but try again to reach the model; `None` waits for ever. Default:
    /// [`Limits::turn_network`](crate::Limits::turn_network).
    pub fn network(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.network = limit.into();
        self
    }

    /// How long the turn may take in all; `None` waits for ever. Default:
    /// [`Limits::turn_total`](crate::Limits::turn_total).
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.total = limit.into();
        self
    }

    /// What happens when one of these clocks runs out. Default: an awaited run interrupts its turn, a stream reports.
    pub fn on_idle(mut self, policy: Idle) -> Self {
        self.on_idle = Some(policy);
        self
    }

    agent_ask_setters!();

    /// Watches the events of the turn and interrupts it by [`ControlFlow::Break`]; the outcome is then
    /// [`interrupted_by`](TurnOutput::interrupted_by) the policy.
    ///
    /// Act on [`Event::ItemStarted`]: a completed item has already happened, and even a started command may be over before
    /// the interrupt arrives. What must not happen needs a sandbox, or an answer to the ask before it.
    ///
    /// ```no_run
    /// # async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {
    /// use codexkit::protocol::types::ThreadItem;
    /// use codexkit::{Event, InterruptedBy};
    /// use std::ops::ControlFlow;
    ///
    /// let words_only = |event: &Event| match event {
    ///     Event::ItemStarted(item) => match item {
    ///         ThreadItem::UserMessage(_) | ThreadItem::AgentMessage(_) => ControlFlow::Continue(()),
    ///         ThreadItem::Plan(_) | ThreadItem::Reasoning(_) => ControlFlow::Continue(()),
    ///         _ => ControlFlow::Break(()),
    ///     },
    ///     _ => ControlFlow::Continue(()),
    /// };
    /// let outcome = thread.run("Explain this crate").on_event(words_only).outcome().await?;
    /// if outcome.interrupted_by == Some(InterruptedBy::Policy) {
    ///     println!("it wanted to do more than talk");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_event(mut self, policy: impl Fn(&Event) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        self.policy = Some(Arc::new(policy));
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
        self.start_boxed().await
    }

    fn start_boxed(self) -> BoxFuture<'static, Result<Turn>> {
        Box::pin(self.start(Idle::Report))
    }

    async fn start(self, default: Idle) -> Result<Turn> {
        if self.needs_login {
            self.codex.check_login().await?;
        }
        let client = self.codex.client;
        let thread = self.params.thread_id.clone();
        // Before the turn exists, so that none of its events can be missed.
        let subscription = client.subscribe(Filter::Thread(thread.clone()))?;
        let streamed = default == Idle::Report;
        let claim = self.codex.owners.claim_turn(&thread, self.thread, self.handlers, streamed);
        let started = client.start_turn(&self.params).await;
        let turn = started.map_err(|error| error.with_thread(&thread))?;
        let fold = Fold::new(thread, turn, self.usage);
        Ok(Turn::new(
            client,
            fold,
            subscription,
            claim,
            self.limits,
            self.on_idle.unwrap_or(default),
            self.policy,
        ))
    }

    /// Runs the turn to its end, or to the end of the wait.
    async fn finish(self) -> Result<TurnOutput> {
        let mut turn = self.start(Idle::Interrupt).await?;
        let stalled = loop {
            match turn.try_next().await {
                Ok(Some(_)) => {}
                Ok(None) => return turn.finish().await,
                Err(error) if error.continuation().is_some() => break error,
                Err(error) => return Err(error),
            }
        };
        if turn.on_idle() == Idle::Report {
            turn.detach();
        } else if let Ok(Ok(output)) = timeout(LAST_WAIT, turn.finish()).await {
            // What it still said belongs to what it gave.
            return Err(stalled.with_output(output));
        }
        Err(stalled)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("params", &self.params)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for Run {
    type Output = Result<TurnOutput>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

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
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.0.finish())
    }
}
