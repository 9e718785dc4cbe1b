//! From a [`Json`] value to a Rust value.

use crate::json::Json;
use crate::{DecodeError, ItemId, RequestId, ThreadId, TurnId};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A type that can be read from JSON. Not generic over the format, unlike serde's `Deserialize`.
pub(crate) trait Decode: Sized {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError>;
}

/// Reads a type from the text of one JSON value.
pub(crate) fn read<T: Decode>(raw: &RawValue) -> Result<T, DecodeError> {
    T::decode(serde_json::from_str(raw.get())?)
}

/// Reads one of the few types that serde decodes by itself.
pub(crate) fn read_direct<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, DecodeError> {
    Ok(serde_json::from_str(raw.get())?)
}

/// What the `Deserialize` of a decoded type does.
pub(crate) fn shell<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::decode(Json::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cold]
pub(crate) fn unexpected(wanted: &str, found: &Json<'_>) -> DecodeError {
    DecodeError::new(format!("expected {wanted}, found {}", found.kind()))
}

impl Decode for String {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Text(text) => Ok(text.into_owned()),
            other => Err(unexpected("a string", &other)),
        }
    }
}

impl Decode for bool {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Bool(value) => Ok(value),
            other => Err(unexpected("a boolean", &other)),
        }
    }
}

impl Decode for f64 {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Float(value) => Ok(value),
            Json::Unsigned(value) => Ok(value as f64),
            Json::Negative(value) => Ok(value as f64),
            other => Err(unexpected("a number", &other)),
        }
    }
}

impl Decode for Value {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(json.into_value())
    }
}

macro_rules! integers {
    ($($ty:ty)+) => {$(
        impl Decode for $ty {
            fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
                let value = match json {
                    Json::Unsigned(value) => Self::try_from(value).ok(),
                    Json::Negative(value) => Self::try_from(value).ok(),
                    _ => None,
                };
                value.ok_or_else(|| unexpected(concat!("an integer of type ", stringify!($ty)), &json))
            }
        }
    )+};
}

integers! { i32 i64 u16 u32 u64 }

macro_rules! ids {
    ($($ty:ty)+) => {$(
        impl Decode for $ty {
            fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
                match json {
                    Json::Text(text) => Ok(Self::new(text)),
                    other => Err(unexpected("a string", &other)),
                }
            }
        }
    )+};
}

ids! { ThreadId TurnId ItemId }

impl Decode for RequestId {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Text(text) => Ok(Self::String(text.into_owned())),
            other => i64::decode(other).map(Self::Integer),
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Null => Ok(None),
            value => T::decode(value).map(Some),
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        T::decode(json).map(Box::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::List(values) => {
                let mut decoded = Vec::with_capacity(values.len());
                for (index, value) in values.into_iter().enumerate() {
                    decoded.push(T::decode(value).map_err(|error| error.at(index))?);
                }
                Ok(decoded)
            }
            other => Err(unexpected("an array", &other)),
        }
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(json: Json<'_>) -> Result<Self, DecodeError> {
        match json {
            Json::Object(members) => {
                let mut decoded = BTreeMap::new();
                for (name, value) in members {
                    let value = T::decode(value).map_err(|error| error.under(&name))?;
                    decoded.insert(name.into_owned(), value);
                }
                Ok(decoded)
            }
            other => Err(unexpected("an object", &other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode<T: Decode>(json: &str) -> Result<T, String> {
        T::decode(serde_json::from_str(json).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_must_fit() {
        assert_eq!(decode("65535"), Ok(u16::MAX));
        assert_eq!(decode("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(decode("-3"), Ok(-3.0));
        assert!(
            decode::<u16>("65536").is_err() && decode::<u64>("-1").is_err() && decode::<i64>("0.5").is_err()
        );
    }

    #[test]
    fn the_place_of_a_problem_is_told() {
        let error = decode::<BTreeMap<String, Vec<bool>>>(r#"{"k":[true,"no"]}"#).unwrap_err();
        assert_eq!(error, "at `k[1]`: expected a boolean, found a string");
    }
}
