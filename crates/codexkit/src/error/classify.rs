//! What the server's errors mean.
//!
//! Nearly all of them share one code, so after the code it is the text that tells, then the data.

use super::{Error, ErrorKind};
use crate::protocol::RpcError;
use std::borrow::Cow;

/// The longest text of the server that is repeated in ours. The whole one stays in the error.
const TEXT: usize = 400;

/// The error for what the server answered to `method`.
pub(crate) fn answered_with(method: Cow<'static, str>, error: RpcError) -> Error {
    let kind = kind(&error);
    let (text, cut) = match super::cut(&error.message, TEXT) {
        text if text.len() < error.message.len() => (text, " ..."),
        text => (text, ""),
    };
    let hint = hint(kind).map(|hint| format!("; {hint}")).unwrap_or_default();
    let message = format!("the server refused `{method}`: {text}{cut}{hint}");
    Error::rpc(kind, message, error).with_method(method)
}

fn kind(error: &RpcError) -> ErrorKind {
    let text = error.message.as_str();
    let data =
        |key: &str| error.data.as_ref().and_then(|data| data.get(key)).and_then(|value| value.as_str());
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    match error.code {
        RpcError::OVERLOADED => ErrorKind::Overloaded,
        _ if data("input_error_code") == Some("input_too_large") => ErrorKind::InputTooLarge,
        _ if data("config_write_error_code") == Some("configVersionConflict") => ErrorKind::ConfigConflict,
        _ if data("config_write_error_code").is_some() => ErrorKind::Config,
        _ if begins(&["thread not found", "no rollout found", "thread not loaded"]) => {
            ErrorKind::ThreadNotFound
        }
        _ if begins(&["session "]) && text.contains(" is archived") => ErrorKind::Usage,
        _ if begins(&["invalid thread id", "invalid session id"]) => ErrorKind::InvalidParams,
        _ if begins(&["no active turn", "expected active turn id"]) => ErrorKind::NotRunning,
        _ if begins(&["failed to load configuration"]) => ErrorKind::Config,
        _ if text.ends_with("requires experimentalApi capability") => ErrorKind::ExperimentalRequired,
        // Some servers know a method by its name alone.
        _ if text.ends_with("is not supported yet") => ErrorKind::Incompatible,
        _ if begins(&["Invalid request: unknown variant"]) && text.contains('/') => ErrorKind::UnknownMethod,
        _ if begins(&["Invalid request"]) => ErrorKind::InvalidParams,
        RpcError::INVALID_PARAMS => ErrorKind::InvalidParams,
        _ => ErrorKind::Rpc,
    }
}

fn hint(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Overloaded => Some("it did not take the call, which may be repeated"),
        ErrorKind::ThreadNotFound => Some("check the id, and resume the thread if it is not loaded"),
        ErrorKind::NotRunning => Some("the turn has ended; start another one"),
        ErrorKind::Config => Some("mend the configuration, then try again"),
        ErrorKind::ExperimentalRequired => Some("connect with `experimental_api(true)`"),
        ErrorKind::Incompatible => Some("use a newer codex"),
        ErrorKind::Usage => {
            Some("with codexkit that is `Thread::unarchive`, or the method `thread/unarchive`")
        }
        ErrorKind::UnknownMethod => Some("the server may be too old or too new for this method"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;
    use serde_json::json;

    fn kind_of(code: i64, message: &str, data: Option<serde_json::Value>) -> ErrorKind {
        let mut error = RpcError::new(code, message);
        error.data = data;
        answered_with("m".into(), error).kind()
    }

    #[test]
    fn kinds_are_told_by_code_then_text_then_data() {
        covers!["000-036", "002-144", "O39", "D27"];
        let cases = [
            (-32001, "Server overloaded; retry later.", None, ErrorKind::Overloaded),
            (-32600, "thread not found: 123", None, ErrorKind::ThreadNotFound),
            (-32600, "no rollout found for thread id 123", None, ErrorKind::ThreadNotFound),
            (-32600, "session 123 is archived. Run `codex unarchive 123` first.", None, ErrorKind::Usage),
            (-32600, "no active turn to steer", None, ErrorKind::NotRunning),
            (-32600, "failed to load configuration: expected", None, ErrorKind::Config),
            (
                -32600,
                "thread/start.dynamicTools requires experimentalApi capability",
                None,
                ErrorKind::ExperimentalRequired,
            ),
            (
                -32600,
                "Invalid request: unknown variant `no/such`, expected one of `initialize`",
                None,
                ErrorKind::UnknownMethod,
            ),
            (-32601, "thread/items/list is not supported yet", None, ErrorKind::Incompatible),
            (-32600, "Invalid request: missing field `threadId`", None, ErrorKind::InvalidParams),
            (
                -32602,
                "too long",
                Some(json!({ "input_error_code": "input_too_large" })),
                ErrorKind::InputTooLarge,
            ),
            (
                -32600,
                "x",
                Some(json!({ "config_write_error_code": "configVersionConflict" })),
                ErrorKind::ConfigConflict,
            ),
            (
                -32600,
                "x",
                Some(json!({ "config_write_error_code": "configValidationError" })),
                ErrorKind::Config,
            ),
            (-32603, "anything else", None, ErrorKind::Rpc),
        ];
        for (code, message, data, kind) in cases {
            assert_eq!(kind_of(code, message, data), kind, "{message}");
        }
    }

    #[test]
    fn the_servers_own_error_is_kept_whole() {
        covers!["000-036"];
        let error = answered_with("m".into(), RpcError::new(-32600, "x".repeat(5000)));
        assert!(error.to_string().len() < 600);
        assert_eq!(error.rpc_error().map(|rpc| rpc.message.len()), Some(5000));
    }
}
