//! The frames: what is around the parameters.
//!
//! Reading borrows from the frame; fields that are not known, such as ones a newer server adds, are passed over.

use crate::{DecodeError, RequestId, RpcError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A frame from the server.
#[derive(Debug)]
#[non_exhaustive]
pub enum Inbound<'a> {
    /// The answer to one of our requests.
    Response {
        /// The id of the request.
        id: RequestId,
        /// The result, undecoded.
        result: &'a RawValue,
    },
    /// The error that one of our requests was answered with.
    Error {
        /// The id of the request; none when the server could not tell which one it was.
        id: Option<RequestId>,
        /// The error.
        error: RpcError,
    },
    /// A notification.
    Notification {
        /// The method.
        method: Cow<'a, str>,
        /// The parameters, undecoded.
        params: &'a RawValue,
        /// When the server emitted it, in milliseconds since the epoch.
        emitted_at_ms: Option<i64>,
    },
    /// A request that wants our answer.
    Request {
        /// The id that the answer must carry.
        id: RequestId,
        /// The method.
        method: Cow<'a, str>,
        /// The parameters, undecoded.
        params: &'a RawValue,
    },
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(rename = "emittedAtMs", borrow, default)]
    emitted_at_ms: Option<&'a RawValue>,
}

/// A `null` result is a result, too.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

impl<'a> Inbound<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON object, or the object is none of the four kinds of message.
    pub fn parse(frame: &'a str) -> Result<Self, DecodeError> {
        // Serde would also take a list for an object, with the fields by their places.
        if frame.trim_start().starts_with('[') {
            return Err(DecodeError::new("expected an object, found an array"));
        }
        let frame: Frame<'a> = serde_json::from_str(frame)?;
        let id =
            match frame.id.map(RawValue::get) {
                None | Some("null") => None,
                Some(id) => Some(serde_json::from_str::<RequestId>(id).map_err(|_| {
                    DecodeError::new("expected an integer of 64 bits or a string").under("id")
                })?),
            };
        match (frame.method, id, frame.result, frame.error) {
            (Some(method), None, _, _) => Ok(Self::Notification {
                method,
                params: frame.params.unwrap_or(RawValue::NULL),
                emitted_at_ms: frame.emitted_at_ms.and_then(|at| at.get().parse().ok()),
            }),
            (Some(method), Some(id), _, _) => {
                Ok(Self::Request { id, method, params: frame.params.unwrap_or(RawValue::NULL) })
            }
            (None, id, _, Some(error)) => {
                let error = serde_json::from_str(error.get())
                    .map_err(|problem| DecodeError::from(problem).under("error"))?;
                Ok(Self::Error { id, error })
            }
            (None, Some(id), Some(result), None) => Ok(Self::Response { id, result }),
            (None, _, _, None) => Err(DecodeError::new("neither a method, nor a result, nor an error")),
        }
    }
}

/// A frame to the server; it serialises to one JSON object without line breaks.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Outbound<'a, P: ?Sized = RawValue> {
    /// A request.
    Request {
        /// The id that the answer will carry.
        id: &'a RequestId,
        /// The method.
        method: &'a str,
        /// The parameters.
        params: &'a P,
    },
    /// A notification.
    Notification {
        /// The method.
        method: &'a str,
        /// The parameters, left out when there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        params: Option<&'a P>,
    },
    /// The answer to a request of the server.
    Response {
        /// The id of that request.
        id: &'a RequestId,
        /// The result.
        result: &'a P,
    },
    /// The refusal of a request of the server.
    Error {
        /// The id of that request.
        id: &'a RequestId,
        /// The error.
        error: &'a RpcError,
    },
}

impl<P: Serialize + ?Sized> Outbound<'_, P> {
    /// The frame as text.
    ///
    /// # Errors
    ///
    /// When the parameters cannot be written as JSON, such as a map with keys that are no strings.
    pub fn encode(&self) -> Result<String, DecodeError> {
        Ok(serde_json::to_string(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    #[test]
    fn each_kind_of_message_is_told_by_its_fields() {
        covers!["D17"];
        let parse = |text| Inbound::parse(text).unwrap();
        assert!(matches!(
            parse(r#"{"id":1,"result":{}}"#),
            Inbound::Response { id: RequestId::Integer(1), .. }
        ));
        assert!(
            matches!(parse(r#"{"id":1,"result":null}"#), Inbound::Response { result, .. } if result.get() == "null")
        );
        assert!(matches!(
            parse(r#"{"error":{"code":-1,"message":"m"},"id":"a"}"#),
            Inbound::Error { id: Some(_), .. }
        ));
        assert!(matches!(
            parse(r#"{"error":{"code":-1,"message":"m"},"id":null}"#),
            Inbound::Error { id: None, .. }
        ));
        assert!(matches!(parse(r#"{"method":"m","id":0,"params":{}}"#), Inbound::Request { .. }));
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","method":"m","params":{"a":1},"emittedAtMs":7,"new":[]}"#),
            Inbound::Notification { emitted_at_ms: Some(7), .. }
        ));
    }

    #[test]
    fn what_is_no_message_is_an_error_and_no_panic() {
        for bad in [
            "",
            "[]",
            "{}",
            "null",
            "{\"id\":1}",
            "{\"id\":1.5,\"result\":1}",
            "{\"id\":9223372036854775808,\"result\":1}",
        ] {
            assert!(Inbound::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn frames_are_written_on_one_line_without_a_version() {
        covers!["D17"];
        let id = RequestId::Integer(3);
        let params = serde_json::json!({ "text": "two\nlines" });
        let frame = Outbound::Request { id: &id, method: "m", params: &params }.encode().unwrap();
        assert_eq!(frame, r#"{"id":3,"method":"m","params":{"text":"two\nlines"}}"#);
    }
}
