//! Whatever comes, whoever reads: nothing is lost in silence, and every byte is accounted for.

use super::policy::{Entry, Held};
use super::queue::{Budget, Queue};
use crate::client::notification::Notification;
use crate::error::ErrorKind;
use crate::protocol::{Delivery, RawNotification};
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// One thing that happens to the queues of a connection.
#[derive(Clone, Debug)]
enum Op {
    /// The next notification comes for these queues.
    Push { queues: [bool; 3], what: What },
    /// The consumer of a queue comes for more.
    Take(usize),
    /// The consumer of a queue goes.
    Drop(usize),
}

#[derive(Clone, Debug)]
enum What {
    Text { item: u8, text: String },
    OddText(&'static str),
    Output(usize),
    Latest { method: &'static str, turn: u8, size: usize },
    Kept { method: &'static str, size: usize },
}

fn what() -> impl Strategy<Value = What> {
    let text = prop_oneof!["[a-z\"\\\\ü\n]{0,12}", "[a-z]{200,300}"];
    let odd = [
        "null",
        "[]",
        r#"{"delta":7}"#,
        r#"{"delta":"\ud83d"}"#,
        r#"{"delta":"\ude00"}"#,
        r#"{"delta":"a","delta":"b"}"#,
        r#"{"delta":"a","more":"\"delta\""}"#,
    ];
    let latest = ["turn/diff/updated", "thread/tokenUsage/updated"];
    let kept = ["item/started", "item/completed", "turn/completed", "brand/new"];
    prop_oneof![
        6 => (0..2u8, text).prop_map(|(item, text)| What::Text { item, text }),
        1 => prop::sample::select(odd.to_vec()).prop_map(What::OddText),
        3 => (0..400usize).prop_map(What::Output),
        2 => (prop::sample::select(latest.to_vec()), 0..2u8, 0..600usize)
            .prop_map(|(method, turn, size)| What::Latest { method, turn, size }),
        2 => (prop::sample::select(kept.to_vec()), 0..400usize)
            .prop_map(|(method, size)| What::Kept { method, size }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (any::<[bool; 3]>(), what()).prop_map(|(queues, what)| Op::Push { queues, what }),
        2 => (0..3usize).prop_map(Op::Take),
        1 => prop::sample::select(vec![0, 0, 1, 2usize]).prop_map(|queue| match queue {
            0 => Op::Take(0),
            other => Op::Drop(other),
        }),
    ]
}

impl What {
    fn notification(&self, sequence: u64) -> Arc<Notification> {
        let filled = |size: &usize| "z".repeat(*size);
        let (method, params) = match self {
            Self::Text { item, text } => {
                ("item/agentMessage/delta", json!({ "itemId": item, "delta": text }).to_string())
            }
            Self::OddText(params) => ("item/agentMessage/delta", (*params).to_owned()),
            Self::Output(size) => ("item/commandExecution/outputDelta", json!(filled(size)).to_string()),
            Self::Latest { method, size, .. } | Self::Kept { method, size } => {
                (*method, json!(filled(size)).to_string())
            }
        };
        let turn = match self {
            Self::Latest { turn, .. } => Some(turn.to_string().as_str().into()),
            _ => None,
        };
        let raw = RawNotification::new(method, RawValue::from_string(params).unwrap());
        Arc::new(Notification { sequence, raw, thread: None, turn })
    }
}

/// A queue and its consumer, who checks what comes against what was pushed.
struct Consumer {
    queue: Queue,
    budget: Arc<Budget>,
    pushed: Vec<Arc<Notification>>,
    /// So many of the pushed were read, joined into others, or marked as missing.
    seen: usize,
    taken: VecDeque<Held>,
    ended: bool,
}

impl Consumer {
    fn new(soft_limit: usize, budget: &Arc<Budget>) -> Self {
        let queue = Queue::new(soft_limit, budget.clone());
        Self {
            queue,
            budget: budget.clone(),
            pushed: Vec::new(),
            seen: 0,
            taken: VecDeque::new(),
            ended: false,
        }
    }

    fn push(&mut self, notification: &Arc<Notification>) {
        self.queue.push([notification.clone()]);
        if !self.ended {
            self.pushed.push(notification.clone());
            self.ended = self.queue.has_ended();
            let full = !self.queue.holds_droppable() && self.budget.used() > self.budget.limit();
            assert!(!self.ended || full, "it ended although there was room");
        }
    }

    /// Reads what can be taken at once. `false` when there is nothing.
    fn take(&mut self) -> bool {
        match self.queue.poll_take(&mut self.taken, &mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {
                assert!(!self.ended, "an ended queue says so");
                false
            }
            Poll::Ready(Err(error)) => {
                assert_eq!((error.kind(), self.ended), (ErrorKind::Lagged, true));
                false
            }
            Poll::Ready(Ok(())) => {
                for held in std::mem::take(&mut self.taken) {
                    self.check(held.into());
                }
                true
            }
        }
    }

    fn check(&mut self, entry: Entry) {
        match entry {
            Entry::Lagged { missed } => {
                assert!(missed > 0);
                for _ in 0..missed {
                    assert!(self.may_be_missing(self.seen), "{:?}", self.pushed[self.seen]);
                    self.seen += 1;
                }
            }
            Entry::Notification(notification) => {
                let joined: Vec<_> = self.pushed[self.seen..]
                    .iter()
                    .take_while(|pushed| pushed.sequence <= notification.sequence)
                    .collect();
                let last = joined.last().expect("it was pushed and comes in its order");
                assert_eq!((last.sequence, last.method()), (notification.sequence, notification.method()));
                match joined.as_slice() {
                    [same] => assert_eq!(same.raw.params.get(), notification.raw.params.get()),
                    _ => assert_joined(&joined, &notification),
                }
                self.seen += joined.len();
            }
        }
    }

    fn may_be_missing(&self, index: usize) -> bool {
        let key = |n: &Notification| (n.raw.method.clone(), n.turn.clone());
        let missing = &self.pushed[index];
        match Delivery::of(missing.method()) {
            Delivery::Drop => true,
            Delivery::Latest => self.pushed[index + 1..].iter().any(|later| key(later) == key(missing)),
            _ => false,
        }
    }

    fn rest(&mut self) {
        while self.take() {}
        assert_eq!(self.seen, self.pushed.len(), "all that was pushed has been accounted for");
    }
}

/// The texts of the pieces, one after the other, make the text; everything else is that of each piece.
fn assert_joined(pieces: &[&Arc<Notification>], joined: &Notification) {
    let params = |n: &Notification| serde_json::from_str::<Value>(n.raw.params.get()).unwrap();
    let mut expected = params(pieces[0]);
    let mut text = String::new();
    for piece in pieces {
        assert_eq!(Delivery::of(piece.method()), Delivery::Merge);
        let params = params(piece);
        assert_eq!(params["itemId"], expected["itemId"]);
        text.push_str(params["delta"].as_str().expect("a text"));
    }
    expected["delta"] = text.into();
    assert_eq!(params(joined), expected);
}

/// What must hold after each step.
fn check(consumers: &[Option<Consumer>], budget: &Budget, soft_limit: usize) {
    let queues = || consumers.iter().flatten().map(|consumer| &consumer.queue);
    assert_eq!(budget.used(), queues().map(Queue::counted).sum::<usize>());
    for queue in queues() {
        assert!(!queue.holds_droppable() || queue.unread_others() <= soft_limit);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_in_silence_and_every_byte_is_accounted_for(
        ops in prop::collection::vec(op(), 1..150),
        limit in 500..20_000usize,
        soft_limit in 200..8_000usize,
    ) {
        let budget = Arc::new(Budget::new(limit));
        let mut consumers: Vec<_> = (0..3).map(|_| Some(Consumer::new(soft_limit, &budget))).collect();
        for (sequence, op) in (1..).zip(ops) {
            match op {
                Op::Push { queues, what } => {
                    let notification = what.notification(sequence);
                    let wanted = consumers.iter_mut().zip(queues).filter(|(_, wanted)| *wanted);
                    for consumer in wanted.filter_map(|(consumer, _)| consumer.as_mut()) {
                        consumer.push(&notification);
                    }
                }
                Op::Take(queue) => {
                    consumers[queue].as_mut().map(Consumer::take);
                }
                Op::Drop(queue) => consumers[queue] = None,
            }
            check(&consumers, &budget, soft_limit);
        }
        consumers.iter_mut().flatten().for_each(Consumer::rest);
        check(&consumers, &budget, soft_limit);
        drop(consumers);
        prop_assert_eq!(budget.used(), 0);
    }
}
