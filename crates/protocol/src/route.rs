//! Whom a notification concerns, told by the shape of its parameters alone.
//!
//! Methods that this SDK has never heard of reach their thread in the same way.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The ids that parameters carry, borrowed from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteKey<'a> {
    /// The thread, from `threadId` or `thread.id`.
    pub thread: Option<Cow<'a, str>>,
    /// The turn, from `turnId` or `turn.id`.
    pub turn: Option<Cow<'a, str>>,
    /// The item, from `itemId` or `item.id`.
    pub item: Option<Cow<'a, str>>,
    /// The process of `command/exec` or `process/spawn`, from `processId` or `processHandle`.
    pub process: Option<Cow<'a, str>>,
    /// The login, from `loginId`.
    pub login: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Shape<'a> {
    #[serde(borrow)]
    thread_id: Lenient<'a>,
    #[serde(borrow)]
    turn_id: Lenient<'a>,
    #[serde(borrow)]
    item_id: Lenient<'a>,
    #[serde(borrow)]
    process_id: Lenient<'a>,
    #[serde(borrow)]
    process_handle: Lenient<'a>,
    #[serde(borrow)]
    login_id: Lenient<'a>,
    #[serde(borrow)]
    thread: Option<&'a RawValue>,
    #[serde(borrow)]
    turn: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
}

/// A value that counts only when it is a string, so that an odd one does not hide the others.
#[derive(Deserialize, Default)]
#[serde(transparent)]
struct Lenient<'a>(#[serde(borrow)] Option<&'a RawValue>);

impl<'a> Lenient<'a> {
    fn text(self) -> Option<Cow<'a, str>> {
        text(self.0?)
    }
}

#[derive(Deserialize)]
struct WithId<'a> {
    #[serde(borrow)]
    id: Lenient<'a>,
}

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = value.get();
    match quoted.strip_prefix('"')?.strip_suffix('"')? {
        plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(quoted).ok().map(Cow::Owned),
    }
}

fn nested_id(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    serde_json::from_str::<WithId<'_>>(object(value?)?).ok()?.id.text()
}

/// The text of an object. Serde would also take a list for one, with the fields by their places.
fn object(value: &RawValue) -> Option<&str> {
    Some(value.get()).filter(|text| text.starts_with('{'))
}

impl<'a> RouteKey<'a> {
    /// Looks into the parameters. What is missing or has an unexpected form is simply not there.
    pub fn peek(params: &'a RawValue) -> Self {
        let shape = object(params).and_then(|params| serde_json::from_str::<Shape<'a>>(params).ok());
        let shape = shape.unwrap_or_default();
        Self {
            thread: shape.thread_id.text().or_else(|| nested_id(shape.thread)),
            turn: shape.turn_id.text().or_else(|| nested_id(shape.turn)),
            item: shape.item_id.text().or_else(|| nested_id(shape.item)),
            process: shape.process_id.text().or_else(|| shape.process_handle.text()),
            login: shape.login_id.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(json: &str) -> RouteKey<'static> {
        let raw: &'static RawValue =
            serde_json::from_str(Box::leak(json.to_owned().into_boxed_str())).unwrap();
        RouteKey::peek(raw)
    }

    #[test]
    fn ids_are_found_flat_and_nested() {
        let key = peek(r#"{"threadId":"t","turn":{"items":[{"id":"no"}],"id":"u"},"other":{"id":"no"}}"#);
        assert_eq!((key.thread.as_deref(), key.turn.as_deref(), key.item), (Some("t"), Some("u"), None));
    }

    #[test]
    fn odd_values_do_not_hide_the_others() {
        let key = peek(r#"{"threadId":"t\u0041","turnId":7,"item":null,"turn":[1]}"#);
        assert_eq!((key.thread.as_deref(), key.turn, key.item), (Some("tA"), None, None));
        for odd in ["null", "[]", r#"["t","u"]"#, r#"{"thread":["t"]}"#, "3", "\"x\""] {
            assert_eq!(peek(odd), RouteKey::default());
        }
    }
}
