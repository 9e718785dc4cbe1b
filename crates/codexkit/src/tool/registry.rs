//! Which tools each thread of a connection has.

use super::call::ToolCall;
use super::set::{ToolSet, unknown};
use crate::future::BoxFuture;
use crate::protocol::ThreadId;
use crate::protocol::types::{DynamicToolCallParams, DynamicToolCallResponse};
use crate::sync::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which tools each thread of a connection has.
#[derive(Debug)]
pub(crate) struct ToolRegistry {
    /// How long a call may take if its tool does not say.
    deadline: Duration,
    /// Several handles of one thread may each have brought tools; the newest are in force.
    threads: Mutex<HashMap<ThreadId, Vec<Arc<ToolSet>>>>,
}

/// Keeps the tools of a thread in force until it is dropped.
#[derive(Debug)]
pub(crate) struct ToolClaim {
    registry: Arc<ToolRegistry>,
    thread: ThreadId,
    tools: Arc<ToolSet>,
}

impl ToolRegistry {
    /// No tools yet. `deadline` is for tools without one of their own.
    pub(crate) fn new(deadline: Duration) -> Arc<Self> {
        Arc::new(Self { deadline, threads: Mutex::default() })
    }

    /// Gives a thread its tools. Nothing to hold on to if there are none.
    pub(crate) fn register(self: &Arc<Self>, thread: &ThreadId, tools: ToolSet) -> Option<ToolClaim> {
        if tools.is_empty() {
            return None;
        }
        let tools = Arc::new(tools);
        lock(&self.threads).entry(thread.clone()).or_default().push(tools.clone());
        Some(ToolClaim { registry: self.clone(), thread: thread.clone(), tools })
    }

    /// The tools of a thread, if it has any.
    fn find(&self, thread: &ThreadId) -> Option<Arc<ToolSet>> {
        lock(&self.threads).get(thread)?.last().cloned()
    }

    /// Runs a call to its end, whatever that is. A thread without tools has those of the threads on whose behalf it runs.
    pub(crate) fn call(
        &self,
        params: DynamicToolCallParams,
        ancestors: &[ThreadId],
    ) -> BoxFuture<'static, DynamicToolCallResponse> {
        match std::iter::once(&params.thread_id).chain(ancestors).find_map(|thread| self.find(thread)) {
            Some(tools) => tools.call(params, self.deadline),
            None => {
                let reply = unknown(&ToolCall::new(params));
                Box::pin(async move { reply.into_response() })
            }
        }
    }
}

impl Drop for ToolClaim {
    fn drop(&mut self) {
        let mut threads = lock(&self.registry.threads);
        if let Some(sets) = threads.get_mut(&self.thread) {
            sets.retain(|tools| !Arc::ptr_eq(tools, &self.tools));
            if sets.is_empty() {
                threads.remove(&self.thread);
            }
        }
        // The tools themselves go with this claim, when the lock is free again: their closures are the user's code.
    }
}
