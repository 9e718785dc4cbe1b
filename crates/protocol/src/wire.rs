//! The macros that the generated files are written with.

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

/// Builder methods: `setters!(Type { set field: T, some field: T, list field: T, ... })`.
macro_rules! setters {
    ($name:ident { $($how:ident $field:ident: $ty:ty),+ $(,)? }) => {
        impl $name {
            $($crate::wire::setter!($how $field: $ty);)+
        }
    };
}

/// One builder method; the word tells what the field is.
macro_rules! setter {
    (set $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = $field.into();
            self
        }
    };
    (some $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (list $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, $field: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            self.$field = $field.into_iter().map(Into::into).collect();
            self
        }
    };
    (some_list $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, $field: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            self.$field = Some($field.into_iter().map(Into::into).collect());
            self
        }
    };
    (map $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(
            mut self,
            $field: impl IntoIterator<Item = (impl Into<String>, impl Into<$ty>)>,
        ) -> Self {
            self.$field = $field.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            self
        }
    };
    (some_map $field:ident: $ty:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(
            mut self,
            $field: impl IntoIterator<Item = (impl Into<String>, impl Into<$ty>)>,
        ) -> Self {
            self.$field = Some($field.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
            self
        }
    };
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

/// Ties parameters to their method and its answer.
macro_rules! request {
    ($params:ident => $response:ident {
        name: $name:literal, class: $class:ident, experimental: $experimental:literal, since: $since:expr,
        until: $until:expr,
        fields: [$(($field:literal, $field_since:expr, $field_until:expr, $field_experimental:literal)),* $(,)?] $(,)?
    }) => {
        impl $crate::Request for $params {
            const METHOD: &'static $crate::Method = &$crate::Method {
                name: $name,
                class: $crate::CallClass::$class,
                experimental: $experimental,
                since: $since,
                until: $until,
                fields: &[$(
                    $crate::Field {
                        name: $field,
                        experimental: $field_experimental,
                        since: $field_since,
                        until: $field_until,
                    },
                )*],
            };

            type Response = $response;

            fn decode(
                result: &serde_json::value::RawValue,
            ) -> Result<$response, $crate::DecodeError> {
                $crate::decode::read(result)
            }
        }
    };
}

/// The enum of all notifications: `notifications! { "method" Variant(Payload) read, .. }`.
macro_rules! notifications {
    ($($method:literal $variant:ident($payload:ty) $read:ident,)+) => {
        /// A notification of the server.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum ServerNotification {
            $(
                #[doc = concat!("`", $method, "`")]
                $variant($payload),
            )+
            /// One that this version does not know, as it came.
            Unrecognized(RawNotification),
        }

        impl ServerNotification {
            /// Reads the parameters of a notification.
            ///
            /// # Errors
            ///
            /// When the method is known and its parameters do not have the form that the schema promises.
            pub fn decode(method: &str, params: &RawValue) -> Result<Self, DecodeError> {
                match method {
                    $($method => $read(params).map(Self::$variant),)+
                    _ => Ok(Self::Unrecognized(RawNotification::new(method, params.to_owned()))),
                }
            }

            /// The method.
            pub fn method(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $method,)+
                    Self::Unrecognized(raw) => &raw.method,
                }
            }
        }

        /// As on the wire: the method and its parameters.
        impl serde::Serialize for ServerNotification {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let mut object = serializer.serialize_struct("ServerNotification", 2)?;
                object.serialize_field("method", self.method())?;
                match self {
                    $(Self::$variant(params) => object.serialize_field("params", params)?,)+
                    Self::Unrecognized(raw) => object.serialize_field("params", &raw.params)?,
                }
                object.end()
            }
        }
    };
}

/// The enum of all requests of the server: `server_requests! { "method" Variant(Payload) Params => Answer, .. }`.
macro_rules! server_requests {
    ($($method:literal $variant:ident($payload:ty) $params:ident => $answer:ident,)+) => {
        /// A request of the server, which waits for our answer.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum ServerRequest {
            $(
                #[doc = concat!("`", $method, "`, answered with [`", stringify!($answer), "`].")]
                $variant($payload),
            )+
            /// One that this version does not know, as it came.
            Unrecognized(RawRequest),
        }

        impl ServerRequest {
            /// Reads the parameters of a request.
            ///
            /// # Errors
            ///
            /// When the method is known and its parameters do not have the form that the schema promises.
            pub fn decode(raw: &RawRequest) -> Result<Self, DecodeError> {
                match raw.method.as_ref() {
                    $($method => read(&raw.params).map(Self::$variant),)+
                    _ => Ok(Self::Unrecognized(raw.clone())),
                }
            }

            /// The method.
            pub fn method(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $method,)+
                    Self::Unrecognized(raw) => &raw.method,
                }
            }
        }

        $(
            impl Answerable for $params {
                const METHOD: &'static str = $method;
                type Answer = $answer;
            }
        )+
    };
}

pub(crate) use {
    decode, mixed, notifications, payloads, request, server_requests, setter, setters, shared, shared_field,
    shell, source, tagged,
};
