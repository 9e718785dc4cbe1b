//! Methods and notifications.

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

            fn encode(&self) -> serde_json::Result<Box<serde_json::value::RawValue>> {
                serde_json::value::to_raw_value(self)
            }

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

pub(crate) use {notifications, request, server_requests};
