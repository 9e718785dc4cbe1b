//! Every subscriber gets exactly the notifications of its filter, in their order.

use crate::client::router::Router;
use crate::client::subscription::{Budget, Entry, Filter, Queue};
use crate::error::{CloseReason, Closed, Error};
use crate::protocol::RawNotification;
use proptest::prelude::*;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Op {
    Subscribe(Filter),
    Unsubscribe(prop::sample::Index),
    Notify { thread: Option<u8>, nested: bool },
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::All),
        (0..3u8).prop_map(|thread| Filter::Thread(thread.to_string().as_str().into()))
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => filter().prop_map(Op::Subscribe),
        1 => any::<prop::sample::Index>().prop_map(Op::Unsubscribe),
        5 => (prop::option::of(0..4u8), any::<bool>()).prop_map(|(thread, nested)| Op::Notify { thread, nested }),
    ]
}

struct Subscriber {
    filter: Filter,
    queue: Arc<Queue>,
    expected: Vec<u64>,
    live: bool,
}

impl Subscriber {
    fn new(filter: Filter) -> Self {
        let queue = Arc::new(Queue::new(1 << 20, Arc::new(Budget::new(1 << 20))));
        Self { filter, queue, expected: Vec::new(), live: true }
    }

    fn wants(&self, thread: Option<u8>) -> bool {
        match &self.filter {
            Filter::All => true,
            Filter::Thread(wanted) => thread.is_some_and(|thread| wanted.as_str() == thread.to_string()),
            Filter::Process(_) | Filter::Method(_) => unreachable!("these are not made here"),
        }
    }
}

fn notification(thread: Option<u8>, nested: bool) -> RawNotification {
    let params = match thread.map(|thread| thread.to_string()) {
        None => json!({ "other": 1 }),
        Some(thread) if nested => json!({ "thread": { "id": thread } }),
        Some(thread) => json!({ "threadId": thread }),
    };
    RawNotification::new("brand/new", to_raw_value(&params).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_gets_its_own_in_order(ops in prop::collection::vec(op(), 0..120)) {
        let mut router = Router::default();
        let mut subscribers: Vec<Subscriber> = Vec::new();
        let mut sent = 0;
        for op in ops {
            match op {
                Op::Subscribe(filter) => {
                    let subscriber = Subscriber::new(filter);
                    router.subscribe(&subscriber.filter, subscriber.queue.clone());
                    subscribers.push(subscriber);
                }
                Op::Unsubscribe(which) if !subscribers.is_empty() => {
                    let which = which.index(subscribers.len());
                    let subscriber = &mut subscribers[which];
                    router.unsubscribe(&subscriber.filter, &subscriber.queue);
                    subscriber.live = false;
                }
                Op::Unsubscribe(_) => {}
                Op::Notify { thread, nested } => {
                    sent += 1;
                    let notification = router.admit(notification(thread, nested));
                    prop_assert_eq!(notification.sequence, sent);
                    for queue in router.recipients(&notification) {
                        queue.push([notification.clone()]);
                    }
                    let wanted = subscribers.iter_mut().filter(|s| s.live && s.wants(thread));
                    wanted.for_each(|subscriber| subscriber.expected.push(sent));
                }
            }
        }
        for subscriber in &subscribers {
            let got = subscriber.queue.drain().into_iter().map(|entry| match entry {
                Entry::Notification(notification) => notification.sequence,
                Entry::Lagged { .. } => panic!("there was room"),
            });
            prop_assert_eq!(got.collect::<Vec<_>>(), &subscriber.expected[..]);
        }
        // The end is the end for all who are still there, and nobody is held on to.
        router.end(&Error::closed(Closed::new(CloseReason::Eof)));
        for subscriber in &subscribers {
            prop_assert_eq!(subscriber.queue.has_ended(), subscriber.live);
            prop_assert_eq!(Arc::strong_count(&subscriber.queue), 1);
        }
    }
}
