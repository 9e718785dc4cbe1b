//! A connection without tasks, and a model of the server behind it: who started which turn, and what became of it.

use crate::client::core::{CallGuard, Core, StartTurn};
use crate::client::outbox::{Outbox, OutboxReceiver};
use crate::error::{CloseReason, Closed, Error};
use crate::limits::Limits;
use crate::protocol::envelope::Inbound;
use crate::protocol::{ThreadId, TurnId};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A turn on the server.
#[derive(Debug, Default)]
pub(super) struct Turn {
    thread: u8,
    announced: bool,
    ended: bool,
    /// Whether the client has said good-bye to the turn, and knows its id.
    pub(super) unwanted: bool,
    /// Interrupts that wait for an answer, and whether one was accepted.
    interrupting: usize,
    interrupted: bool,
}

/// A call of the client.
struct Caller {
    /// Gone when the caller has given up, or has its answer.
    guard: Option<CallGuard>,
    id: i64,
    /// For a `turn/start`: the thread.
    thread: Option<u8>,
    /// The turn that it may have joined.
    joinable: Option<usize>,
    written: bool,
    /// The turn that the server has started for it, or let it join.
    turn: Option<usize>,
    answered: bool,
}

pub(super) struct Model {
    core: Arc<Core>,
    outbox: OutboxReceiver,
    callers: Vec<Caller>,
    pub(super) turns: Vec<Turn>,
    /// Callers whose `turn/start` the server will answer next, in this order.
    starts: VecDeque<usize>,
    interrupts: VecDeque<(i64, usize)>,
    closed: bool,
}

fn turn_id(turn: usize) -> TurnId {
    TurnId::new(format!("u{turn}"))
}

fn thread_id(thread: u8) -> ThreadId {
    ThreadId::new(format!("t{thread}"))
}

impl Model {
    pub(super) fn new() -> Self {
        let limits = Limits::default();
        let (outbox, receiver) = Outbox::new(limits.outbound_queue);
        let (core, _) = Core::new(limits, outbox, None, false);
        let (callers, turns) = (Vec::new(), Vec::new());
        let (starts, interrupts) = (VecDeque::new(), VecDeque::new());
        Self { core, outbox: receiver, callers, turns, starts, interrupts, closed: false }
    }

    pub(super) fn callers(&self) -> usize {
        self.callers.len()
    }

    /// Calls a method, or starts a turn on a thread. It joins only a turn that the client knows of: which of two
    /// starts at once has joined the other cannot be told.
    pub(super) fn call(&mut self, thread: Option<u8>, join: bool) {
        let running = thread.and_then(|thread| self.known_to_run(thread));
        let start = thread.map(|thread| StartTurn {
            thread: thread_id(thread),
            exclusive: !(join && running.is_some()),
            owned: true,
        });
        match self.core.register(start) {
            Err(error) => assert!(thread.is_some() || error.is_closed(), "{error}"),
            Ok(guard) => {
                assert!(!self.closed);
                let id = guard.id();
                let (guard, joinable) = (Some(guard), running);
                let (written, answered) = (false, false);
                self.callers.push(Caller { guard, id, thread, joinable, written, turn: None, answered });
            }
        }
    }

    fn known_to_run(&self, thread: u8) -> Option<usize> {
        let active = self.core.update(|state, _| state.turns.active(&thread_id(thread)).cloned());
        self.turns.iter().enumerate().map(|(turn, _)| turn).find(|turn| Some(turn_id(*turn)) == active)
    }

    /// The writer comes to the frame of a call. The server takes it in: it starts a turn, or joins the running one.
    pub(super) fn write(&mut self, caller: usize) {
        let call = &mut self.callers[caller];
        if call.written {
            return;
        }
        let wanted = self.core.update(|state, _| state.pending.claim(call.id));
        assert_eq!(wanted, call.guard.is_some() && !self.closed, "it is written as long as somebody waits");
        call.written = wanted;
        if let (true, Some(thread)) = (wanted, call.thread) {
            let running = self.turns.iter().position(|turn| turn.thread == thread && !turn.ended);
            call.turn = Some(running.unwrap_or(self.turns.len()));
            if running.is_none() {
                self.turns.push(Turn { thread, ..Turn::default() });
            }
            self.starts.push_back(caller);
        }
    }

    /// The caller gives up.
    pub(super) fn forget(&mut self, caller: usize) {
        let call = &mut self.callers[caller];
        if call.guard.take().is_some() && call.answered {
            Self::say_good_bye(call, &mut self.turns);
        }
        self.look_at_interrupts();
    }

    /// The caller takes its answer.
    pub(super) fn read(&mut self, caller: usize) {
        let call = &mut self.callers[caller];
        if let (Some(guard), true) = (&mut call.guard, call.answered) {
            let answer = std::pin::pin!(guard.answer()).poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(answer, Poll::Ready(Ok(_))), "it was answered");
            call.guard = None;
        }
    }

    /// The server answers what it was asked first, or a call that starts no turn.
    pub(super) fn answer(&mut self, caller: Option<usize>, refuse: bool) {
        let caller = match caller {
            Some(other) if self.callers[other].thread.is_some() => return,
            Some(other) => other,
            None => match self.starts.pop_front() {
                Some(start) => start,
                None => return,
            },
        };
        let call = &mut self.callers[caller];
        if !call.written || call.answered || self.closed {
            return;
        }
        call.answered = true;
        let frame = match call.turn {
            Some(turn) => {
                if call.guard.is_none() {
                    Self::say_good_bye(call, &mut self.turns);
                }
                json!({ "id": call.id, "result": { "turn": { "id": turn_id(turn) } } })
            }
            None if refuse => json!({ "id": call.id, "error": { "code": 1, "message": "no" } }),
            None => json!({ "id": call.id, "result": {} }),
        };
        self.receive(&frame);
    }

    fn say_good_bye(call: &Caller, turns: &mut [Turn]) {
        if let Some(turn) = call.turn.filter(|turn| call.joinable != Some(*turn)) {
            turns[turn].unwanted |= !turns[turn].ended;
        }
    }

    /// The owner of a turn no longer wants it.
    pub(super) fn abandon(&mut self, turn: usize) {
        let known = self.turns[turn].announced
            || self.callers.iter().any(|call| call.turn == Some(turn) && call.answered);
        self.core.abandon_turn(&turn_id(turn));
        self.turns[turn].unwanted |= known && !self.turns[turn].ended;
        self.look_at_interrupts();
    }

    pub(super) fn announce(&mut self, turn: usize) {
        if !self.turns[turn].ended {
            self.turns[turn].announced = true;
            self.tell("turn/started", turn);
        }
    }

    pub(super) fn speak(&mut self, turn: usize) {
        if self.turns[turn].announced && !self.turns[turn].ended {
            let of = json!({ "threadId": thread_id(self.turns[turn].thread), "turnId": turn_id(turn) });
            self.receive(&json!({ "method": "item/started", "params": of }));
        }
    }

    pub(super) fn end(&mut self, turn: usize) {
        if self.turns[turn].announced && !self.turns[turn].ended {
            self.turns[turn].ended = true;
            self.tell("turn/completed", turn);
        }
    }

    fn tell(&mut self, method: &str, turn: usize) {
        let thread = thread_id(self.turns[turn].thread);
        let params = json!({ "threadId": thread, "turn": { "id": turn_id(turn) } });
        self.receive(&json!({ "method": method, "params": params }));
    }

    /// The server answers the oldest interrupt; one that comes after the end is always refused.
    pub(super) fn answer_interrupt(&mut self, accept: bool) {
        let Some((id, turn)) = self.interrupts.pop_front() else { return };
        let accept = accept && !self.turns[turn].ended;
        self.turns[turn].interrupting -= 1;
        self.turns[turn].interrupted |= accept;
        self.receive(&match accept {
            true => json!({ "id": id, "result": {} }),
            false => json!({ "id": id, "error": { "code": -32600, "message": "no active turn" } }),
        });
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        let why = Error::closed(Closed::new(CloseReason::Eof));
        self.core.update(|state, effects| state.close(why, effects));
    }

    fn receive(&mut self, frame: &Value) {
        let frame = frame.to_string();
        let parsed = Inbound::parse(&frame);
        self.core.update(|state, effects| state.receive(parsed, effects)).unwrap();
        self.look_at_interrupts();
    }

    /// An interrupt is sent for a turn that is announced, has not ended, is not wanted, and once at a time.
    fn look_at_interrupts(&mut self) {
        while let Ok(outgoing) = self.outbox.control.try_recv() {
            let frame: Value = serde_json::from_str(&outgoing.frame).unwrap();
            assert_eq!(frame["method"], "turn/interrupt");
            let named = frame["params"]["turnId"].as_str().unwrap();
            let turn = named[1..].parse::<usize>().unwrap();
            let it = &mut self.turns[turn];
            assert!(it.announced && !it.ended && it.unwanted && !it.interrupted, "{named} {it:?}");
            assert_eq!((it.interrupting, self.closed), (0, false), "{named}");
            it.interrupting += 1;
            assert_eq!(outgoing.call, None, "nobody can give it up");
            let id = frame["id"].as_i64().unwrap();
            self.interrupts.push_back((id, turn));
        }
    }

    /// The server does all that it owes.
    pub(super) fn settle(&mut self) {
        for caller in 0..self.callers.len() {
            self.answer(Some(caller), false);
        }
        while !self.starts.is_empty() {
            self.answer(None, false);
        }
        (0..self.turns.len()).for_each(|turn| {
            if !self.turns[turn].announced {
                self.announce(turn);
            }
            while !self.interrupts.is_empty() {
                self.answer_interrupt(false);
            }
            self.speak(turn);
            while !self.interrupts.is_empty() {
                self.answer_interrupt(true);
            }
            self.speak(turn);
        });
    }

    /// Who is not wanted was stopped, and nobody else.
    pub(super) fn check_interrupts(&self) {
        for turn in self.turns.iter().filter(|turn| !turn.ended) {
            assert!(self.closed || turn.interrupted == turn.unwanted, "{turn:?}");
        }
    }

    /// All callers have gone, and all turns have ended: nothing is kept of them.
    pub(super) fn check_leaks(&mut self) {
        (0..self.callers.len()).for_each(|caller| self.forget(caller));
        self.settle();
        (0..self.turns.len()).for_each(|turn| self.end(turn));
        let left = self.core.update(|state, _| (state.pending.len(), state.turns.len()));
        assert_eq!(left, (0, 0), "calls and turns that are kept for nobody");
    }
}
