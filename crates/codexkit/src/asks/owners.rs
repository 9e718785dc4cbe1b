//! Who answers an ask: the most particular owner, and only that one.

use super::handlers::Handlers;
use super::observe::{AskObserver, Observers};
use super::open::AskSender;
use crate::protocol::ThreadId;
use crate::sync::lock;
use crate::tool::{ToolClaim, ToolRegistry, ToolSet};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The owners of a connection's asks.
#[derive(Debug)]
pub(crate) struct Owners {
    connection: Handlers,
    tools: Arc<ToolRegistry>,
    observers: Observers,
    threads: Mutex<HashMap<ThreadId, ThreadOwners>>,
}

#[derive(Debug, Default)]
struct ThreadOwners {
    handlers: Handlers,
    /// How many handles of the thread have given it handlers.
    handles: usize,
    /// The owner that belongs to the turn that runs, or is being started. A thread runs one turn at a time.
    turn: Option<(u64, watch::Receiver<TurnOwner>)>,
}

/// Who answers for a turn.
#[derive(Clone, Debug)]
pub(super) enum TurnOwner {
    /// The turn is streamed, and whoever streams it has not yet said whether they take the asks.
    Undecided(Handlers),
    /// Its handlers, if there are any.
    Handlers(Handlers),
    /// Whoever took the asks as a stream.
    Stream(AskSender),
}

/// The claim of a turn to the asks of its thread. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct TurnClaim {
    /// What the thread was given stays in force as long as its turn is watched.
    _thread: Option<Arc<ThreadClaim>>,
    owners: Arc<Owners>,
    thread: ThreadId,
    number: u64,
    owner: watch::Sender<TurnOwner>,
}

/// The claim of a thread's handlers and tools. It ends when the last handle is dropped.
#[derive(Debug)]
pub(crate) struct ThreadClaim {
    _tools: Option<ToolClaim>,
    owners: Arc<Owners>,
    thread: ThreadId,
}

impl Owners {
    pub(crate) fn new(connection: Handlers, tools: Arc<ToolRegistry>) -> Arc<Self> {
        Arc::new(Self { connection, tools, observers: Observers::default(), threads: Mutex::default() })
    }

    /// The handlers of the connection.
    pub(super) fn of_connection(&self) -> &Handlers {
        &self.connection
    }

    /// Those who watch.
    pub(super) fn observers(&self) -> &Observers {
        &self.observers
    }

    /// What is asked from now on.
    pub(crate) fn observe(&self) -> AskObserver {
        self.observers.observe()
    }

    /// The tools of the threads.
    pub(super) fn tools(&self) -> &ToolRegistry {
        &self.tools
    }

    /// The handlers of a thread.
    pub(super) fn of_thread(&self, thread: &ThreadId) -> Option<Handlers> {
        lock(&self.threads).get(thread).map(|owners| owners.handlers.clone())
    }

    /// The owner that belongs to the thread's turn. It may have yet to decide.
    pub(super) fn of_turn(&self, thread: &ThreadId) -> Option<watch::Receiver<TurnOwner>> {
        let threads = lock(&self.threads);
        threads.get(thread)?.turn.as_ref().map(|(_, owner)| owner.clone())
    }

    /// Gives a thread handlers and tools of its own.
    pub(crate) fn claim_thread(
        self: &Arc<Self>,
        thread: &ThreadId,
        handlers: Handlers,
        tools: ToolSet,
    ) -> Option<Arc<ThreadClaim>> {
        if handlers.is_empty() && tools.is_empty() {
            return None;
        }
        let tools = self.tools.register(thread, tools);
        let mut threads = lock(&self.threads);
        let owners = threads.entry(thread.clone()).or_default();
        if !handlers.is_empty() {
            owners.handlers = handlers;
        }
        owners.handles += 1;
        Some(Arc::new(ThreadClaim { _tools: tools, owners: self.clone(), thread: thread.clone() }))
    }

    /// Makes a turn that is about to start the owner of its thread's asks.
    pub(crate) fn claim_turn(
        self: &Arc<Self>,
        thread: &ThreadId,
        of_thread: Option<Arc<ThreadClaim>>,
        handlers: Handlers,
        streamed: bool,
    ) -> TurnClaim {
        let owner = match streamed {
            true => TurnOwner::Undecided(handlers),
            false => TurnOwner::Handlers(handlers),
        };
        let (owner, receiver) = watch::channel(owner);
        let mut threads = lock(&self.threads);
        let owners = threads.entry(thread.clone()).or_default();
        let number = owners.turn.as_ref().map_or(0, |(number, _)| number + 1);
        owners.turn = Some((number, receiver));
        TurnClaim { _thread: of_thread, owners: self.clone(), thread: thread.clone(), number, owner }
    }

    fn tidy(&self, thread: &ThreadId, change: impl FnOnce(&mut ThreadOwners)) {
        let mut threads = lock(&self.threads);
        if let Some(owners) = threads.get_mut(thread) {
            change(owners);
            if owners.turn.is_none() && owners.handles == 0 {
                threads.remove(thread);
            }
        }
    }
}

impl TurnClaim {
    /// Whoever streams the turn does not take the asks, as far as nothing else was decided.
    pub(crate) fn settle(&self) {
        self.owner.send_if_modified(|owner| match owner {
            TurnOwner::Undecided(handlers) => {
                *owner = TurnOwner::Handlers(std::mem::take(handlers));
                true
            }
            _ => false,
        });
    }

    /// Whoever streams the turn takes the asks. `false` when others answer them already.
    pub(super) fn take(&self, asks: AskSender) -> bool {
        self.owner.send_if_modified(|owner| match owner {
            TurnOwner::Undecided(_) => {
                *owner = TurnOwner::Stream(asks);
                true
            }
            _ => false,
        })
    }
}

impl Drop for TurnClaim {
    fn drop(&mut self) {
        self.owners.tidy(&self.thread, |owners| {
            if owners.turn.as_ref().is_some_and(|(number, _)| *number == self.number) {
                owners.turn = None;
            }
        });
    }
}

impl Drop for ThreadClaim {
    fn drop(&mut self) {
        self.owners.tidy(&self.thread, |owners| {
            owners.handles -= 1;
            if owners.handles == 0 {
                owners.handlers = Handlers::default();
            }
        });
    }
}
