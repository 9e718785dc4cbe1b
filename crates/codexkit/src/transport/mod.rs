//! Ways to a server: each carries whole messages, both ways, and knows nothing of what they mean.
//!
//! Most programs need nothing of this: [`Codex::start`](crate::Codex::start) speaks over pipes, and
//! [`Codex::connect`](crate::Codex::connect) over WebSockets and unix sockets. For a server that is reached in another way
//! there are three things:
//!
//! - [`Lines`] makes a transport of any two byte streams that carry a message a line, as `codex app-server` does on its
//!   standard streams: a command over ssh or in a container, a pipe, a socket of your own.
//! - [`memory`] is a pair of ends within the program: one is the transport, the other plays the server.
//! - The trait [`Transport`] is for everything else.
//!
//! ```
//! use codexkit::transport::{FrameSink, FrameSource, Frames, Transport};
//! use std::io;
//! use tokio::sync::mpsc::{Receiver, Sender};
//!
//! /// Messages that some other part of the program carries.
//! struct Channels(Receiver<String>, Sender<String>);
//! struct Incoming(Receiver<String>);
//! struct Outgoing(Sender<String>);
//!
//! impl Transport for Channels {
//!     type Source = Incoming;
//!     type Sink = Outgoing;
//!
//!     fn split(self) -> (Incoming, Outgoing) {
//!         (Incoming(self.0), Outgoing(self.1))
//!     }
//! }
//!
//! impl FrameSource for Incoming {
//!     async fn read(&mut self, frames: &mut Frames) -> io::Result<bool> {
//!         let message = self.0.recv().await;
//!         message.iter().for_each(|message| frames.push(message.as_bytes()));
//!         Ok(message.is_some())
//!     }
//! }
//!
//! impl FrameSink for Outgoing {
//!     async fn write(&mut self, frame: &str) -> io::Result<()> {
//!         self.0.send(frame.to_owned()).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
//!     }
//! }
//! # async fn example(channels: Channels) -> codexkit::Result<()> {
//! let codex = codexkit::Codex::builder().connect_over(channels).await?;
//! # Ok(())
//! # }
//! ```

mod endpoint;
mod frames;
mod lines;
mod link;
mod memory;
#[cfg(test)]
mod properties;
mod websocket;

pub use endpoint::Endpoint;
pub(crate) use endpoint::ListenAt;
pub use frames::Frames;
pub use lines::{LineReader, LineWriter, Lines};
pub(crate) use link::{ErasedSink, ErasedSource, Link};
pub use memory::{Memory, MemorySink, MemorySource, memory};

use std::future::{Future, pending, ready};
use std::io;

/// A way to a server, connected and ready to use.
///
/// [`CodexBuilder::connect_over`](crate::CodexBuilder::connect_over) takes one. The connection reads from one half and
/// writes to the other in two tasks that do not wait for each other, so neither half may wait for the other either.
pub trait Transport: Send + 'static {
    /// The half that messages are read from.
    type Source: FrameSource;
    /// The half that messages are written to.
    type Sink: FrameSink;

    /// The two halves.
    fn split(self) -> (Self::Source, Self::Sink);

    /// The largest message that the way takes, in bytes; none if it takes any. A larger one is refused with
    /// `InputTooLarge` before it is written.
    fn largest_message(&self) -> Option<usize> {
        None
    }
}

/// The half that messages are read from. One task owns it and waits for nothing else, so it is never cut short but to
/// end it.
pub trait FrameSource: Send + 'static {
    /// Waits until at least one message has come, and adds all that are there. `false` means the end: what was added is
    /// still taken, and it is not called again.
    ///
    /// # Errors
    ///
    /// Any error is the end of the connection. Of the kind `TimedOut` it says that the server was silent for too long, of
    /// the kind `InvalidData` that it broke the rules of the transport.
    fn read(&mut self, frames: &mut Frames) -> impl Future<Output = io::Result<bool>> + Send;
}

/// The half that messages are written to. One task owns it, so a message is never cut off by a caller that gives up.
pub trait FrameSink: Send + 'static {
    /// Writes one message, a JSON text on one line. It may stay in a buffer until [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// Any error is the end of the connection.
    fn write(&mut self, frame: &str) -> impl Future<Output = io::Result<()>> + Send;

    /// Sends what is still in a buffer.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    fn flush(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        ready(Ok(()))
    }

    /// Waits until [`flush`](Self::flush) has something to send that is no message, such as a sign of life. Must be cancel
    /// safe: it is dropped whenever there is a message to write. Default: never.
    fn wants_flush(&mut self) -> impl Future<Output = ()> + Send {
        pending()
    }

    /// Says goodbye after the last message was flushed. It may wait for the server to do the same; the connection waits
    /// for [`Limits::shutdown_step`](crate::Limits::shutdown_step) at most, then drops both halves. Default: nothing more
    /// than being dropped.
    ///
    /// # Errors
    ///
    /// They change nothing any more.
    fn close(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        ready(Ok(()))
    }
}
