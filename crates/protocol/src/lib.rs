//! Every wire type of `codex app-server`, generated from its schema, without any I/O.
//!
//! The server speaks JSON-RPC in one JSON object per frame. This crate knows what the frames say:
//!
//! - [`envelope`] reads and writes the frames themselves, [`route`] tells whom a notification concerns;
//! - [`Request`] ties the parameters of a method to its answer: the parameters *are* the request. They are built by
//!   chaining; [`Method`] says what is known about the method;
//! - [`ServerNotification`] and [`ServerRequest`] are everything that the server tells and asks, and
//!   [`Answerable`] ties what it asks to the answer that it wants;
//! - [`types`] has all the types, flat.
//!
//! ```
//! use codexkit_protocol::types::{ReasoningEffort, TurnStartParams, UserInput};
//! use codexkit_protocol::{Request, ServerNotification};
//!
//! let request = TurnStartParams::new("thread-1", [UserInput::text("hi")]).effort(ReasoningEffort::HIGH);
//! assert_eq!(TurnStartParams::METHOD.name, "turn/start");
//! assert_eq!(
//!     serde_json::to_string(&request)?,
//!     r#"{"effort":"high","input":[{"type":"text","text":"hi"}],"threadId":"thread-1"}"#
//! );
//!
//! let params = serde_json::from_str(r#"{"threadId":"thread-1","turn":{"id":"turn-1","items":[],"status":"inProgress"}}"#)?;
//! match ServerNotification::decode("turn/started", params)? {
//!     ServerNotification::TurnStarted(started) => assert_eq!(started.turn.id, "turn-1"),
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the types promise
//!
//! They are generated from the schemas of the oldest and the newest supported server and fit both: a field that the
//! server writes is only required if both require it. Structs and enums are `#[non_exhaustive]`. Types that programs
//! send have `new` with what must be there, and a setter for everything else; types that only the server writes have
//! public fields. Where null means something else than absence, the field is a [`Patch`].
//!
//! What a newer server adds is kept, never dropped: unknown enum texts, tags and methods decode into
//! `Unrecognized` variants that are written back as they came. Tolerance is for these alone: a known item
//! without a required field is a [`DecodeError`] that names the place.

mod decode;
mod decode_error;
pub mod envelope;
mod generated;
mod id;
mod json;
mod object;
mod open_enum;
mod patch;
mod raw;
mod request;
pub mod route;
mod rpc_error;
mod tagged;
mod untagged;
mod version;
mod wire;

pub use decode_error::DecodeError;
pub use generated::methods::ALL_METHODS;
pub use generated::notifications::ServerNotification;
pub use generated::server_requests::ServerRequest;
pub use generated::types;
pub use id::{ItemId, RequestId, ThreadId, TurnId};
pub use open_enum::UnrecognizedText;
pub use patch::Patch;
pub use raw::{RawNotification, RawRequest};
pub use request::{Answerable, CallClass, Delivery, Field, Method, Request};
pub use rpc_error::RpcError;
pub use tagged::UnrecognizedVariant;
pub use version::Version;
