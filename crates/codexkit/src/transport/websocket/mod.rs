//! Messages as WebSocket frames (RFC 6455), the client's side, over any byte stream.
//!
//! It is written here rather than taken from a crate: those write what they send and receive into the log, the bearer
//! token and API keys included, and bring some twenty more crates for a protocol of a few pages.

mod accept;
mod frame;
mod http;
#[cfg(test)]
mod properties;
mod shared;
mod sink;
mod source;
#[cfg(test)]
mod tests;
mod upgrade;

pub(super) use http::{Request, read_head};
pub(super) use upgrade::upgrade;

use super::Transport;
use crate::limits::Limits;
use shared::Shared;
use sink::WebSocketSink;
use source::WebSocketSource;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream to a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A byte stream to a server, whatever it is made of.
pub(super) type BoxStream = Box<dyn Stream>;

/// A WebSocket on which the handshake is done.
pub(crate) struct WebSocket {
    stream: BoxStream,
    /// What came behind the handshake.
    beginning: Vec<u8>,
    limits: Limits,
}

impl Transport for WebSocket {
    type Source = WebSocketSource;
    type Sink = WebSocketSink;

    fn split(self) -> (WebSocketSource, WebSocketSink) {
        let (read, write) = tokio::io::split(self.stream);
        let shared = Arc::new(Shared::new());
        let source = WebSocketSource::new(read, self.beginning, self.limits.silence, shared.clone());
        (source, WebSocketSink::new(write, self.limits.ping, shared))
    }

    fn largest_message(&self) -> Option<usize> {
        Some(self.limits.outbound_message)
    }
}
