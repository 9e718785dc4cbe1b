//! Who answers an ask: the most particular owner, and only that one.

use super::decide::Owner;
use super::handlers::Handlers;
use super::observe::{AskObserver, Observers};
use super::open::AskSender;
use crate::protocol::ThreadId;
use crate::rules::Audit;
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
    audit: Audit,
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
enum TurnOwner {
    /// The turn is streamed, and whoever streams it has not yet said whether they take the asks.
    Undecided(Handlers),
    Decided(Owner),
}

/// Those who may own an ask of a thread, at the moment of the ask.
pub(super) struct Candidates {
    turns_and_threads: Vec<(Option<watch::Receiver<TurnOwner>>, Handlers)>,
    connection: Handlers,
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
    pub(crate) fn new(connection: Handlers, tools: Arc<ToolRegistry>, audit: Audit) -> Arc<Self> {
        let (observers, threads) = (Observers::default(), Mutex::default());
        Arc::new(Self { connection, tools, audit, observers, threads })
    }

    /// The handlers of the connection.
    pub(super) fn of_connection(&self) -> &Handlers {
        &self.connection
    }

    /// Where decisions are recorded.
    pub(super) fn audit(&self) -> &Audit {
        &self.audit
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

    /// Those who may own an ask of a thread that runs on behalf of these others.
    pub(super) fn candidates<'a>(&self, threads: impl IntoIterator<Item = &'a ThreadId>) -> Candidates {
        let known = lock(&self.threads);
        let known = threads.into_iter().filter_map(|thread| known.get(thread));
        let turns_and_threads = known
            .map(|owners| (owners.turn.as_ref().map(|(_, owner)| owner.clone()), owners.handlers.clone()));
        Candidates { turns_and_threads: turns_and_threads.collect(), connection: self.connection.clone() }
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
            false => TurnOwner::Decided(handlers.into()),
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

impl Candidates {
    /// The owners, the most particular first, once the turns have decided about theirs.
    pub(super) async fn decided(self) -> Vec<Owner> {
        let mut owners = Vec::new();
        for (turn, thread) in self.turns_and_threads {
            if let Some(mut turn) = turn {
                // A turn that ends without a word leaves the decision to the others.
                let decided = turn.wait_for(|owner| matches!(owner, TurnOwner::Decided(_))).await;
                if let Ok(TurnOwner::Decided(owner)) = decided.as_deref() {
                    owners.push(owner.clone());
                }
            }
            owners.push(thread.into());
        }
        owners.push(self.connection.into());
        owners
    }
}

impl TurnClaim {
    /// Whoever streams the turn does not take the asks, as far as nothing else was decided.
    pub(crate) fn settle(&self) {
        self.owner.send_if_modified(|owner| match owner {
            TurnOwner::Undecided(handlers) => {
                *owner = TurnOwner::Decided(std::mem::take(handlers).into());
                true
            }
            _ => false,
        });
    }

    /// Whoever streams the turn takes the asks. `false` when others answer them already.
    pub(super) fn take(&self, asks: AskSender) -> bool {
        self.owner.send_if_modified(|owner| match owner {
            TurnOwner::Undecided(handlers) => {
                let handlers = std::mem::take(handlers);
                *owner = TurnOwner::Decided(Owner { handlers, asks: Some(asks) });
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
