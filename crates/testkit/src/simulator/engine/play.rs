//! Playing acts, one step at a time, all that run side by side.

use super::threads::{self, Turn};
use super::{Engine, OpenAsk};
use crate::simulator::act::Act;
use crate::simulator::reply::Reply;
use crate::simulator::step::{Ending, Pieces, Step};
use crate::simulator::wire;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// An act that is being played.
#[derive(Debug)]
pub(super) struct Run {
    thread: String,
    turn: String,
    steps: VecDeque<Step>,
    /// How far the run of deltas at the front has come.
    said: usize,
    /// The `turn/start` that has not been answered yet, and how it will be.
    call: Option<(Value, Reply)>,
    input: Value,
    client_id: Value,
    waits: Waits,
    pub(super) announced: bool,
    pub(super) ignores_interrupts: bool,
}

/// What a run waits for.
#[derive(Debug, PartialEq, Eq)]
enum Waits {
    No,
    Until(Duration),
    /// The answer to this request; for an approval, with its item.
    Answer(i64, Option<Value>),
    Forever,
}

/// Deltas that one run says before the next one has its turn.
const AT_ONCE: usize = 16;

impl Run {
    /// Steps outside of any turn.
    pub(super) fn without_turn(steps: Vec<Step>) -> Self {
        Self {
            thread: String::new(),
            turn: String::new(),
            steps: steps.into(),
            said: 0,
            call: None,
            input: Value::Null,
            client_id: Value::Null,
            waits: Waits::No,
            announced: false,
            ignores_interrupts: false,
        }
    }

    pub(super) fn wakes_at(&self) -> Option<Duration> {
        match self.waits {
            Waits::Until(time) => Some(time),
            _ => None,
        }
    }

    pub(super) fn interrupt(&mut self) {
        self.steps = [Step::End(Ending::Interrupted), Step::Withdraw].into();
        self.said = 0;
        self.waits = Waits::No;
    }

    fn has_turn(&self) -> bool {
        !self.turn.is_empty()
    }
}

impl Engine {
    /// Begins a turn.
    pub(super) fn begin_run(&mut self, thread: &str, act: Act, params: &Value, call: Option<(Value, Reply)>) {
        let turn = self.fresh_id();
        if let Some(known) = self.threads.get_mut(thread) {
            known.turns.push(Turn::new(turn.clone()));
            known.active = Some(turn.clone());
        }
        let ignores_interrupts = act.ignores_interrupts;
        let mut run = Run::without_turn(act.into_steps());
        run.call = call;
        run.input = if params["input"].is_array() { params["input"].clone() } else { json!([]) };
        run.client_id = params["clientUserMessageId"].clone();
        run.ignores_interrupts = ignores_interrupts;
        (run.thread, run.turn) = (thread.to_owned(), turn);
        self.runs.push(run);
    }

    pub(super) fn run_of(&mut self, thread: &str, turn: &str) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.thread == thread && run.turn == turn)
    }

    /// More input for the turn that runs. The item of it comes at the next step.
    pub(super) fn add_input(&mut self, thread: &str, params: &Value) {
        let item = self.fresh_id();
        let message = wire::user_message(&item, &params["clientUserMessageId"], &params["input"]);
        let active = self.threads.get(thread).and_then(|thread| thread.active.clone());
        if let Some(run) = active.and_then(|turn| self.run_of(thread, &turn)) {
            let at = usize::from(run.said > 0);
            run.steps.insert(at, Step::Close(message.clone()));
            run.steps.insert(at, Step::Open(message));
        }
    }

    /// Lets every run take a step. False when all of them wait.
    pub(super) fn play_all(&mut self) -> bool {
        let mut progress = false;
        // Runs that begin meanwhile have their turn in the next round.
        for at in 0..self.runs.len() {
            let mut run = std::mem::replace(&mut self.runs[at], Run::without_turn(Vec::new()));
            if matches!(run.waits, Waits::Until(time) if time <= self.now) {
                run.waits = Waits::No;
            }
            if run.waits == Waits::No && !run.steps.is_empty() {
                self.play(&mut run);
                progress = true;
            }
            self.runs[at] = run;
        }
        self.runs.retain(|run| !run.steps.is_empty() || run.waits != Waits::No);
        progress
    }

    fn play(&mut self, run: &mut Run) {
        let Some(step) = run.steps.pop_front() else { return };
        match step {
            Step::Respond => self.respond(run),
            Step::Begin => self.announce(run),
            Step::Open(item) => self.open(run, item),
            Step::Close(item) => self.close(run, item),
            Step::Deltas { method, item, pieces } => self.deltas(run, method, item, pieces),
            Step::Usage => self.usage(run),
            Step::Notify { method, params } => {
                let params = self.with_ids(run, params);
                self.notify(&method, &params);
            }
            Step::Ask { method, params, waits } => {
                let id = self.ask(run, &method, params);
                if waits {
                    run.waits = Waits::Answer(id, None);
                }
            }
            Step::Approval { item, method, params } => {
                // In this order for commands, in the other for changes of files.
                if item["type"] == "commandExecution" {
                    self.status(run, &["waitingOnApproval"]);
                    self.open(run, item.clone());
                } else {
                    self.open(run, item.clone());
                    self.status(run, &["waitingOnApproval"]);
                }
                let id = self.ask(run, &method, params);
                run.waits = Waits::Answer(id, Some(item));
            }
            Step::Withdraw => self.withdraw(run),
            Step::End(Ending::Never) => run.waits = Waits::Forever,
            Step::End(ending) => self.end(run, ending),
            Step::StoredAs { status, completed } => {
                if let Some(turn) = self.threads.turn_mut(&run.thread, &run.turn) {
                    turn.said = Some((status, completed));
                }
            }
            Step::Child(act) => self.child(run, *act),
            Step::Successor(act) => {
                let thread = run.thread.clone();
                self.begin_run(&thread, *act, &json!({}), None);
            }
            Step::Bytes(bytes) => self.send_bytes(&bytes),
            Step::Wait(time) => run.waits = Waits::Until(self.now + time),
            Step::Deed(deed) => self.deed(deed),
        }
    }

    fn respond(&mut self, run: &mut Run) {
        let Some((id, reply)) = run.call.take() else { return };
        let now = self.now_ms();
        let told = self.threads.turn_mut(&run.thread, &run.turn).map(|turn| turn.told(now));
        self.reply(&id, &reply, Ok(json!({ "turn": told })));
    }

    fn announce(&mut self, run: &mut Run) {
        if !run.has_turn() {
            return;
        }
        run.announced = true;
        self.status(run, &[]);
        let now = self.now_ms();
        let started = self.threads.turn_mut(&run.thread, &run.turn).map(|turn| {
            turn.started_ms = Some(now);
            turn.told(now)
        });
        self.notify("turn/started", &json!({ "threadId": run.thread, "turn": started }));
        if run.input.as_array().is_some_and(|input| !input.is_empty()) {
            let id = self.fresh_id();
            let message = wire::user_message(&id, &run.client_id, &run.input);
            self.open(run, message.clone());
            self.close(run, message);
        }
    }

    fn status(&mut self, run: &Run, flags: &[&str]) {
        let status = json!({ "type": "active", "activeFlags": flags });
        self.notify("thread/status/changed", &json!({ "threadId": run.thread, "status": status }));
    }

    fn open(&mut self, run: &Run, mut item: Value) {
        let now = self.now_ms();
        (item["startedAtMs"], item["completedAtMs"]) = (now.into(), Value::Null);
        let params = self.with_ids(run, json!({ "item": item, "startedAtMs": now }));
        self.notify("item/started", &params);
    }

    fn close(&mut self, run: &Run, mut item: Value) {
        let now = self.now_ms();
        (item["startedAtMs"], item["completedAtMs"]) = (now.into(), now.into());
        if let Some(turn) = self.threads.turn_mut(&run.thread, &run.turn) {
            turn.items.push(item.clone());
        }
        let params = json!({ "item": item, "contentTokenCount": null, "completedAtMs": now });
        let params = self.with_ids(run, params);
        self.notify("item/completed", &params);
    }

    fn deltas(&mut self, run: &mut Run, method: String, item: String, pieces: Pieces) {
        let (at, head) = (self.now_ms(), delta_head(run, &method, &item));
        let end = pieces.len().min(run.said + AT_ONCE);
        for piece in run.said..end {
            let delta = json!(pieces.get(piece));
            self.send_text(&format!(r#"{head}{delta}}},"emittedAtMs":{at}}}"#));
        }
        run.said = end;
        if end == pieces.len() {
            run.said = 0;
        } else {
            run.steps.push_front(Step::Deltas { method, item, pieces });
        }
    }

    fn usage(&mut self, run: &Run) {
        let Some(thread) = self.threads.get_mut(&run.thread) else { return };
        thread.answers += 1;
        let usage = wire::token_usage(thread.answers);
        let params = json!({ "threadId": run.thread, "turnId": run.turn, "tokenUsage": usage });
        self.notify("thread/tokenUsage/updated", &params);
        self.notify("account/rateLimits/updated", &wire::rate_limits());
    }

    fn end(&mut self, run: &mut Run, ending: Ending) {
        let now = self.now_ms();
        let (status, error) = match &ending {
            Ending::Failed { message, info } => ("failed", wire::turn_error(message, info)),
            Ending::Interrupted => ("interrupted", Value::Null),
            Ending::Other(status) => (status.as_str(), Value::Null),
            _ => ("completed", Value::Null),
        };
        let Some(turn) = self.threads.turn_mut(&run.thread, &run.turn) else { return };
        (turn.status, turn.error, turn.completed_ms) = (status.to_owned(), error.clone(), Some(now));
        let told = turn.told(now);
        if let Some(thread) = self.threads.get_mut(&run.thread)
            && thread.active.as_ref() == Some(&run.turn)
        {
            thread.active = None;
        }
        if ending == Ending::Unseen {
            return;
        }
        let thread = &run.thread;
        let idle = if status == "failed" { "systemError" } else { "idle" };
        let idle = json!({ "threadId": thread, "status": { "type": idle } });
        let read_state = json!({ "firstUnread": { "type": "turn", "turnId": run.turn },
            "revision": "00000000-0000-4000-8000-000000000000" });
        let read_state = json!({ "threadId": thread, "readState": read_state });
        match status {
            "failed" => {
                self.notify("thread/status/changed", &idle);
                let params = self.with_ids(run, json!({ "error": error, "willRetry": false }));
                self.notify("error", &params);
                self.notify("thread/readState/changed", &read_state);
            }
            "interrupted" => self.notify("thread/status/changed", &idle),
            _ => {
                self.notify("thread/readState/changed", &read_state);
                self.notify("thread/status/changed", &idle);
            }
        }
        self.notify("turn/completed", &json!({ "threadId": thread, "turn": told }));
    }

    fn child(&mut self, run: &Run, act: Act) {
        let thread = self.fresh_id();
        let info = threads::make(&thread, Some(&run.thread), &json!({}), self.now_ms());
        self.threads.add(thread.clone(), info.clone());
        self.notify("thread/started", &json!({ "thread": info }));
        self.begin_run(&thread, act, &json!({}), None);
    }

    fn ask(&mut self, run: &Run, method: &str, params: Value) -> i64 {
        let id = self.next_ask;
        self.next_ask += 1;
        let mut params = self.with_ids(run, params);
        if method.ends_with("/requestApproval") {
            params["startedAtMs"] = self.now_ms().into();
        }
        self.asks.insert(id, OpenAsk { thread: run.thread.clone(), turn: run.turn.clone() });
        self.send(&json!({ "method": method, "id": id, "params": params }));
        id
    }

    /// Withdraws the requests of a turn; outside of a turn those of all. Whoever waited for an answer goes on.
    fn withdraw(&mut self, run: &Run) {
        let concerned = |ask: &OpenAsk| !run.has_turn() || ask.turn == run.turn;
        let open: Vec<i64> = self.asks.iter().filter(|(_, ask)| concerned(ask)).map(|(id, _)| *id).collect();
        for id in open {
            self.resolve(id);
            for waiting in &mut self.runs {
                if matches!(waiting.waits, Waits::Answer(of, _) if of == id) {
                    waiting.waits = Waits::No;
                }
            }
        }
    }

    fn resolve(&mut self, id: i64) {
        if let Some(ask) = self.asks.remove(&id) {
            self.notify("serverRequest/resolved", &json!({ "threadId": ask.thread, "requestId": id }));
        }
    }

    /// Takes in an answer of the client. Late and unknown ones are ignored.
    pub(super) fn answered(&mut self, id: &Value, answer: &Value) {
        let Some(id) = id.as_i64().filter(|id| self.asks.contains_key(id)) else { return };
        self.resolve(id);
        let Some(at) = self.runs.iter().position(|run| matches!(run.waits, Waits::Answer(of, _) if of == id))
        else {
            return;
        };
        let mut run = std::mem::replace(&mut self.runs[at], Run::without_turn(Vec::new()));
        if let Waits::Answer(_, Some(item)) = std::mem::replace(&mut run.waits, Waits::No) {
            self.status(&run, &[]);
            self.decided(&mut run, item, answer["result"]["decision"].as_str());
        }
        self.runs[at] = run;
    }

    /// What becomes of an item that needed approval.
    fn decided(&mut self, run: &mut Run, item: Value, decision: Option<&str>) {
        let is_command = item["type"] == "commandExecution";
        let status = match decision {
            Some("accept" | "acceptForSession") => "completed",
            Some("decline" | "cancel") => "declined",
            _ => "failed",
        };
        if decision == Some("cancel") {
            run.interrupt();
            if !is_command {
                return;
            }
        }
        let output = (status == "completed").then_some("");
        let mut ended = if is_command { wire::command_ended(&item, status, output) } else { item };
        ended["status"] = status.into();
        self.close(run, ended);
    }

    fn with_ids(&self, run: &Run, mut params: Value) -> Value {
        if run.has_turn() && params.is_object() {
            for (name, id) in [("threadId", &run.thread), ("turnId", &run.turn)] {
                if params.get(name).is_none() {
                    params[name] = id.as_str().into();
                }
            }
        }
        params
    }
}

/// A delta up to its text. Written by hand, since there may be a million of them.
fn delta_head(run: &Run, method: &str, item: &str) -> String {
    let (method, item, thread, turn) = (json!(method), json!(item), json!(run.thread), json!(run.turn));
    format!(r#"{{"method":{method},"params":{{"threadId":{thread},"turnId":{turn},"itemId":{item},"delta":"#)
}
