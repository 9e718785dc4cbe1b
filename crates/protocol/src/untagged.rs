//! Unions without a tag, told apart by their structure, never by trying one after the other.

use crate::json::{Json, Member};

/// What an alternative looks like from the outside.
#[derive(Debug)]
pub(crate) enum Outline {
    Text,
    List,
    Object {
        /// Members that must be there.
        required: &'static [&'static str],
        /// Members that can only have these texts.
        texts: &'static [(&'static str, &'static [&'static str])],
        /// Members that are objects, with what must be there within.
        within: &'static [(&'static str, &'static [&'static str])],
        /// All members there are, when the schema allows no others.
        known: Option<&'static [&'static str]>,
    },
}

/// The first alternative that fits without a doubt, or else the first that fits but for members nobody knows.
pub(crate) fn choose(json: &Json<'_>, alternatives: &[(usize, Outline)]) -> Option<usize> {
    let fits = |sure: bool| {
        alternatives.iter().find(|(_, outline)| outline.fits(json, sure)).map(|(alternative, _)| *alternative)
    };
    fits(true).or_else(|| fits(false))
}

impl Outline {
    fn fits(&self, json: &Json<'_>, sure: bool) -> bool {
        match (self, json) {
            (Self::Text, Json::Text(_)) | (Self::List, Json::List(_)) => true,
            (Self::Object { required, texts, within, known }, Json::Object(members)) => {
                required.iter().all(|name| find(members, name).is_some())
                    && texts.iter().all(|(name, texts)| match find(members, name) {
                        Some(Json::Text(text)) => texts.contains(&text.as_ref()),
                        Some(_) => false,
                        None => true,
                    })
                    && within.iter().all(|(name, required)| match find(members, name) {
                        Some(Json::Object(inner)) => required.iter().all(|name| find(inner, name).is_some()),
                        _ => false,
                    })
                    && known.is_none_or(|known| {
                        !sure || members.iter().all(|member| known.contains(&member.0.as_ref()))
                    })
            }
            _ => false,
        }
    }
}

fn find<'m, 'a>(members: &'m [Member<'a>], name: &str) -> Option<&'m Json<'a>> {
    members.iter().find(|member| member.0 == name).map(|member| &member.1)
}

/// A union told apart by structure: `untagged!(Type { Variant(Payload) .. } by [(0, outline), ..])`.
macro_rules! untagged {
    (
        $(#[$meta:meta])* $name:ident
        { $($(#[$variant_meta:meta])* $index:literal $variant:ident($payload:ty),)+ }
        by [$($outline:expr),+ $(,)?]
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                $variant($payload),
            )+
            /// One that this version does not know; it is written back as it came.
            Unrecognized($crate::UnrecognizedVariant),
        }

        impl $crate::decode::Decode for $name {
            fn decode(json: $crate::json::Json<'_>) -> Result<Self, $crate::DecodeError> {
                use $crate::untagged::Outline;
                const OUTLINES: &[(usize, Outline)] = &[$($outline),+];
                match $crate::untagged::choose(&json, OUTLINES) {
                    $(Some($index) => $crate::decode::Decode::decode(json).map(Self::$variant),)+
                    _ => Ok(Self::Unrecognized($crate::UnrecognizedVariant::new("".into(), json))),
                }
            }
        }

        $crate::wire::shell!($name);
    };
}

pub(crate) use untagged;

#[cfg(test)]
mod tests {
    use super::*;

    const ALTERNATIVES: &[(usize, Outline)] = &[
        (0, Outline::Text),
        (1, Outline::Object { required: &["a"], texts: &[], within: &[], known: Some(&["a"]) }),
        (2, Outline::Object { required: &["a"], texts: &[("kind", &["x"])], within: &[], known: None }),
        (3, Outline::Object { required: &["b"], texts: &[], within: &[("b", &["inner"])], known: None }),
    ];

    #[test]
    fn structure_decides() {
        for (json, expected) in [
            (r#""text""#, Some(0)),
            (r#"{"a":1}"#, Some(1)),
            (r#"{"a":1,"kind":"x"}"#, Some(2)),
            // A member that nobody knows leaves the first one that fits otherwise.
            (r#"{"a":1,"kind":"y","new":1}"#, Some(1)),
            (r#"{"b":{"inner":1}}"#, Some(3)),
            (r#"{"b":1}"#, None),
            ("[]", None),
        ] {
            assert_eq!(choose(&serde_json::from_str(json).unwrap(), ALTERNATIVES), expected, "{json}");
        }
    }
}
