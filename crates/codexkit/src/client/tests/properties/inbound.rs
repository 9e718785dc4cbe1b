//! Any frames in any order: the state stays usable, or says that it is given up.

use crate::client::outbox::Outgoing;
use crate::client::pending::Purpose;
use crate::client::state::{Effects, State};
use crate::client::subscription::{Budget, Entry, Filter, Queue};
use crate::limits::{BAD_FRAMES_IN_A_ROW, Limits};
use crate::protocol::envelope::Inbound;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Ids, of which some are of calls that wait.
fn id() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..12i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => "[a-z0-9]{0,3}".prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// Any small value.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("id|turn|thread|.{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Parameters that concern one of a few threads and turns, or something odd.
fn params() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (0..2u8, 0..3u8).prop_map(|(t, u)| json!({ "threadId": t.to_string(), "turnId": u.to_string(), "delta": "x" })),
        2 => (0..2u8, 0..3u8).prop_map(|(t, u)| json!({ "threadId": t.to_string(), "turn": { "id": u.to_string() } })),
        1 => id().prop_map(|id| json!({ "threadId": "0", "requestId": id })),
        1 => value(),
    ]
}

fn frame() -> impl Strategy<Value = String> {
    let methods = vec![
        "turn/started",
        "turn/completed",
        "item/agentMessage/delta",
        "serverRequest/resolved",
        "item/commandExecution/requestApproval",
        "brand/new",
    ];
    let method = prop_oneof![3 => prop::sample::select(methods).prop_map(str::to_owned), 1 => ".{0,8}"];
    prop_oneof![
        4 => (method.clone(), params()).prop_map(|(method, params)| json!({ "method": method, "params": params })),
        3 => (id(), params()).prop_map(|(id, result)| json!({ "id": id, "result": result })),
        2 => (id(), value()).prop_map(|(id, error)| json!({ "id": id, "error": error })),
        2 => id().prop_map(|id| json!({ "id": id, "error": { "code": -32600, "message": "no" } })),
        2 => (id(), method, params()).prop_map(|(id, method, params)| json!({ "id": id, "method": method, "params": params })),
        1 => value(),
    ]
    .prop_map(|frame| frame.to_string())
}

/// Frames, some of them torn or no JSON at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => frame(),
        1 => ".{0,20}",
        1 => (frame(), any::<prop::sample::Index>()).prop_map(|(frame, at)| {
            let at = at.index(frame.len() + 1);
            String::from_utf8_lossy(&frame.as_bytes()[..at]).into_owned()
        }),
    ]
}

fn is_written_well(outgoing: &Outgoing) -> bool {
    serde_json::from_str::<Value>(&outgoing.frame).is_ok_and(|frame| frame.is_object())
        && !outgoing.frame.contains('\n')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_state_stays_usable(frames in prop::collection::vec(text(), 0..60), calls in 0..6usize) {
        let limits = Limits::default().open_asks(4);
        let mut state = State::new(&limits, false);
        let mut effects = Effects::default();
        let waiting: Vec<_> = (0..calls)
            .map(|_| {
                let (waiter, answer) = oneshot::channel();
                let id = state.pending.add(Some(waiter), Purpose::Call);
                assert!(state.pending.claim(id));
                (id, answer)
            })
            .collect();
        let queue = Arc::new(Queue::new(1 << 20, Arc::new(Budget::new(1 << 20))));
        state.router.subscribe(&Filter::All, queue.clone());

        for frame in &frames {
            prop_assert!(state.receive(Inbound::parse(frame), &mut effects).is_ok());
        }
        prop_assert!(effects.outgoing.iter().all(is_written_well));
        prop_assert!(effects.asks.len() <= frames.len());

        effects.answer_callers();

        // Each call was answered at most once, and the others still can be.
        for (id, mut answer) in waiting {
            let open = state.pending.take(id).is_some();
            prop_assert_eq!(open, matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
        let (waiter, mut answer) = oneshot::channel();
        let id = state.pending.add(Some(waiter), Purpose::Call);
        let response = format!(r#"{{"id":{id},"result":"late"}}"#);
        state.receive(Inbound::parse(&response), &mut effects).unwrap();
        effects.answer_callers();
        let answer = answer.try_recv().unwrap().unwrap();
        prop_assert_eq!(answer.get(), "\"late\"");
        state.receive(Inbound::parse(r#"{"method":"the/last"}"#), &mut effects).unwrap();
        for (queue, notification) in effects.deliveries {
            queue.push([notification]);
        }
        let last = queue.drain().pop();
        prop_assert!(matches!(last, Some(Entry::Notification(n)) if n.method() == "the/last"));
    }

    #[test]
    fn only_nonsense_in_a_row_gives_the_connection_up(
        rows in prop::collection::vec(0..BAD_FRAMES_IN_A_ROW, 0..4),
    ) {
        let mut state = State::new(&Limits::default(), false);
        let mut effects = Effects::default();
        for junk in rows {
            for _ in 0..junk {
                prop_assert!(state.receive(Inbound::parse("junk"), &mut effects).is_ok());
            }
            let sense = state.receive(Inbound::parse(r#"{"method":"m"}"#), &mut effects);
            prop_assert!(sense.is_ok());
        }
        let mut junk = (0..BAD_FRAMES_IN_A_ROW).map(|_| state.receive(Inbound::parse("junk"), &mut effects).is_ok());
        prop_assert_eq!(junk.position(|accepted| !accepted), Some(BAD_FRAMES_IN_A_ROW as usize - 1));
    }
}
