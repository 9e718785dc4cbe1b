//! A JSON value that borrows its texts from the frame.
//!
//! The frame is scanned once, whatever its depth, and each text is copied at most once: into the field that
//! keeps it. Decoding from this one type is what keeps the decoders of some 900 types free of generics.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A parsed value. Objects keep the order of their members.
#[derive(Clone, Debug)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<Member<'a>>),
}

/// A name and its value.
pub(crate) type Member<'a> = (Cow<'a, str>, Json<'a>);

/// The name under which serde_json hands numbers over when a program enables its `arbitrary_precision`.
const BIG_NUMBER: &str = "$serde_json::private::Number";

impl Json<'_> {
    /// What kind of value it is, for error texts.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Negative(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The same value, owned.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Unsigned(value) => Value::from(value),
            Self::Negative(value) => Value::from(value),
            Self::Float(value) => Value::from(value),
            Self::Text(text) => Value::String(text.into_owned()),
            Self::List(values) => Value::Array(values.into_iter().map(Json::into_value).collect()),
            Self::Object(members) => Value::Object(
                members.into_iter().map(|(name, value)| (name.into_owned(), value.into_value())).collect(),
            ),
        }
    }

    fn number(text: &str) -> Option<Self> {
        text.parse()
            .map(Self::Unsigned)
            .ok()
            .or_else(|| text.parse().map(Self::Negative).ok())
            .or_else(|| text.parse().map(Self::Float).ok())
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        Json::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(u64::try_from(value).map_or(Json::Negative(value), Json::Unsigned))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            let value: Json<'de> = map.next_value()?;
            if let (BIG_NUMBER, Json::Text(text)) = (name.as_ref(), &value) {
                return Json::number(text).ok_or_else(|| Error::custom("number out of range"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

/// A name that borrows where it can; serde's own `Cow` never does.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyName)
    }
}

struct AnyName;

impl<'de> Visitor<'de> for AnyName {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_borrowed_where_they_can_be() {
        let json: Json<'_> = serde_json::from_str(r#"{"plain":"text","esc\u0061ped":"\n"}"#).unwrap();
        let Json::Object(members) = json else { panic!("{json:?}") };
        assert!(matches!(&members[0], (Cow::Borrowed("plain"), Json::Text(Cow::Borrowed("text")))));
        assert!(
            matches!(&members[1], (Cow::Owned(name), Json::Text(Cow::Owned(text))) if name == "escaped" && text == "\n")
        );
    }

    #[test]
    fn values_survive() {
        let text = r#"{"a":[null,true,-9223372036854775808,18446744073709551615,0.5,"\u0000"],"b":{}}"#;
        let json: Json<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(json.into_value(), serde_json::from_str::<Value>(text).unwrap());
    }

    /// What serde_json makes of numbers once any crate of the program enables `arbitrary_precision`.
    #[test]
    fn numbers_in_disguise_are_numbers() {
        let number = |text: &str| {
            let object = serde_json::json!({ BIG_NUMBER: text });
            Json::deserialize(&object).map(Json::into_value)
        };
        assert_eq!(number("7").unwrap(), 7);
        assert_eq!(number("-7").unwrap(), -7);
        assert_eq!(number("0.5").unwrap(), 0.5);
        assert!(number("text").is_err());
    }

    #[test]
    fn depth_has_an_end() {
        let deep = "[".repeat(100_000);
        assert!(serde_json::from_str::<Json<'_>>(&deep).is_err());
    }
}
