//! Every wire type of `codex app-server`, generated from its schema, without any I/O.
//!
//! The server speaks JSON-RPC in one JSON object per frame. This crate knows what the frames say:
//!
//! - [`envelope`] reads and writes the frames themselves;
//! - [`Request`] ties the parameters of a method to its answer.
//!
//! What a newer server adds is kept, never dropped: unknown enum texts, tags and methods decode into
//! `Unrecognized` variants that are written back as they came.

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
