//! Which agents were started by which others: an agent that another one has started runs on a thread of its own.

use super::notification::Notification;
use super::remembered::Remembered;
use crate::protocol::types::ThreadItem;
use crate::protocol::{ServerNotification, ThreadId};

/// So many agents are remembered; the oldest are forgotten.
const AGENTS: usize = 4096;

/// Agents start agents only a few levels deep.
const GENERATIONS: usize = 32;

/// The agents that were started by others.
#[derive(Debug)]
pub(super) struct Family(Remembered<ThreadId, Agent>);

#[derive(Debug)]
struct Agent {
    parent: ThreadId,
    name: Option<String>,
}

impl Default for Family {
    fn default() -> Self {
        Self(Remembered::up_to(AGENTS))
    }
}

impl Family {
    /// Learns of agents.
    pub(super) fn hear(&mut self, notification: &Notification) {
        let may_tell = match notification.method() {
            "item/started" | "item/completed" => {
                notification.mentions("\"collabAgentToolCall\"")
                    || notification.mentions("\"subAgentActivity\"")
            }
            "thread/started" => notification.mentions("\"parentThreadId\""),
            _ => false,
        };
        if !may_tell {
            return;
        }
        match ServerNotification::decode(notification.method(), &notification.raw.params) {
            Ok(ServerNotification::ItemStarted(started)) => self.item(&started.thread_id, &started.item),
            Ok(ServerNotification::ItemCompleted(done)) => self.item(&done.thread_id, &done.item),
            Ok(ServerNotification::ThreadStarted(started)) => {
                let thread = started.thread;
                if let Some(parent) = thread.parent_thread_id {
                    self.add(&thread.id, &parent, thread.agent_nickname);
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, thread: &ThreadId, item: &ThreadItem) {
        match item {
            ThreadItem::CollabAgentToolCall(call) => {
                for receiver in &call.receiver_thread_ids {
                    self.add(receiver, &call.sender_thread_id, None);
                }
            }
            ThreadItem::SubAgentActivity(activity) => {
                self.add(&activity.agent_thread_id, thread, Some(activity.agent_path.clone()));
            }
            _ => {}
        }
    }

    /// An agent's parent stays the one that was told first: later calls may come from others that only talk to it.
    fn add(&mut self, thread: &ThreadId, parent: &ThreadId, name: Option<String>) {
        if let Some(agent) = self.0.get_mut(thread) {
            agent.name = agent.name.take().or(name);
        } else if thread != parent && !self.ancestors(parent).contains(thread) {
            self.0.insert(thread.clone(), Agent { parent: parent.clone(), name });
        }
    }

    /// What the agent is called.
    pub(super) fn name(&self, thread: &ThreadId) -> Option<String> {
        self.0.get(thread)?.name.clone()
    }

    /// The threads on whose behalf the agent runs, the nearest first.
    pub(super) fn ancestors(&self, thread: &ThreadId) -> Vec<ThreadId> {
        let parent = |thread: &ThreadId| self.0.get(thread).map(|agent| agent.parent.clone());
        std::iter::successors(parent(thread), parent).take(GENERATIONS).collect()
    }

    /// The threads of all agents that run on behalf of this one.
    pub(super) fn descendants(&self, thread: &ThreadId) -> Vec<ThreadId> {
        self.0.keys().filter(|agent| self.ancestors(agent).contains(thread)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(told: &[(&str, &str)]) -> Family {
        let mut family = Family::default();
        for (thread, parent) in told {
            family.add(&(*thread).into(), &(*parent).into(), None);
        }
        family
    }

    #[test]
    fn an_agent_runs_on_behalf_of_all_who_led_to_it() {
        let family = family(&[("child", "root"), ("grandchild", "child")]);
        assert_eq!(family.ancestors(&"grandchild".into()), ["child", "root"]);
        assert_eq!(family.descendants(&"child".into()), ["grandchild"]);
        assert_eq!(family.descendants(&"root".into()).len(), 2);
        assert!(family.ancestors(&"root".into()).is_empty());
    }

    #[test]
    fn one_who_only_talks_to_an_agent_does_not_become_its_parent() {
        let family = family(&[("child", "root"), ("child", "sibling"), ("root", "child"), ("self", "self")]);
        assert_eq!(family.ancestors(&"child".into()), ["root"]);
        assert!(family.ancestors(&"root".into()).is_empty());
        assert!(family.ancestors(&"self".into()).is_empty());
    }
}
