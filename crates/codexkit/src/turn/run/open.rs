//! From the wish for a turn to a turn that runs.

use super::Policy;
use crate::asks::{Handlers, ThreadClaim};
use crate::budget::Budget;
use crate::client::{Client, Entry, Filter, Started, Subscription};
use crate::codex::Codex;
use crate::error::{Clock, Error, ErrorKind, Result};
use crate::event::Event;
use crate::path::Refused;
use crate::protocol::types::{self, ThreadItem, ThreadTurnsListParams, TurnItemsView, TurnStatus};
use crate::protocol::{Request, RpcError, ThreadId, TurnId, Version};
use crate::turn::catch_up::missed;
use crate::turn::clocks::{Idle, TurnLimits};
use crate::turn::fold::Fold;
use crate::turn::ledger::{Ledger, ThreadBudget};
use crate::turn::meter::Meter;
use crate::turn::stream::{Opened, Turn};
use serde::Deserialize;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What happens when a turn is to be started and one runs on the thread already. A thread runs one turn at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Busy {
    /// The start fails with `Busy`. But a turn that was dropped or interrupted here, and has not ended yet, is waited for, up
    /// to ten seconds.
    Fail,
    /// The end of the other turn is waited for, at most this long; then the start fails with `Busy`.
    Wait(Duration),
    /// The input goes to the turn that runs, as by [`steer`](crate::TurnControl::steer), and so do the options that the
    /// server takes then; the output is [`joined`](crate::TurnOutput::joined). Dropping the handle leaves the turn alone.
    /// For prompts only.
    Join,
}

/// How a turn is to be watched, whatever it is.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(super) codex: Codex,
    thread: ThreadId,
    pub(super) limits: TurnLimits,
    pub(super) on_idle: Option<Idle>,
    pub(super) on_busy: Busy,
    pub(super) budget: Budget,
    pub(super) handlers: Handlers,
    pub(super) policy: Option<Policy>,
    /// Keeps what the thread was given in force for the turn, too.
    claim: Option<Arc<ThreadClaim>>,
    thread_budget: ThreadBudget,
    needs_login: bool,
    /// What is wrong with what was set.
    pub(super) refused: Refused,
}

/// Since when the server gives the id of the turn that runs to whoever joins it.
const JOINS_SINCE: Version = Version::new(0, 154, 0);

/// The provider for which the server knows whether somebody is logged in.
const OPENAI: &str = "openai";

impl Watch {
    pub(crate) fn new(
        codex: Codex,
        thread: ThreadId,
        provider: &str,
        claim: Option<Arc<ThreadClaim>>,
        thread_budget: ThreadBudget,
    ) -> Self {
        Self {
            limits: codex.usual_limits(),
            codex,
            thread,
            on_idle: None,
            on_busy: Busy::Fail,
            budget: Budget::new(),
            handlers: Handlers::default(),
            policy: None,
            claim,
            thread_budget,
            needs_login: provider == OPENAI,
            refused: Refused::default(),
        }
    }

    /// Starts a turn by this request.
    pub(super) async fn open<R: Request + Sync>(self, params: &R, default: Idle) -> Result<Turn> {
        self.refused.check().map_err(|error| error.with_thread(&self.thread))?;
        if self.needs_login {
            self.codex.check_login().await?;
        }
        let (client, thread) = (self.codex.client.clone(), self.thread.clone());
        // Before the turn exists, so that none of its events can be missed.
        let mut subscription = client.subscribe(Filter::Thread(thread.clone()))?;
        let streamed = default == Idle::Report;
        let claim =
            self.codex.owners.claim_turn(&thread, self.claim.clone(), self.handlers.clone(), streamed);
        let (before, agents) = (client.usage_of(&thread), client.usage_of_agents(&thread));
        let started = self.start(params).await.map_err(|error| error.with_thread(&thread))?;
        let mut unread = Vec::new();
        let Started { turn, joined } = match started {
            Some(started) => started,
            None => {
                let turn = announced(&client, &mut subscription, &mut unread).await;
                Started { turn: turn.map_err(|error| error.with_thread(&thread))?, joined: false }
            }
        };
        let overlaps = !client.is_subscribed(&thread);
        if overlaps {
            let known = self.listen_late(&turn).await.map_err(|error| error.with_thread(&thread))?;
            unread.extend(missed(known, &Fold::new(thread.clone(), turn.clone(), Meter::default())));
        }
        let now = Instant::now();
        Ok(Turn::new(Opened {
            client,
            thread,
            turn,
            joined,
            overlaps,
            subscription,
            unread: unread.into(),
            claim,
            meter: Meter::new(before, agents, !joined),
            ledger: Ledger::new(self.budget, self.thread_budget, now),
            limits: self.limits,
            on_idle: self.on_idle.unwrap_or(default),
            policy: self.policy,
        }))
    }

    /// Watches a turn that the server has started by itself.
    pub(crate) fn announced_as(self, turn: TurnId, subscription: Subscription, announcement: Event) -> Turn {
        let (client, thread) = (self.codex.client, self.thread);
        Turn::new(Opened {
            meter: Meter::new(None, client.usage_of_agents(&thread), true),
            ledger: Ledger::new(self.budget, self.thread_budget, Instant::now()),
            claim: self.codex.owners.claim_turn(&thread, self.claim, self.handlers, false),
            unread: [announcement].into(),
            on_idle: self.on_idle.unwrap_or(Idle::Report),
            limits: self.limits,
            policy: self.policy,
            joined: false,
            overlaps: false,
            client,
            thread,
            turn,
            subscription,
        })
    }

    /// Sends the request, after a turn that runs if that was wished for, and once more if the thread had to be loaded.
    async fn start<R: Request + Sync>(&self, params: &R) -> Result<Option<Started>> {
        match self.on_busy {
            Busy::Fail => {
                self.codex.client.not_busy(&self.thread).await?;
                self.try_start(params, true).await
            }
            Busy::Join if !can_join::<R>() => Err(Error::new(
                ErrorKind::Usage,
                format!(
                    "`{}` cannot join a turn that runs; use `Busy::Fail` or `Busy::Wait`",
                    R::METHOD.name
                ),
            )),
            Busy::Join => {
                self.check_joining()?;
                self.try_start(params, false).await
            }
            Busy::Wait(longest) => {
                timeout(longest, self.start_when_free(params)).await.unwrap_or_else(|_| {
                    let text = format!("the turn that runs on this thread did not end within {longest:?}");
                    Err(Error::new(ErrorKind::Busy, text))
                })
            }
        }
    }

    /// Older servers answer with the id of a turn that never begins, so nobody could wait for its end.
    fn check_joining(&self) -> Result<()> {
        match self.codex.server_info().version {
            Some(version) if version < JOINS_SINCE => Err(Error::new(
                ErrorKind::Incompatible,
                format!(
                    "turns can be joined since codex {JOINS_SINCE}, and this server is {version}; steer the turn instead"
                ),
            )),
            _ => Ok(()),
        }
    }

    async fn start_when_free<R: Request + Sync>(&self, params: &R) -> Result<Option<Started>> {
        loop {
            self.codex.client.free(&self.thread).await;
            match self.try_start(params, true).await {
                // Somebody else was faster.
                Err(error) if error.kind() == ErrorKind::Busy => {}
                started => return started,
            }
        }
    }

    async fn try_start<R: Request + Sync>(&self, params: &R, exclusive: bool) -> Result<Option<Started>> {
        let client = &self.codex.client;
        if !client.is_subscribed(&self.thread) {
            // Its events would not come here. On a new connection, a thread without any turn can only be loaded later.
            match self.codex.load(&self.thread).await {
                Err(error) if is_without_turns(&error) && client.relinks() => {}
                loaded => loaded?,
            }
        }
        match client.start_turn(params, &self.thread, exclusive).await {
            // Threads that were unarchived, or that the server has put away, have to be loaded; nothing has begun.
            Err(error) if error.kind() == ErrorKind::ThreadNotFound => {
                match self.codex.load(&self.thread).await {
                    Ok(()) => client.start_turn(params, &self.thread, exclusive).await,
                    // One that is archived: this says how it is fetched back.
                    Err(archived) if archived.kind() == ErrorKind::Usage => Err(archived),
                    Err(_) => Err(error),
                }
            }
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                match self.look_for(params, error).await? {
                    Some(begun) => Ok(Some(begun)),
                    None => client.start_turn(params, &self.thread, exclusive).await,
                }
            }
            started => started,
        }
    }

    /// Loads a thread whose first turn has just begun, and returns what the server knows of it by now.
    async fn listen_late(&self, turn: &TurnId) -> Result<types::Turn> {
        let client = &self.codex.client;
        client.adopt(&self.thread, turn);
        let known = timeout(client.limits().call_deadline, async {
            loop {
                match self.codex.load(&self.thread).await {
                    // It takes a moment until the server has stored it.
                    Err(error) if is_without_turns(&error) => sleep(STORED_SOON).await,
                    loaded => break loaded?,
                }
            }
            let list = ThreadTurnsListParams::new(&self.thread).limit(LATEST).items_view(TurnItemsView::Full);
            let turns = client.call(&list).await?.data;
            turns.into_iter().find(|listed| listed.id == *turn).ok_or_else(unseen)
        });
        known.await.unwrap_or_else(|_| Err(unseen())).inspect_err(|_| client.abandon_turn(turn))
    }

    /// Looks whether a turn has begun whose start was under way when the connection broke, by the id of its message. Nothing
    /// if it surely has not; the error again if that cannot be told.
    async fn look_for<R: Request>(&self, params: &R, error: Error) -> Result<Option<Started>> {
        let Some(message) = message_id(params).filter(|_| self.codex.client.relinks()) else {
            return Err(error);
        };
        for pause in [Duration::ZERO, LOOK_AGAIN] {
            sleep(pause).await;
            let list = ThreadTurnsListParams::new(&self.thread).limit(LATEST).items_view(TurnItemsView::Full);
            let turns = match self.codex.client.call(&list).await {
                Ok(page) => page.data,
                // So the server says of a thread that has had no turn.
                Err(none) if is_without_turns(&none) => Vec::new(),
                Err(other) => {
                    tracing::debug!(%other, "a lost start cannot be looked for");
                    return Err(error);
                }
            };
            let said = |item: &ThreadItem| matches!(item, ThreadItem::UserMessage(said) if said.client_id.as_deref() == Some(&message));
            if let Some(turn) = turns.into_iter().find(|turn| turn.items.iter().any(said)) {
                if turn.status == TurnStatus::InProgress {
                    self.codex.client.adopt(&self.thread, &turn.id);
                }
                return Ok(Some(Started { turn: turn.id, joined: false }));
            }
        }
        Ok(None)
    }
}

/// How soon the first turn of a thread may be stored.
const STORED_SOON: Duration = Duration::from_millis(50);

fn unseen() -> Error {
    let text = "the turn has begun, but the new connection does not get to see it; it is interrupted";
    Error::new(ErrorKind::Disconnected, text)
}

/// Whether the server says so because the thread has had no turn. It has no code of its own for it.
fn is_without_turns(error: &Error) -> bool {
    let is_early =
        |rpc: &RpcError| rpc.code == RpcError::METHOD_NOT_FOUND || rpc.message.contains("not materialized");
    error.rpc_error().is_some_and(is_early) || error.kind() == ErrorKind::ThreadNotFound
}

/// How long a start that was on its way when the connection broke may take to show.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How many of a thread's latest turns are looked at.
const LATEST: u32 = 5;

/// The id that the program has given to the message of a turn.
fn message_id<R: Request>(params: &R) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Message {
        client_user_message_id: Option<String>,
    }
    serde_json::from_str::<Message>(params.encode().ok()?.get()).ok()?.client_user_message_id
}

/// Whether the server gives the input of this request to a turn that runs.
fn can_join<R: Request>() -> bool {
    R::METHOD.name == "turn/start"
}

/// Waits until the server announces the turn that was asked for, which it has not named. What comes before is kept.
async fn announced(
    client: &Client,
    subscription: &mut Subscription,
    unread: &mut Vec<Event>,
) -> Result<TurnId> {
    let deadline = client.limits().call_deadline;
    let announcement = async {
        loop {
            let entry = poll_fn(|context| subscription.poll_next(context)).await?;
            let turn = match &entry {
                Entry::Notification(told) if told.method() == "turn/started" => told.turn.clone(),
                _ => None,
            };
            unread.push(Event::from_entry(entry));
            if let Some(turn) = turn {
                return Ok(turn);
            }
        }
    };
    timeout(deadline, announcement).await.unwrap_or_else(|_| {
        let text = format!("the server has accepted a turn, but not begun it within {deadline:?}");
        Err(Error::new(ErrorKind::Timeout(Clock::Call), text))
    })
}
