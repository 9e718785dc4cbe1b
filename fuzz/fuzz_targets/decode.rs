//! Any JSON as what any method tells, asks or answers: no panic, and what is understood is written back as it was.
//!
//! The input is the method on one line and the JSON behind it.
#![no_main]

use codexkit_protocol::{DecodeError, RawRequest, Request, RequestId, ServerNotification, ServerRequest};
use serde_json::value::RawValue;

#[allow(dead_code, reason = "the tests of the protocol use the rest of it")]
#[path = "../../crates/protocol/tests/generated/registry.rs"]
mod registry;

/// The registry calls this for the type of an answer.
fn answer<R: Request>(json: &str) -> Result<String, DecodeError> {
    R::decode(serde_json::from_str(json)?)?;
    Ok(String::new())
}

/// The registry calls this for the type of a name.
#[allow(dead_code, reason = "the tests of the protocol use it")]
fn through<T>(_: &str) -> Result<serde_json::Value, serde_json::Error> {
    Ok(serde_json::Value::Null)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((method, json)) = text.split_once('\n') else { return };
    let Ok(params) = serde_json::from_str::<Box<RawValue>>(json) else { return };
    let _ = ServerNotification::decode(method, &params);
    let _ = ServerRequest::decode(&RawRequest::new(RequestId::Integer(1), method, params.clone()));
    let _ = registry::answer(method, params.get());
});
