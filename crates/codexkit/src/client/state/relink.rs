//! What the loss of a link, and a new one, change.

use super::{Effects, State};
use crate::client::relink::{RECONNECTED, Resynced, ThreadState};
use crate::protocol::envelope::Inbound;
use crate::protocol::types::{Turn, TurnStatus};
use crate::protocol::{DecodeError, RawNotification, ThreadId};
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::time::Duration;

/// The parameters of our own notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reconnected<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<&'a ThreadId>,
    gap_ms: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    turns: &'a [Turn],
}

impl State {
    /// The link has broken, and another one will be made. What was written and not answered is lost.
    pub(in crate::client) fn lose_link(&mut self, effects: &mut Effects) {
        self.pending.lose_written();
        self.turns.lose_interrupts();
        self.asks.lose_link();
        self.subscribed.clear();
        self.bad_frames_in_a_row = 0;
        effects.turns_changed = true;
    }

    /// The threads that somebody listens to, or whose turns run.
    pub(in crate::client) fn threads_to_resume(&self) -> Vec<ThreadId> {
        let mut threads: Vec<ThreadId> = self.router.threads().chain(self.turns.threads()).cloned().collect();
        threads.sort_unstable();
        threads.dedup();
        threads
    }

    /// There is a new link, and this is what was found on it. An error, which says why, means that it is no use either.
    pub(in crate::client) fn relink(
        &mut self,
        resynced: Resynced,
        effects: &mut Effects,
    ) -> Result<(), String> {
        let Resynced { gap, threads, held } = resynced;
        let notification = self.router.admit(reconnected(None, gap, &[]));
        let everybody = self.router.everything().iter().cloned();
        effects.deliveries.extend(everybody.map(|queue| (queue, notification.clone())));
        for ThreadState { thread, turns } in threads {
            match turns {
                Ok(turns) => self.thread_resumed(&thread, gap, &turns, effects),
                // A thread that has had no turn cannot be resumed, and nothing is missed of it.
                Err(why) if self.turns.active(&thread).is_some() => self.router.end_thread(&thread, &why),
                Err(_) => {}
            }
        }
        effects.turns_changed = true;
        held.iter().try_for_each(|frame| {
            let text = std::str::from_utf8(frame).map_err(|error| DecodeError::new(error.to_string()));
            self.receive(text.and_then(Inbound::parse), effects)
        })
    }

    fn thread_resumed(&mut self, thread: &ThreadId, gap: Duration, turns: &[Turn], effects: &mut Effects) {
        self.subscribed.insert(thread.clone());
        let notification = self.router.admit(reconnected(Some(thread), gap, turns));
        let listeners = self.router.of_thread(thread).iter().cloned();
        effects.deliveries.extend(listeners.map(|queue| (queue, notification.clone())));
        for turn in turns {
            if turn.status == TurnStatus::InProgress {
                let interrupt = self.turns.started(thread, &turn.id, turn.root_turn_id.clone());
                self.interrupt(interrupt, effects);
            } else if turn.completed_at.is_some() && self.turns.is_running(&turn.id) {
                self.turn_completed(thread, &turn.id);
            }
        }
    }
}

fn reconnected(thread_id: Option<&ThreadId>, gap: Duration, turns: &[Turn]) -> RawNotification {
    let gap_ms = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX);
    let params = to_raw_value(&Reconnected { thread_id, gap_ms, turns });
    // What was just read from JSON can be written as JSON.
    RawNotification::new(RECONNECTED, params.unwrap_or_default())
}
