//! Everything that the server tells and asks.

use crate::sample::{Schema, Size};
use codexkit_protocol::envelope::Inbound;
use codexkit_protocol::{Delivery, RawRequest, RequestId, ServerNotification, ServerRequest};
use coverage::covers;
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

#[test]
fn every_notification_of_both_schemas() {
    covers!["000-037"];
    for schema in [Schema::load("oldest"), Schema::load("newest")] {
        for (method, params) in schema.methods("ServerNotification") {
            for sample in [Size::Minimal, Size::Maximal].iter().flat_map(|size| schema.samples(params, *size))
            {
                let told = ServerNotification::decode(method, &raw(&sample)).unwrap();
                assert!(!matches!(told, ServerNotification::Unrecognized(_)), "{method}");
                assert_eq!(told.method(), method);
                assert_eq!(
                    serde_json::to_value(&told).unwrap(),
                    json!({ "method": method, "params": sample })
                );
            }
        }
    }
}

#[test]
fn every_request_of_the_server_in_both_schemas() {
    covers!["003-214", "D01"];
    for schema in [Schema::load("oldest"), Schema::load("newest")] {
        for (method, params) in schema.methods("ServerRequest") {
            for sample in [Size::Minimal, Size::Maximal].iter().flat_map(|size| schema.samples(params, *size))
            {
                let request = RawRequest::new(RequestId::Integer(0), method, raw(&sample));
                let asked = ServerRequest::decode(&request).unwrap();
                assert!(!matches!(asked, ServerRequest::Unrecognized(_)), "{method}");
                assert_eq!(asked.method(), method);
            }
        }
    }
}

#[test]
fn a_notification_from_the_future_is_kept_and_written_back() {
    covers!["O29"];
    let params = json!({ "threadId": "t", "news": [1, null, { "a": 0.5 }] });
    let told = ServerNotification::decode("thread/news", &raw(&params)).unwrap();
    assert!(matches!(&told, ServerNotification::Unrecognized(raw) if &*raw.method == "thread/news"));
    assert_eq!(serde_json::to_value(&told).unwrap(), json!({ "method": "thread/news", "params": params }));
    let request = RawRequest::new(RequestId::Integer(0), "thread/ask", raw(&params));
    assert!(matches!(ServerRequest::decode(&request), Ok(ServerRequest::Unrecognized(_))));
}

#[test]
fn an_item_from_the_future_keeps_its_place() {
    covers!["000-060", "D32"];
    let params =
        json!({ "threadId": "t", "turnId": "u", "startedAtMs": 1, "item": { "type": "dream", "id": "i" } });
    let told = ServerNotification::decode("item/started", &raw(&params)).unwrap();
    assert_eq!(serde_json::to_value(&told).unwrap()["params"], params);
}

#[test]
fn an_error_says_where_it_is() {
    let item = json!({ "type": "agentMessage", "id": "i" });
    let turn = json!({ "id": "u", "status": "completed", "items": [item] });
    let error = ServerNotification::decode("turn/completed", &raw(&json!({ "threadId": "t", "turn": turn })));
    assert_eq!(error.unwrap_err().path(), "turn.items[0].text");
}

#[test]
fn delivery_follows_the_kind_of_notification() {
    for (method, delivery) in [
        ("item/agentMessage/delta", Delivery::Merge),
        ("item/commandExecution/outputDelta", Delivery::Drop),
        ("turn/diff/updated", Delivery::Latest),
        ("turn/completed", Delivery::Keep),
        ("no/such", Delivery::Keep),
    ] {
        assert_eq!(Delivery::of(method), delivery, "{method}");
    }
}

/// The frames are hand-written; these are their definitions in the schema.
#[test]
fn every_frame_of_both_schemas() {
    covers!["000-064"];
    for schema in [Schema::load("oldest"), Schema::load("newest")] {
        for name in
            ["JSONRPCNotification", "JSONRPCRequest", "JSONRPCResponse", "JSONRPCError", "JSONRPCMessage"]
        {
            let definition = schema.get(name).unwrap();
            for sample in
                [Size::Minimal, Size::Maximal].iter().flat_map(|size| schema.samples(definition, *size))
            {
                Inbound::parse(&sample.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}

/// Events are moved through queues: what is large is boxed.
#[test]
fn unions_are_small() {
    use codexkit_protocol::types::{ThreadItem, UserInput};
    assert!(size_of::<ServerNotification>() <= 152, "{}", size_of::<ServerNotification>());
    assert!(size_of::<ServerRequest>() <= 152, "{}", size_of::<ServerRequest>());
    assert!(size_of::<ThreadItem>() <= 152, "{}", size_of::<ThreadItem>());
    assert!(size_of::<UserInput>() <= 152, "{}", size_of::<UserInput>());
}
