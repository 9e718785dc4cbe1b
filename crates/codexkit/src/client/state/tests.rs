//! What each frame changes.

use super::*;
use crate::client::pending::StartingTurn;
use crate::client::subscription::{Budget, Entry, Filter};
use crate::error::ErrorKind;
use coverage::covers;
use tokio::sync::oneshot;

struct Fixture {
    state: State,
    effects: Effects,
}

impl Fixture {
    fn new() -> Self {
        Self { state: State::new(&Limits::default(), false), effects: Effects::default() }
    }

    fn receive(&mut self, frame: &str) {
        self.state.receive(Inbound::parse(frame), &mut self.effects).unwrap();
    }

    /// A `turn/start` on thread `t` that has been written, with its caller.
    fn start_turn(&mut self) -> (i64, oneshot::Receiver<Answer>) {
        let (waiter, receiver) = oneshot::channel();
        let joinable = self.state.turns.active(&"t".into()).cloned();
        let starting = StartingTurn { thread: "t".into(), joinable, owned: true, completed: Vec::new() };
        let id = self.state.pending.add(Some(waiter), Purpose::StartTurn(starting));
        assert!(self.state.pending.claim(id));
        (id, receiver)
    }

    fn sent(&mut self) -> Vec<String> {
        self.effects.outgoing.drain(..).map(|outgoing| outgoing.frame).collect()
    }
}

const STARTED: &str = r#"{"method":"turn/started","params":{"threadId":"t","turn":{"id":"u"}}}"#;
const COMPLETED: &str = r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u"}}}"#;

#[test]
fn a_turn_whose_caller_has_gone_is_interrupted_when_it_is_announced() {
    let mut fixture = Fixture::new();
    let (id, _caller) = fixture.start_turn();
    fixture.state.pending.forget(id);

    fixture.receive(&format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#));
    assert!(fixture.sent().is_empty());
    fixture.receive(STARTED);

    let sent = fixture.sent();
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].contains(r#""method":"turn/interrupt","params":{"threadId":"t","turnId":"u"}"#),
        "{sent:?}"
    );
}

#[test]
fn an_abandoned_turn_that_joined_another_leaves_that_one_alone() {
    let mut fixture = Fixture::new();
    fixture.receive(STARTED);
    let (id, _caller) = fixture.start_turn();
    fixture.state.pending.forget(id);
    fixture.receive(&format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#));
    assert!(fixture.sent().is_empty());
}

#[test]
fn a_turn_that_ended_before_its_answer_is_not_taken_for_running() {
    let mut fixture = Fixture::new();
    let (id, mut caller) = fixture.start_turn();
    fixture.receive(STARTED);
    fixture.receive(COMPLETED);
    fixture.receive(&format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#));
    assert!(caller.try_recv().unwrap().is_ok());
    assert_eq!(fixture.state.turns.active(&"t".into()), None);
}

#[test]
fn notifications_reach_their_thread_and_those_who_want_all_in_order() {
    covers!["O25"];
    let mut fixture = Fixture::new();
    let budget = Arc::new(Budget::new(1 << 20));
    let queue = || Arc::new(Queue::new(1 << 20, budget.clone()));
    let (all, thread, other) = (queue(), queue(), queue());
    fixture.state.router.subscribe(&Filter::All, all.clone());
    fixture.state.router.subscribe(&Filter::Thread("t".into()), thread.clone());
    fixture.state.router.subscribe(&Filter::Thread("x".into()), other.clone());

    fixture.receive(STARTED);
    fixture.receive(r#"{"method":"brand/new","params":{"threadId":"x"}}"#);
    fixture.receive(COMPLETED);
    for (queue, notification) in fixture.effects.deliveries.drain(..) {
        queue.push([notification]);
    }

    let methods = |queue: &Queue| {
        let method = |entry| match entry {
            Entry::Notification(notification) => notification.method().to_owned(),
            Entry::Lagged { .. } => "lagged".to_owned(),
        };
        queue.drain().into_iter().map(method).collect::<Vec<_>>()
    };
    assert_eq!(methods(&all), ["turn/started", "brand/new", "turn/completed"]);
    assert_eq!(methods(&thread), ["turn/started", "turn/completed"]);
    assert_eq!(methods(&other), ["brand/new"]);
}

#[test]
fn junk_is_passed_over_until_there_is_nothing_else() {
    let mut fixture = Fixture::new();
    for _ in 1..BAD_FRAMES_IN_A_ROW {
        fixture.receive("junk");
    }
    fixture.receive(r#"{"method":"m"}"#);
    for _ in 1..BAD_FRAMES_IN_A_ROW {
        fixture.receive("[]");
    }
    let last = fixture.state.receive(Inbound::parse("{}"), &mut fixture.effects);
    assert!(last.unwrap_err().contains("100 frames in a row"));
}

#[test]
fn requests_beyond_the_limit_are_refused_at_once() {
    let mut fixture = Fixture::new();
    fixture.state.asks = OpenAsks::new(1, false);
    fixture.receive(r#"{"method":"ask","id":0,"params":{}}"#);
    fixture.receive(r#"{"method":"ask","id":1,"params":{}}"#);
    assert_eq!(fixture.effects.asks.len(), 1);
    assert!(fixture.sent()[0].contains("-32001"));

    fixture.receive(r#"{"method":"serverRequest/resolved","params":{"threadId":"t","requestId":0}}"#);
    assert!(!fixture.state.asks.answer(&RequestId::Integer(0), &Outgoing::message(String::new())));
}

#[test]
fn a_connection_that_closes_after_its_turns_stops_those_it_owns_and_no_others() {
    let mut fixture = Fixture::new();
    let (id, _caller) = fixture.start_turn();
    fixture.receive(&format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#));
    fixture.receive(STARTED);
    fixture.receive(&STARTED.replace(r#""t""#, r#""t2""#).replace(r#""u""#, r#""of others""#));
    let (early, mut early_caller) = fixture.start_turn();

    let why = Error::new(ErrorKind::Closed, "by us");
    fixture.state.close_after_turns(why, &mut fixture.effects);
    assert!(matches!(early_caller.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    let sent = fixture.sent();
    assert!(matches!(&sent[..], [only] if only.contains(r#""turnId":"u""#)), "{sent:?}");

    // The start that was under way turns out to have begun a turn.
    fixture.receive(&format!(r#"{{"id":{early},"result":{{"turn":{{"id":"v"}}}}}}"#));
    fixture.receive(&format!(r#"{{"id":{},"result":{{}}}}"#, early + 1));
    assert!(fixture.sent().is_empty() && fixture.state.stops_turns(), "it was not announced yet");
    fixture.receive(&STARTED.replace(r#""u""#, r#""v""#));
    assert!(fixture.sent()[0].contains(r#""turnId":"v""#));
    fixture.receive(&format!(r#"{{"id":{},"result":{{}}}}"#, early + 2));
    assert!(!fixture.state.stops_turns());
}

#[test]
fn a_turn_that_was_let_go_outlives_its_connection() {
    let mut fixture = Fixture::new();
    let (id, _caller) = fixture.start_turn();
    fixture.receive(&format!(r#"{{"id":{id},"result":{{"turn":{{"id":"u"}}}}}}"#));
    fixture.receive(STARTED);
    fixture.state.turns.release(&"u".into());

    fixture.state.close_after_turns(Error::new(ErrorKind::Closed, "by us"), &mut fixture.effects);
    assert!(fixture.sent().is_empty() && !fixture.state.stops_turns());
}

#[test]
fn closing_ends_callers_and_keeps_the_first_reason() {
    let mut fixture = Fixture::new();
    let (_, mut caller) = fixture.start_turn();
    fixture.state.close(Error::new(ErrorKind::Protocol, "first"), &mut fixture.effects);
    fixture.state.close(Error::new(ErrorKind::Usage, "second"), &mut fixture.effects);
    assert!(matches!(caller.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    assert_eq!(fixture.state.closed().map(Error::kind), Some(ErrorKind::Protocol));
}

#[test]
fn notifications_reach_those_who_want_their_process_or_method() {
    let mut fixture = Fixture::new();
    let budget = Arc::new(Budget::new(1 << 20));
    let filters = [Filter::Process("p".into()), Filter::Process("q".into()), Filter::Method("a/b".into())];
    let queues = filters.each_ref().map(|filter| {
        let queue = Arc::new(Queue::new(1 << 20, budget.clone()));
        fixture.state.router.subscribe(filter, queue.clone());
        queue
    });
    fixture.receive(r#"{"method":"command/exec/outputDelta","params":{"processId":"p"}}"#);
    fixture.receive(r#"{"method":"process/exited","params":{"processHandle":"q"}}"#);
    fixture.receive(r#"{"method":"a/b","params":{"threadId":"t"}}"#);
    fixture.state.router.unsubscribe(&filters[1], &queues[1]);
    fixture.receive(r#"{"method":"process/exited","params":{"processHandle":"q"}}"#);
    for (queue, notification) in fixture.effects.deliveries.drain(..) {
        queue.push([notification]);
    }
    assert_eq!(queues.map(|queue| queue.drain().len()), [1, 1, 1]);
}

#[test]
fn an_answer_is_handed_out_after_what_came_before_it() {
    let mut fixture = Fixture::new();
    let (waiter, mut answer) = oneshot::channel();
    let id = fixture.state.pending.add(Some(waiter), Purpose::Call);
    fixture.receive(&format!(r#"{{"id":{id},"result":1}}"#));
    assert!(answer.try_recv().is_err());
    fixture.effects.answer_callers();
    assert!(answer.try_recv().unwrap().is_ok());
}
