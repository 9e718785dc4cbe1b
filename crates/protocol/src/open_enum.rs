//! String enums that a newer server may extend.

use std::fmt;

/// A text that is none of the values known to this version. Only decoding makes it, so it is never a known one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnrecognizedText(Box<str>);

impl UnrecognizedText {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as the server wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnrecognizedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares an enum of texts, with `Unrecognized` for all others.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $(#[$variant_meta])*
                $variant,
            )+
            /// A value that this version does not know; it is written back as it came.
            Unrecognized($crate::UnrecognizedText),
        }

        impl $name {
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unrecognized(text) => text.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Unrecognized($crate::UnrecognizedText::new(other)),
                }
            }
        }

        $crate::open_enum::text_impls!($name);
    };
}

/// Declares a free text of which some values are known.
macro_rules! open_text {
    ($(#[$meta:meta])* $name:ident { $($constant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            $(
                #[doc = concat!("`", $text, "`")]
                pub const $constant: Self = Self(std::borrow::Cow::Borrowed($text));
            )*

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(std::borrow::Cow::Owned(text.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(std::borrow::Cow::Owned(text))
            }
        }

        $crate::open_enum::text_impls!($name);
    };
}

/// What all such types have in common.
macro_rules! text_impls {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(json: $crate::json::Json<'_>) -> Result<Self, $crate::DecodeError> {
                match json {
                    $crate::json::Json::Text(text) => Ok(Self::from(text.as_ref())),
                    other => Err($crate::decode::unexpected("a string", &other)),
                }
            }
        }

        $crate::wire::shell!($name);
    };
}

pub(crate) use {open_enum, open_text, text_impls};
