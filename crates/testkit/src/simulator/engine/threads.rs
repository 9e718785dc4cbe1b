//! What the server keeps about threads and their turns.

use crate::simulator::wire;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All threads, by id. Ids grow, so the order is that of their beginning.
#[derive(Debug, Default)]
pub(super) struct Threads {
    threads: BTreeMap<String, Thread>,
}

/// A thread and its turns.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) info: Value,
    pub(super) turns: Vec<Turn>,
    /// The turn that runs.
    pub(super) active: Option<String>,
    /// Answers of the model so far.
    pub(super) answers: i64,
}

/// A turn as it is kept.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) error: Value,
    pub(super) items: Vec<Value>,
    pub(super) started_ms: Option<i64>,
    pub(super) completed_ms: Option<i64>,
    /// What is said instead of the truth: a status, and whether with a time of completion.
    pub(super) said: Option<(String, bool)>,
}

impl Threads {
    pub(super) fn add(&mut self, id: String, info: Value) {
        self.threads.insert(id, Thread { info, turns: Vec::new(), active: None, answers: 0 });
    }

    pub(super) fn get(&self, id: &str) -> Option<&Thread> {
        self.threads.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Thread> {
        self.threads.get_mut(id)
    }

    pub(super) fn turn_mut(&mut self, thread: &str, turn: &str) -> Option<&mut Turn> {
        self.get_mut(thread)?.turns.iter_mut().rev().find(|known| known.id == turn)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Thread> {
        self.threads.values()
    }
}

impl Thread {
    /// The thread as it is read, with its turns or without.
    pub(super) fn read(&self, with_turns: bool, now_ms: i64) -> Value {
        let mut info = self.info.clone();
        let status = if self.active.is_some() {
            json!({ "type": "active", "activeFlags": [] })
        } else {
            json!({ "type": "idle" })
        };
        info["status"] = status;
        if with_turns {
            info["turns"] = self.turns.iter().map(|turn| turn.read("full", now_ms)).collect();
        }
        info
    }

    /// The turns, newest first, from a place on: at most so many, and the place of the next one.
    pub(super) fn page(
        &self,
        from: usize,
        limit: usize,
        view: &str,
        now_ms: i64,
    ) -> (Vec<Value>, Option<usize>) {
        let page: Vec<Value> =
            self.turns.iter().rev().skip(from).take(limit).map(|turn| turn.read(view, now_ms)).collect();
        let next = from + page.len();
        (page, (next < self.turns.len()).then_some(next))
    }
}

impl Turn {
    pub(super) fn new(id: String) -> Self {
        Self {
            id,
            status: "inProgress".into(),
            error: Value::Null,
            items: Vec::new(),
            started_ms: None,
            completed_ms: None,
            said: None,
        }
    }

    /// The turn as it is told: with no items, with a summary of them, or with all.
    pub(super) fn read(&self, view: &str, now_ms: i64) -> Value {
        let (status, completed_ms) = match &self.said {
            Some((status, completed)) => (status, completed.then(|| self.completed_ms.unwrap_or(now_ms))),
            None => (&self.status, self.completed_ms),
        };
        let kind = |item: &&Value, kind: &str| item["type"] == kind;
        let items: Vec<&Value> = match view {
            "full" => self.items.iter().collect(),
            "summary" => {
                let said = self.items.iter().find(|item| kind(item, "userMessage"));
                said.into_iter().chain(self.answer()).collect()
            }
            _ => Vec::new(),
        };
        let seconds = |ms: Option<i64>| ms.map(|ms| ms / 1000);
        let duration = self.started_ms.zip(completed_ms).map(|(from, to)| to - from);
        json!({
            "id": self.id, "rootTurnId": self.id, "items": items, "itemsView": view, "status": status,
            "error": self.error, "startedAt": seconds(self.started_ms), "completedAt": seconds(completed_ms),
            "durationMs": duration,
        })
    }

    /// The turn as `turn/completed` tells it: with the last message of the agent if it ended well.
    pub(super) fn told(&self, now_ms: i64) -> Value {
        let mut told = self.read("notLoaded", now_ms);
        if let Some(answer) = self.answer().filter(|_| self.status == "completed") {
            told["items"] = json!([answer]);
            told["itemsView"] = "summary".into();
        }
        told
    }

    fn answer(&self) -> Option<&Value> {
        self.items.iter().rev().find(|item| item["type"] == "agentMessage")
    }
}

/// A thread that is made now.
pub(super) fn make(id: &str, parent: Option<&str>, asked: &Value, now_ms: i64) -> Value {
    wire::thread(id, parent, asked, now_ms / 1000)
}
