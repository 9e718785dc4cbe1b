//! Threads: conversations with an agent.

mod start;

pub use start::StartThread;

use crate::asks::{Handlers, ThreadClaim};
use crate::codex::Codex;
use crate::input::Input;
use crate::protocol::ThreadId;
use crate::protocol::types::ThreadStartResponse;
use crate::tool::ToolSet;
use crate::turn::{Run, SharedUsage};
use std::sync::Arc;

/// A conversation with an agent. Cheap to clone; dropping it neither ends nor deletes the thread.
#[derive(Clone, Debug)]
pub struct Thread {
    codex: Codex,
    started: Arc<ThreadStartResponse>,
    usage: SharedUsage,
    /// The thread's own handlers and tools are in force as long as a handle is there.
    claim: Option<Arc<ThreadClaim>>,
}

impl Thread {
    pub(crate) fn new(
        codex: Codex,
        started: ThreadStartResponse,
        handlers: Handlers,
        tools: ToolSet,
    ) -> Self {
        let claim = codex.owners.claim_thread(&started.thread.id, handlers, tools);
        Self { codex, started: Arc::new(started), usage: SharedUsage::default(), claim }
    }

    /// The id, under which the thread can be found again.
    pub fn id(&self) -> &ThreadId {
        &self.started.thread.id
    }

    /// What the server said when the thread was started: its model, working directory, sandbox and the like.
    pub fn started(&self) -> &ThreadStartResponse {
        &self.started
    }

    /// The connection.
    pub fn codex(&self) -> &Codex {
        &self.codex
    }

    /// Gives the agent something to do. Nothing is sent before the returned builder is awaited or streamed. Uses
    /// `turn/start`.
    pub fn run(&self, input: impl Into<Input>) -> Run {
        let run = Run::new(self.codex.clone(), &self.started, self.usage.clone(), input.into());
        run.of_thread(self.claim.clone())
    }
}
