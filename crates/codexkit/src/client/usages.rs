//! The latest token counts of each thread.

use super::notification::Notification;
use super::remembered::Remembered;
use crate::protocol::types::ThreadTokenUsage;
use crate::protocol::{ServerNotification, ThreadId};
use std::sync::Arc;

/// The counts of so many threads are kept; those that were heard of first are forgotten.
const THREADS: usize = 4096;

/// The latest token counts of each thread, undecoded.
#[derive(Debug)]
pub(super) struct Usages(Remembered<ThreadId, Arc<Notification>>);

impl Default for Usages {
    fn default() -> Self {
        Self(Remembered::up_to(THREADS))
    }
}

impl Usages {
    /// Keeps what it tells, if it tells counts.
    pub(super) fn hear(&mut self, notification: &Arc<Notification>) {
        if notification.method() == "thread/tokenUsage/updated"
            && let Some(thread) = &notification.thread
        {
            self.0.insert(thread.clone(), notification.clone());
        }
    }

    /// What was last told about a thread.
    pub(super) fn of(&self, thread: &ThreadId) -> Option<Arc<Notification>> {
        self.0.get(thread).cloned()
    }
}

/// The counts that a notification tells.
pub(super) fn counts(told: &Notification) -> Option<ThreadTokenUsage> {
    match ServerNotification::decode(told.method(), &told.raw.params) {
        Ok(ServerNotification::ThreadTokenUsageUpdated(updated)) => Some(updated.token_usage),
        _ => None,
    }
}
