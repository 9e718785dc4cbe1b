//! Structs: how they are read.

/// Decodes a struct: `decode!(Type { field: req "name", other: opt "other" })`, where the word before each name
/// is a method of [`Obj`](crate::object::Obj).
///
/// One binding per field: with `?` within the struct expression, the code of all decoders is half as large again.
macro_rules! decode {
    ($name:ident { $($field:ident: $how:ident $wire:literal),* $(,)? }) => {
        impl $crate::decode::Decode for $name {
            fn decode(json: $crate::json::Json<'_>) -> Result<Self, $crate::DecodeError> {
                #[allow(unused_mut, unused_variables)]
                let mut object = $crate::object::Obj::of(json)?;
                $(
                    let $field = match object.$how($wire) {
                        Ok(value) => value,
                        Err(error) => return Err(error),
                    };
                )*
                Ok(Self { $($field,)* })
            }
        }
        $crate::wire::shell!($name);
    };
}

/// `Deserialize` for types that are decoded by [`Decode`](crate::decode::Decode).
macro_rules! shell {
    ($($name:ident),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::decode::shell(deserializer)
            }
        }
    )+};
}

/// A choice between members of an object: `source!(Type { Variant = "member", .. })`.
macro_rules! source {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $constructor:ident = $wire:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $wire, "`")]
                #[serde(rename = $wire)]
                $variant(String),
            )+
        }

        impl $name {
            $(
                #[doc = concat!("The source named by `", $wire, "`.")]
                pub fn $constructor(text: impl Into<String>) -> Self {
                    Self::$variant(text.into())
                }
            )+
        }

        impl $crate::object::Source for $name {
            const NAMES: &'static [&'static str] = &[$($wire),+];

            fn from_text(index: usize, text: String) -> Self {
                [$(Self::$variant as fn(String) -> Self),+][index](text)
            }
        }
    };
}

pub(crate) use {decode, shell, source};
