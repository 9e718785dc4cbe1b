//! The simulated server without any I/O: lines in, bytes and deeds out, and time as a parameter.

mod calls;
mod play;
mod threads;

use super::act::Act;
use super::script::Simulator;
use super::step::{Deed, Step};
use super::wire;
use play::Run;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use threads::Threads;

/// What the server does next, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// It writes.
    Bytes(Vec<u8>),
    /// It does something outside of the protocol.
    Deed(Deed),
}

/// The state of a simulated server.
#[derive(Debug)]
pub(super) struct Engine {
    script: Simulator,
    threads: Threads,
    /// Acts being played, in the order of their beginning.
    runs: Vec<Run>,
    /// Answers that wait for their time, by that time and the order of their calls.
    late: BTreeMap<(Duration, u64), Vec<Value>>,
    /// Which run each open request to the client belongs to: the id of its turn.
    asks: BTreeMap<i64, OpenAsk>,
    next_ask: i64,
    next_id: u64,
    hello: bool,
    now: Duration,
    output: VecDeque<Output>,
    received: VecDeque<Value>,
    /// Lines of the client that were no frames.
    rejected: usize,
}

#[derive(Debug)]
struct OpenAsk {
    thread: String,
    turn: String,
}

/// When the simulated clock starts, in milliseconds of Unix time.
const EPOCH_MS: i64 = 1_800_000_000_000;

/// How many of the client's frames are kept.
const KEPT_FRAMES: usize = 100_000;

/// How much unwritten output is enough for now.
const ENOUGH: usize = 256 * 1024;

impl Engine {
    pub(super) fn new(script: Simulator) -> Self {
        Self {
            script,
            threads: Threads::default(),
            runs: Vec::new(),
            late: BTreeMap::new(),
            asks: BTreeMap::new(),
            next_ask: 0,
            next_id: 0,
            hello: false,
            now: Duration::ZERO,
            output: VecDeque::new(),
            received: VecDeque::new(),
            rejected: 0,
        }
    }

    /// The frames that the client has sent, oldest first.
    pub(super) fn received(&self) -> impl Iterator<Item = &Value> {
        self.received.iter()
    }

    /// How many lines of the client were no frames.
    pub(super) fn rejected(&self) -> usize {
        self.rejected
    }

    /// How many bytes go out at once, if that is limited.
    pub(super) fn pieces(&self) -> Option<usize> {
        self.script.pieces
    }

    pub(super) fn ignores_eof(&self) -> bool {
        self.script.ignores_eof
    }

    pub(super) fn exit_code(&self) -> i32 {
        self.script.exit_code
    }

    /// Takes in one line of the client, without its line break.
    pub(super) fn receive(&mut self, line: &[u8], now: Duration) {
        self.now = now;
        let Ok(line) = std::str::from_utf8(line) else {
            // One byte that is not UTF-8 ends the input of the real server.
            self.rejected += 1;
            return self.output.push_back(Output::Deed(Deed::Exit(0)));
        };
        match serde_json::from_str::<Value>(line) {
            Ok(frame) if frame.is_object() => {
                if self.received.len() == KEPT_FRAMES {
                    self.received.pop_front();
                }
                self.received.push_back(frame.clone());
                self.frame(&frame);
            }
            // The real server says so on its standard error alone.
            _ => self.rejected += 1,
        }
    }

    /// Goes on with everything that can go on, and says when to come back.
    pub(super) fn advance(&mut self, now: Duration) -> Option<Duration> {
        self.now = now;
        while let Some(entry) = self.late.first_entry()
            && entry.key().0 <= now
        {
            entry.remove().iter().for_each(|frame| self.send(frame));
        }
        let mut progress = true;
        while progress && self.unwritten() < ENOUGH {
            progress = self.play_all();
        }
        let woken = self.runs.iter().filter_map(Run::wakes_at);
        let next = woken.chain(self.late.keys().map(|(time, _)| *time)).min();
        if progress { Some(now) } else { next }
    }

    /// What is to be done next.
    pub(super) fn take_output(&mut self) -> VecDeque<Output> {
        std::mem::take(&mut self.output)
    }

    /// Plays an act that nobody asked for: on this thread, or on none.
    pub(super) fn perform(&mut self, thread: Option<&str>, act: Act) {
        match thread {
            Some(thread) => self.begin_run(thread, act, &json!({}), None),
            None => self.afterwards(act.steps),
        }
    }

    fn frame(&mut self, frame: &Value) {
        match (frame["method"].as_str(), frame.get("id")) {
            (Some(method), Some(id)) if id.is_string() || id.is_i64() => {
                self.call(method, id, &frame["params"])
            }
            (Some(_), None) => {}
            (None, Some(id)) => self.answered(id, frame),
            // An id that is null, a fraction or too large.
            _ => self.rejected += 1,
        }
    }

    fn send(&mut self, frame: &Value) {
        self.send_text(&frame.to_string());
    }

    fn send_text(&mut self, frame: &str) {
        self.send_bytes(frame.as_bytes());
        self.send_bytes(b"\n");
    }

    /// What is said without a pause goes out in one write.
    fn send_bytes(&mut self, bytes: &[u8]) {
        match self.output.back_mut() {
            Some(Output::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.output.push_back(Output::Bytes(bytes.to_vec())),
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        let at = self.now_ms();
        self.send_text(&format!(r#"{{"method":{},"params":{params},"emittedAtMs":{at}}}"#, json!(method)));
    }

    fn deed(&mut self, deed: Deed) {
        self.output.push_back(Output::Deed(deed));
    }

    fn unwritten(&self) -> usize {
        let bytes = self.output.iter().map(|output| match output {
            Output::Bytes(bytes) => bytes.len(),
            Output::Deed(_) => 0,
        });
        bytes.sum()
    }

    fn now_ms(&self) -> i64 {
        EPOCH_MS + i64::try_from(self.now.as_millis()).unwrap_or_default()
    }

    /// An id like those of the real server, the same in every run.
    fn fresh_id(&mut self) -> String {
        self.next_id += 1;
        format!("01a31cf9-e000-7000-8000-{:012x}", self.next_id)
    }

    fn greet(&mut self) {
        self.notify("remoteControl/status/changed", &wire::remote_control());
        if let Some(greeting) = self.script.greeting.take() {
            self.afterwards(greeting.steps);
        }
    }

    fn afterwards(&mut self, steps: Vec<Step>) {
        if !steps.is_empty() {
            self.runs.push(Run::without_turn(steps));
        }
    }
}
