//! Which agents were started by which others: an agent that another one has started runs on a thread of its own.

use super::notification::Notification;
use crate::protocol::types::ThreadItem;
use crate::protocol::{ServerNotification, ThreadId};
use std::collections::{HashMap, VecDeque};

/// So many agents are remembered; the oldest are forgotten.
const AGENTS: usize = 4096;

/// Agents start agents only a few levels deep.
const GENERATIONS: usize = 32;

/// The agents that were started by others.
#[derive(Debug, Default)]
pub(super) struct Family {
    agents: HashMap<ThreadId, Agent>,
    oldest_first: VecDeque<ThreadId>,
}

#[derive(Debug)]
struct Agent {
    parent: ThreadId,
    name: Option<String>,
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
        if let Some(agent) = self.agents.get_mut(thread) {
            agent.name = agent.name.take().or(name);
        } else if thread != parent && !self.ancestors(parent).contains(thread) {
            self.agents.insert(thread.clone(), Agent { parent: parent.clone(), name });
            self.oldest_first.push_back(thread.clone());
            if self.agents.len() > AGENTS
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.agents.remove(&oldest);
            }
        }
    }

    /// What the agent is called.
    pub(super) fn name(&self, thread: &ThreadId) -> Option<String> {
        self.agents.get(thread)?.name.clone()
    }

    /// The threads on whose behalf the agent runs, the nearest first.
    pub(super) fn ancestors(&self, thread: &ThreadId) -> Vec<ThreadId> {
        let parent = |thread: &ThreadId| self.agents.get(thread).map(|agent| agent.parent.clone());
        std::iter::successors(parent(thread), parent).take(GENERATIONS).collect()
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
        assert!(family.ancestors(&"root".into()).is_empty());
    }

    #[test]
    fn one_who_only_talks_to_an_agent_does_not_become_its_parent() {
        let family = family(&[("child", "root"), ("child", "sibling"), ("root", "child"), ("self", "self")]);
        assert_eq!(family.ancestors(&"child".into()), ["root"]);
        assert!(family.ancestors(&"root".into()).is_empty());
        assert!(family.ancestors(&"self".into()).is_empty());
    }

    #[test]
    fn the_oldest_agents_are_forgotten_first() {
        let mut family = Family::default();
        for number in 0..=AGENTS {
            family.add(&ThreadId::new(format!("agent {number}")), &"root".into(), None);
        }
        assert_eq!(family.agents.len(), AGENTS);
        assert!(family.ancestors(&"agent 0".into()).is_empty());
        assert_eq!(family.ancestors(&"agent 1".into()), ["root"]);
    }
}
