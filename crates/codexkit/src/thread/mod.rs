//! Threads: conversations with an agent.

mod fork;
mod goal;
mod history;
mod manage;
mod options;
mod queue;
mod resume;
mod settings;
mod start;
mod update;

pub use fork::ForkThread;
pub use goal::{Goal, GoalControl, GoalOutput, GoalRun};
use options::Given;
pub use resume::ResumeThread;
pub(crate) use settings::Opened;
pub use settings::ThreadSettings;
pub use start::StartThread;
pub use update::UpdateSettings;

use crate::asks::ThreadClaim;
use crate::codex::Codex;
use crate::error::Result;
use crate::input::Input;
use crate::presets::Sandbox;
use crate::protocol::ThreadId;
use crate::protocol::types::{
    self, ReviewStartParams, ReviewTarget, ThreadCompactStartParams, ThreadResumeParams,
    ThreadShellCommandParams, TurnStartParams,
};
use crate::sync::lock;
use crate::turn::{Compaction, Review, Run, ShellCommand, ThreadBudget, Watch};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex};

/// A conversation with an agent. Cheap to clone; dropping it neither ends nor deletes the thread.
#[derive(Clone, Debug)]
pub struct Thread {
    codex: Codex,
    known: Arc<Known>,
    budget: ThreadBudget,
    /// The thread's own handlers and tools are in force as long as a handle is there.
    claim: Option<Arc<ThreadClaim>>,
}

/// What the server has told about a thread.
#[derive(Debug)]
struct Known {
    info: types::Thread,
    settings: Mutex<ThreadSettings>,
}

impl Codex {
    /// Starts a thread: a conversation with an agent.
    ///
    /// Nothing is sent before the returned builder is awaited. Uses `thread/start`.
    pub fn start_thread(&self) -> StartThread {
        StartThread::new(self.clone())
    }

    /// Goes on with a thread that is stored, also one of another program. Uses `thread/resume`.
    pub fn resume_thread(&self, thread: impl Into<ThreadId>) -> ResumeThread {
        ResumeThread::new(self.clone(), thread.into())
    }

    /// Starts a thread with the history of another one. Uses `thread/fork`.
    pub fn fork_thread(&self, thread: impl Into<ThreadId>) -> ForkThread {
        ForkThread::new(self.clone(), thread.into())
    }

    /// Has the server load a thread, if it has put it away, and tell its events here.
    pub(crate) async fn load(&self, thread: &ThreadId) -> Result<()> {
        self.client.call(&ThreadResumeParams::new(thread).exclude_turns(true)).await?;
        self.client.subscribed(thread);
        Ok(())
    }
}

impl Thread {
    fn new(codex: Codex, opened: Opened, given: Given) -> Self {
        let Opened { info, settings } = opened;
        codex.client.subscribed(&info.id);
        let claim = codex.owners.claim_thread(&info.id, given.handlers, given.tools);
        let known = Arc::new(Known { info, settings: Mutex::new(settings) });
        Self { codex, known, budget: ThreadBudget::new(given.budget), claim }
    }

    #[cfg(test)]
    pub(crate) fn opened(codex: Codex, opened: Opened) -> Self {
        Self::new(codex, opened, Given::default())
    }

    /// The id, under which the thread can be found again.
    pub fn id(&self) -> &ThreadId {
        &self.known.info.id
    }

    /// What the server said about the thread when the handle was made. [`read`](Self::read) asks again.
    pub fn info(&self) -> &types::Thread {
        &self.known.info
    }

    /// What the thread works with: its model, working directory, sandbox and the like.
    pub fn settings(&self) -> ThreadSettings {
        lock(&self.known.settings).clone()
    }

    /// The connection.
    pub fn codex(&self) -> &Codex {
        &self.codex
    }

    /// Gives the agent something to do. Nothing is sent before the returned builder is awaited or streamed. Uses
    /// `turn/start`.
    pub fn run(&self, input: impl Into<Input>) -> Run {
        let mut params = input.into().into_params(self.id());
        if self.codex.client.relinks() && self.codex.client.takes::<TurnStartParams>("clientUserMessageId") {
            // By it the turn is found again if the connection breaks while it is being started.
            params = params.client_user_message_id(unique_id());
        }
        Run::new(self.watch(), params)
    }

    /// Has the agent review changes or whatever it is told to. The review is the last message of the output. It runs on this
    /// thread; for one beside it, review on a [`fork`](Self::fork). Uses `review/start`.
    pub fn review(&self, target: impl Into<ReviewTarget>) -> Review {
        Run::new(self.watch(), ReviewStartParams::new(self.id(), target))
    }

    /// Has the history summed up, so that less of it is sent to the model. Uses `thread/compact/start`.
    ///
    /// On a busy thread the server would interrupt the turn that runs, so it is not asked to.
    pub fn compact(&self) -> Compaction {
        Run::new(self.watch(), ThreadCompactStartParams::new(self.id()))
    }

    /// Runs a command of the user, without a sandbox, and tells the agent of it. Uses `thread/shellCommand`.
    pub fn shell_command(&self, command: impl Into<String>) -> ShellCommand {
        Run::new(self.watch(), ThreadShellCommandParams::new(self.id(), command))
    }

    /// A new thread with the history and the settings of this one: its model, working directory, approvals and kind of sandbox.
    /// Uses `thread/fork`.
    pub fn fork(&self) -> ForkThread {
        let settings = self.settings();
        let fork = self.codex.fork_thread(self.id()).model(settings.model);
        let fork = fork.model_provider(settings.model_provider).cwd(settings.cwd);
        let fork =
            fork.approval_policy(settings.approval_policy).approvals_reviewer(settings.approvals_reviewer);
        match Sandbox::of(&settings.sandbox) {
            Some(sandbox) => fork.sandbox(sandbox),
            None => fork,
        }
    }

    /// How a turn of this thread is watched.
    fn watch(&self) -> Watch {
        let provider = lock(&self.known.settings).model_provider.clone();
        let (codex, claim, budget) = (self.codex.clone(), self.claim.clone(), self.budget.clone());
        Watch::new(codex, self.id().clone(), &provider, claim, budget)
    }
}

/// An id of ours, like no other.
fn unique_id() -> String {
    format!("codexkit-{:016x}", RandomState::new().hash_one(0))
}
