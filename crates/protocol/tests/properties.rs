//! Frames of any content: what is written can be read, and what cannot be read is an error and no panic.

#![allow(clippy::expect_used, reason = "helpers of tests count as no tests")]

use codexkit_protocol::envelope::{Inbound, Outbound};
use codexkit_protocol::route::RouteKey;
use codexkit_protocol::{RequestId, RpcError, ServerNotification};
use proptest::prelude::*;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

fn id() -> impl Strategy<Value = RequestId> {
    prop_oneof![any::<i64>().prop_map(RequestId::Integer), any::<String>().prop_map(RequestId::String)]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop_oneof!["threadId|turnId|itemId|processId|loginId|thread|turn|item|id", any::<String>()];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn raw(value: &Value) -> Box<RawValue> {
    to_raw_value(value).expect("a value is JSON")
}

/// The text at the first of these places, looked up without any haste.
fn text<'a>(value: &'a Value, flat: &str, nested: &str) -> Option<&'a str> {
    let of = |value: Option<&'a Value>| value.and_then(Value::as_str);
    of(value.get(flat)).or_else(|| of(value.get(nested).and_then(|inner| inner.get("id"))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_written_is_read_as_the_same(id in id(), method: String, params in value(), code: i64) {
        let raw_params = raw(&params);
        let request = Outbound::Request { id: &id, method: &method, params: &params }.encode().expect("it is JSON");
        prop_assert!(!request.contains('\n'));
        match Inbound::parse(&request).expect("a request") {
            Inbound::Request { id: read, method: of, params: with } => {
                prop_assert_eq!((&read, &*of, with.get()), (&id, &*method, raw_params.get()));
            }
            other => prop_assert!(false, "{:?}", other),
        }

        let notification = Outbound::Notification { method: &method, params: Some(&params) };
        let notification = notification.encode().expect("it is JSON");
        let read = Inbound::parse(&notification).expect("a notification");
        let same = matches!(read, Inbound::Notification { method: of, .. } if of == method);
        prop_assert!(same);

        let response = Outbound::Response { id: &id, result: &params }.encode().expect("it is JSON");
        let read = Inbound::parse(&response).expect("a response");
        let same = matches!(read, Inbound::Response { result, .. } if result.get() == raw_params.get());
        prop_assert!(same);

        let error = RpcError::new(code, method);
        let refusal: Outbound<'_> = Outbound::Error { id: &id, error: &error };
        let refusal = refusal.encode().expect("it is JSON");
        let read = Inbound::parse(&refusal).expect("an error");
        let same = matches!(read, Inbound::Error { error: read, .. } if read == error);
        prop_assert!(same);
    }

    #[test]
    fn what_makes_no_sense_is_an_error(text: String, params in value(), cut: prop::sample::Index) {
        let _ = Inbound::parse(&text);
        let whole = json!({ "id": 1, "method": "m", "params": params, "result": params }).to_string();
        let mut at = cut.index(whole.len());
        while !whole.is_char_boundary(at) {
            at -= 1;
        }
        prop_assert!(Inbound::parse(&whole[..at]).is_err());
        prop_assert!(Inbound::parse(&json!([1, "m", params]).to_string()).is_err());
    }

    #[test]
    fn whom_it_concerns_is_found_where_it_stands(params in value()) {
        let (raw, empty) = (raw(&params), json!({}));
        let found = RouteKey::peek(&raw);
        let params = if params.is_object() { &params } else { &empty };
        prop_assert_eq!(found.thread.as_deref(), text(params, "threadId", "thread"));
        prop_assert_eq!(found.turn.as_deref(), text(params, "turnId", "turn"));
        prop_assert_eq!(found.item.as_deref(), text(params, "itemId", "item"));
    }

    #[test]
    fn unknown_methods_keep_what_came(method in "[a-z]{1,8}/[a-z]{1,8}/new", params in value()) {
        let params = raw(&params);
        match ServerNotification::decode(&method, &params) {
            Ok(ServerNotification::Unrecognized(kept)) => {
                prop_assert_eq!((&*kept.method, kept.params.get()), (&*method, params.get()));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
