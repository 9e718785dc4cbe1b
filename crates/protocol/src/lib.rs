//! Every wire type of `codex app-server`, generated from its schema, without any I/O.
//!
//! The server speaks JSON-RPC in one JSON object per frame. This crate knows what the frames say:
//!
//! - [`envelope`] reads and writes the frames themselves;
//! - [`Request`] ties the parameters of a method to its answer.
//!
//! What a newer server adds is kept, never dropped: unknown enum texts, tags and methods decode into
//! `Unrecognized` variants that are written back as they came.

mod decode_error;
pub mod envelope;
mod id;
mod raw;
mod request;
pub mod route;
mod rpc_error;
mod version;

pub use decode_error::DecodeError;
pub use id::{ItemId, RequestId, ThreadId, TurnId};
pub use raw::{RawNotification, RawRequest};
pub use request::{CallClass, Field, Method, Request};
pub use rpc_error::RpcError;
pub use version::Version;
