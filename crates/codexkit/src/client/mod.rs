//! The connection: frames in, frames out, and everything that waits in between.
//!
//! Two tasks do the I/O and never wait for anybody else. All that the connection knows is in one [`state`], changed
//! under a plain lock. A supervisor decides how it ends.

mod asks;
mod call;
mod changes;
mod compatibility;
mod context;
mod core;
mod family;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gate;
mod handshake;
mod notification;
mod open_asks;
pub(crate) mod opt_out;
mod outbox;
mod pending;
mod reader;
pub(crate) mod relink;
mod remembered;
mod router;
mod state;
mod subscription;
mod supervisor;
#[cfg(test)]
pub(crate) mod tests;
mod turns;
mod usages;
mod writer;

pub(crate) use self::core::LEAVING;
pub(crate) use asks::{AskAnswer, AskFuture, AskHandler};
pub(crate) use call::Started;
pub(crate) use context::Incoming;
pub(crate) use handshake::Hello;
pub use handshake::ServerInfo;
pub(crate) use notification::Notification;
pub(crate) use relink::{Dial, RECONNECTED, Redial};
pub(crate) use subscription::{Entry, Filter, Subscription};

use self::core::{Core, Phase};
use crate::error::{CloseReason, Closed, Error, Result};
use crate::launch::ServerProcess;
use crate::limits::Limits;
use crate::protocol::types::{RateLimitSnapshot, ThreadTokenUsage};
use crate::protocol::{Request, ServerNotification, ThreadId, TurnId};
use crate::transport::Link;
use std::sync::Arc;

/// A connection to a server. Cheap to clone; the last clone to go takes the connection down.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    core: Arc<Core>,
    server: Arc<ServerInfo>,
    process: Option<ServerProcess>,
    relinks: bool,
    _alive: Arc<Alive>,
}

/// The last one to go starts the shutdown.
#[derive(Debug)]
struct Alive(Arc<Core>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.begin_close(CloseReason::ByUs);
    }
}

impl Client {
    /// Starts the tasks of a connection and shakes hands. Must be called inside a tokio runtime.
    ///
    /// Cancel safe: dropping the future takes down what it has begun.
    ///
    /// # Errors
    ///
    /// When the server does not answer in time, refuses, is too old or is no codex at all.
    pub(crate) async fn open(
        link: Link,
        process: Option<ServerProcess>,
        handler: Arc<dyn AskHandler>,
        limits: Limits,
        hello: Hello,
        redial: Option<Redial>,
    ) -> Result<Self> {
        let (outbox, outbox_receiver) = outbox::Outbox::new(limits.outbound_queue);
        let (core, asks) = Core::new(limits, outbox, link.largest_message, redial.is_some());
        let alive = Arc::new(Alive(core.clone()));
        let relinks = redial.is_some();
        let parts = supervisor::Parts {
            io: supervisor::Io::start(&core, link, outbox_receiver),
            asks: tokio::spawn(asks::run(core.clone(), handler, asks)),
            process: process.clone(),
            redial,
            linked: true,
        };
        // The supervisor owns the other tasks; it ends with the connection, which ends with the last client.
        tokio::spawn(supervisor::run(core.clone(), parts));

        let mut client = Self { core, server: Arc::default(), process, relinks, _alive: alive };
        client.server = Arc::new(handshake::shake_hands(&client, hello).await?);
        Ok(client)
    }

    /// Whether the connection is made anew when it breaks.
    pub(crate) fn relinks(&self) -> bool {
        self.relinks
    }

    /// Whether the server takes a field of a method, as far as is known.
    pub(crate) fn takes<R: Request>(&self, field: &str) -> bool {
        self.core.abilities().is_none_or(|abilities| abilities.takes(R::METHOD, field))
    }

    /// The events of a thread come here from now on, since it was started or resumed here.
    pub(crate) fn subscribed(&self, thread: &ThreadId) {
        self.core.update(|state, _| state.subscribed.insert(thread.clone()));
    }

    /// Whether the events of a thread come here.
    pub(crate) fn is_subscribed(&self, thread: &ThreadId) -> bool {
        self.core.update(|state, _| state.subscribed.contains(thread))
    }

    /// A turn runs that this connection has not heard begin.
    pub(crate) fn adopt(&self, thread: &ThreadId, turn: &TurnId) {
        self.core.update(|state, _| state.turns.adopt(thread, turn));
    }

    /// What the server said about itself.
    pub(crate) fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// The end of what the server wrote to its standard error; empty for a server that is not ours.
    pub(crate) fn stderr_tail(&self) -> String {
        self.process.as_ref().map(ServerProcess::stderr_tail).unwrap_or_default()
    }

    /// The bounds of this connection.
    pub(crate) fn limits(&self) -> &Limits {
        &self.core.limits
    }

    /// Subscribes to notifications from now on.
    pub(crate) fn subscribe(&self, filter: Filter) -> Result<Subscription> {
        self.core.subscribe(filter)
    }

    /// The token counts of a thread, as they were last told.
    pub(crate) fn usage_of(&self, thread: &ThreadId) -> Option<ThreadTokenUsage> {
        let told = self.core.update(|state, _| state.usages.of(thread));
        usages::counts(&*told?)
    }

    /// The token counts of the agents that run on behalf of a thread, as they were last told.
    pub(crate) fn usage_of_agents(&self, thread: &ThreadId) -> Vec<(ThreadId, ThreadTokenUsage)> {
        let told = self.core.update(|state, _| {
            let agents = state.context.family.descendants(thread).into_iter();
            agents.filter_map(|agent| Some((state.usages.of(&agent)?, agent))).collect::<Vec<_>>()
        });
        told.into_iter().filter_map(|(told, agent)| Some((agent, usages::counts(&told)?))).collect()
    }

    /// What the server last said about the limits of the account, if it has.
    pub(crate) fn rate_limits(&self) -> Option<RateLimitSnapshot> {
        let told = self.core.update(|state, _| state.rate_limits().cloned())?;
        match ServerNotification::decode(told.method(), &told.raw.params) {
            Ok(ServerNotification::AccountRateLimitsUpdated(told)) => Some(told.rate_limits),
            _ => None,
        }
    }

    /// Has a turn interrupted as soon as the server lets it, without waiting for it.
    pub(crate) fn abandon_turn(&self, turn: &TurnId) {
        self.core.abandon_turn(turn);
    }

    /// Fails with `Busy` while a turn runs on a thread, as far as this connection has heard. One that is about to be
    /// interrupted is waited for. Cancel safe.
    pub(crate) async fn not_busy(&self, thread: &ThreadId) -> Result<()> {
        self.core.not_busy(thread).await
    }

    /// Whether a turn runs, as far as this connection has heard.
    pub(crate) fn is_running(&self, turn: &TurnId) -> bool {
        self.core.update(|state, _| state.turns.is_running(turn))
    }

    /// Notes that somebody holds a turn: it does not outlive the connection.
    pub(crate) fn own_turn(&self, turn: &TurnId) {
        self.core.own_turn(turn);
    }

    /// Lets a turn run on that was started here: it outlives the connection if the server does.
    pub(crate) fn release_turn(&self, turn: &TurnId) {
        self.core.release_turn(turn);
    }

    /// Waits until the server has announced a turn, which it does soon, so that it can be steered. Cancel safe.
    pub(crate) async fn announced(&self, turn: &TurnId) {
        self.core.announced(turn).await;
    }

    /// Takes the connection down, for all clones, and says how it ended. Waits until nothing is left of the server.
    ///
    /// Cancel safe: the connection goes down all the same.
    pub(crate) async fn close(&self) -> Closed {
        self.core.begin_close(CloseReason::ByUs);
        self.closed().await
    }

    /// Waits for the end of the connection and says how it came. Cancel safe.
    pub(crate) async fn closed(&self) -> Closed {
        let mut phase = self.core.phase();
        let ended = phase.wait_for(|phase| matches!(phase, Phase::Ended(_))).await;
        match ended.as_deref() {
            Ok(Phase::Ended(closed)) => closed.clone(),
            // The sender lives in the core, and the core in this client.
            _ => Closed::new(CloseReason::ByUs),
        }
    }

    /// The end of the connection, for those who do not keep it.
    #[cfg(feature = "blocking")]
    pub(crate) fn end(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut phase = self.core.phase();
        async move { drop(phase.wait_for(|phase| matches!(phase, Phase::Ended(_))).await) }
    }

    /// Why the connection has ended, if it has.
    pub(crate) fn closed_error(&self) -> Option<Error> {
        self.core.update(|state, _| state.closed().cloned())
    }
}
