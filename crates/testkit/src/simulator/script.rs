//! The script of a simulated server.

use super::act::Act;
use super::reply::Reply;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

/// What a simulated server does. Without any instructions it answers every turn with one sentence.
///
/// It is plain data: it can be cloned, printed, and sent to another process as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[must_use]
pub struct Simulator {
    turns: VecDeque<Act>,
    routes: Vec<(String, Act)>,
    every_turn: Option<Act>,
    replies: HashMap<String, VecDeque<Reply>>,
    standing_replies: HashMap<String, Reply>,
    pub(super) greeting: Option<Act>,
    pub(super) ignores_eof: bool,
    pub(super) ignores_sigterm: bool,
    pub(super) exit_code: i32,
    pub(super) pieces: Option<usize>,
}

/// What the agent says when nothing else is scripted.
const USUAL: &str = "Hello from the simulator.";

impl Simulator {
    /// A server that behaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the next turn does. Turns take their acts in the order in which they are started.
    pub fn turn(mut self, act: Act) -> Self {
        self.turns.push_back(act);
        self
    }

    /// What a turn does whose input contains this text. It comes before the acts in order, and can be played again.
    pub fn when_asked(mut self, text: impl Into<String>, act: Act) -> Self {
        self.routes.push((text.into(), act));
        self
    }

    /// What all turns do that have no act of their own.
    pub fn every_turn(mut self, act: Act) -> Self {
        self.every_turn = Some(act);
        self
    }

    /// How the next call of this method is answered. More than one wait for their turn.
    pub fn on(mut self, method: impl Into<String>, reply: Reply) -> Self {
        self.replies.entry(method.into()).or_default().push_back(reply);
        self
    }

    /// How every call of this method is answered for which there is no other reply.
    pub fn always(mut self, method: impl Into<String>, reply: Reply) -> Self {
        self.standing_replies.insert(method.into(), reply);
        self
    }

    /// What the server does right after it has answered `initialize`.
    pub fn greets(mut self, act: Act) -> Self {
        self.greeting = Some(act);
        self
    }

    /// Writes at most so many bytes at once, so that frames come in pieces.
    pub fn in_pieces_of(mut self, bytes: usize) -> Self {
        self.pieces = Some(bytes.max(1));
        self
    }

    /// Goes on when its input ends.
    pub fn ignores_eof(mut self) -> Self {
        self.ignores_eof = true;
        self
    }

    /// Goes on when it gets SIGTERM. As a program only.
    pub fn ignores_sigterm(mut self) -> Self {
        self.ignores_sigterm = true;
        self
    }

    /// The code with which it ends when its input ends. As a program only.
    pub fn exit_code(mut self, code: i32) -> Self {
        self.exit_code = code;
        self
    }

    /// The act for a turn with this input.
    pub(super) fn take_act(&mut self, input: &Value) -> Act {
        let said = |text: &str| {
            input
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|part| part["text"].as_str())
                .any(|part| part.contains(text))
        };
        if let Some((_, act)) = self.routes.iter().find(|(text, _)| said(text)) {
            return act.clone();
        }
        let next = self.turns.pop_front().or_else(|| self.every_turn.clone());
        next.unwrap_or_else(|| Act::new().text(USUAL))
    }

    /// How a call of this method is answered.
    pub(super) fn take_reply(&mut self, method: &str) -> Reply {
        let next = self.replies.get_mut(method).and_then(VecDeque::pop_front);
        next.or_else(|| self.standing_replies.get(method).cloned()).unwrap_or_else(Reply::usual)
    }
}
