//! Values for overrides of the codex configuration, written as TOML.

use std::fmt::{self, Write as _};

/// A value for an override of the codex configuration.
///
/// It is made from texts, booleans, numbers, and from [`serde_json::Value`] for lists and tables. Its `Debug` does not show
/// it, since it may be a secret.
#[derive(Clone, PartialEq)]
pub struct ConfigValue(serde_json::Value);

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigValue(..)")
    }
}

macro_rules! from {
    ($($ty:ty),+) => {$(
        impl From<$ty> for ConfigValue {
            fn from(value: $ty) -> Self {
                Self(value.into())
            }
        }
    )+};
}

from!(&str, String, bool, i32, i64, u32, u64, f64, serde_json::Value);

impl ConfigValue {
    /// The value as TOML; nothing if it holds a `null` or a number that is none, which TOML cannot say.
    pub(crate) fn to_toml(&self) -> Option<String> {
        let mut text = String::new();
        write_value(&mut text, &self.0).ok().map(|()| text)
    }
}

fn write_value(text: &mut String, value: &serde_json::Value) -> fmt::Result {
    match value {
        serde_json::Value::Null => Err(fmt::Error),
        serde_json::Value::Bool(value) => write!(text, "{value}"),
        serde_json::Value::Number(value) => write!(text, "{value}"),
        serde_json::Value::String(value) => write_string(text, value),
        serde_json::Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_value(text, value)?;
            }
            text.push(']');
            Ok(())
        }
        serde_json::Value::Object(fields) => {
            text.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_string(text, key)?;
                text.push_str(" = ");
                write_value(text, value)?;
            }
            text.push('}');
            Ok(())
        }
    }
}

fn write_string(text: &mut String, value: &str) -> fmt::Result {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => write!(text, "\\{character}")?,
            control if control.is_control() => write!(text, "\\u{:04X}", u32::from(control))?,
            plain => text.push(plain),
        }
    }
    text.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;
    use serde_json::json;

    #[test]
    fn values_are_written_as_toml() {
        covers!["T07"];
        let toml = |value: ConfigValue| value.to_toml();
        assert_eq!(toml("say \"hi\"\n\u{7f}".into()).as_deref(), Some(r#""say \"hi\"\u000A\u007F""#));
        assert_eq!(toml(true.into()).as_deref(), Some("true"));
        assert_eq!(toml(3.into()).as_deref(), Some("3"));
        assert_eq!(toml("3".into()).as_deref(), Some("\"3\""));
        assert_eq!(toml(json!({ "a b": [1, "x"] }).into()).as_deref(), Some(r#"{"a b" = [1, "x"]}"#));
    }

    #[test]
    fn what_toml_cannot_say_is_refused() {
        assert_eq!(ConfigValue::from(json!([null])).to_toml(), None);
        assert_eq!(ConfigValue::from(f64::NAN).to_toml(), None);
    }
}
