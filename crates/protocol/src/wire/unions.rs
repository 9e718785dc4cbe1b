//! Unions.

/// A tagged union: `tagged!(Type by "tag" { Variant(Payload) = "text", .. })`.
macro_rules! tagged {
    (
        $(#[$meta:meta])* $name:ident by $tag:literal
        { $($(#[$variant_meta:meta])* $variant:ident($payload:ty) = $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $(#[$variant_meta])*
                $variant($payload),
            )+
            /// One that this version does not know; it is written back as it came.
            Unrecognized($crate::UnrecognizedVariant),
        }

        impl $name {
            /// The tag on the wire.
            pub fn tag(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $text,)+
                    Self::Unrecognized(variant) => variant.tag(),
                }
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(json: $crate::json::Json<'_>) -> Result<Self, $crate::DecodeError> {
                let tag = $crate::tagged::tag(&json, $tag)?;
                match tag.as_ref() {
                    $($text => $crate::decode::Decode::decode(json).map(Self::$variant),)+
                    _ => Ok(Self::Unrecognized($crate::UnrecognizedVariant::new(tag, json))),
                }
            }
        }

        $crate::wire::shell!($name);
    };
}

/// A union of texts and of objects with one member:
/// `mixed!(Type { text Variant = "text", object Variant(Payload) = "member", .. })`.
macro_rules! mixed {
    (
        $(#[$meta:meta])* $name:ident {
            texts { $($(#[$text_meta:meta])* $unit:ident = $text:literal,)* }
            objects { $($(#[$object_meta:meta])* $variant:ident($payload:ty) = $member:literal,)* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $(#[$text_meta])*
                #[serde(rename = $text)]
                $unit,
            )*
            $(
                #[doc = concat!("`", $member, "`")]
                $(#[$object_meta])*
                #[serde(rename = $member)]
                $variant($payload),
            )*
            /// One that this version does not know; it is written back as it came.
            #[serde(untagged)]
            Unrecognized($crate::UnrecognizedVariant),
        }

        impl $crate::decode::Decode for $name {
            fn decode(json: $crate::json::Json<'_>) -> Result<Self, $crate::DecodeError> {
                match $crate::tagged::Mixed::of(json)? {
                    $($crate::tagged::Mixed::Text(text) if text == $text => Ok(Self::$unit),)*
                    $(
                        $crate::tagged::Mixed::Object(name, json) if name == $member => {
                            match $crate::decode::Decode::decode(json) {
                                Ok(payload) => Ok(Self::$variant(payload)),
                                Err(error) => Err($crate::DecodeError::under(error, $member)),
                            }
                        }
                    )*
                    other => Ok(Self::Unrecognized(other.unrecognized())),
                }
            }
        }

        $crate::wire::shell!($name);
    };
}

/// `From` for the payloads of a union that programs send.
macro_rules! payloads {
    ($name:ident { $($variant:ident($payload:ty)),+ $(,)? }) => {$(
        impl From<$payload> for $name {
            fn from(payload: $payload) -> Self {
                Self::$variant(payload.into())
            }
        }
    )+};
}

/// Accessors for the fields that all variants of a tagged union have.
macro_rules! shared {
    ($name:ident $variants:tt { $($how:ident $field:ident: $ty:ty),+ $(,)? }) => {
        impl $name {
            $($crate::wire::shared_field!($how $variants $field: $ty);)+
        }
    };
}

/// One accessor: `required` and `optional` borrow, `required_copy` and `optional_copy` copy.
macro_rules! shared_field {
    (required_copy [$($variant:ident)+] $field:ident: $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "` of whichever variant it is; none for one that is not known.")]
        pub fn $field(&self) -> Option<$ty> {
            match self {
                $(Self::$variant(payload) => Some(payload.$field),)+
                Self::Unrecognized(_) => None,
            }
        }
    };
    (optional_copy [$($variant:ident)+] $field:ident: $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "` of whichever variant it is; none for one that is not known.")]
        pub fn $field(&self) -> Option<$ty> {
            match self {
                $(Self::$variant(payload) => payload.$field,)+
                Self::Unrecognized(_) => None,
            }
        }
    };
    (required [$($variant:ident)+] $field:ident: $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "` of whichever variant it is; none for one that is not known.")]
        pub fn $field(&self) -> Option<&$ty> {
            match self {
                $(Self::$variant(payload) => Some(&payload.$field),)+
                Self::Unrecognized(_) => None,
            }
        }
    };
    (optional [$($variant:ident)+] $field:ident: $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "` of whichever variant it is; none for one that is not known.")]
        pub fn $field(&self) -> Option<&$ty> {
            match self {
                $(Self::$variant(payload) => payload.$field.as_ref(),)+
                Self::Unrecognized(_) => None,
            }
        }
    };
}

pub(crate) use {mixed, payloads, shared, shared_field, tagged};
