//! Messages within the program.

use super::{FrameSink, FrameSource, Frames, Transport};
use std::io;
use tokio::sync::mpsc;

/// Messages that may wait in each direction.
const PLACES: usize = 64;

/// A pair of ends: what is sent at one comes out at the other, in both directions.
///
/// Give one to [`CodexBuilder::connect_over`](crate::CodexBuilder::connect_over), and play the server with the other, by
/// [`receive`](Memory::receive) and [`send`](Memory::send): to test a program without a server, or to pass messages on by
/// means of your own; then [`split`](Transport::split) it, so that neither direction waits for the other. In each direction 64 messages may wait; then the sender waits for a place.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> codexkit::Result<()> {
/// use codexkit::Codex;
/// use codexkit::transport::memory;
///
/// let (ours, mut server) = memory();
/// let playing = tokio::spawn(async move {
///     let hello = server.receive().await.expect("the first call is `initialize`");
///     assert!(hello.contains("initialize"));
///     let info = r#"{"userAgent":"codexkit/0.169.0 (Test)","codexHome":"/","platformFamily":"unix","platformOs":"linux"}"#;
///     server.send(format!(r#"{{"id":1,"result":{info}}}"#)).await;
///     while server.receive().await.is_some() {}
/// });
/// let codex = Codex::builder().connect_over(ours).await?;
/// assert_eq!(codex.server_info().platform_os.as_deref(), Some("linux"));
/// codex.close().await;
/// playing.await.expect("the server saw the end");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn memory() -> (Memory, Memory) {
    let ((one, of_one), (two, of_two)) = (mpsc::channel(PLACES), mpsc::channel(PLACES));
    let end = |outgoing, incoming| Memory { source: MemorySource(incoming), sink: MemorySink(outgoing) };
    (end(one, of_two), end(two, of_one))
}

/// One end of a pair that [`memory`] makes.
#[derive(Debug)]
pub struct Memory {
    source: MemorySource,
    sink: MemorySink,
}

impl Memory {
    /// The next message from the other end; none after that has gone. Cancel safe.
    pub async fn receive(&mut self) -> Option<String> {
        self.source.receive().await
    }

    /// Sends a message to the other end, and waits for a place for it. `false` when the other end has gone.
    ///
    /// Cancel safe: dropped before it is ready, nothing was sent.
    pub async fn send(&self, message: impl Into<String>) -> bool {
        self.sink.send(message).await
    }
}

impl Transport for Memory {
    type Source = MemorySource;
    type Sink = MemorySink;

    fn split(self) -> (MemorySource, MemorySink) {
        (self.source, self.sink)
    }
}

/// The half of a [`Memory`] that messages come out of.
#[derive(Debug)]
pub struct MemorySource(mpsc::Receiver<String>);

impl MemorySource {
    /// The next message from the other end; none after that has gone. Cancel safe.
    pub async fn receive(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

impl FrameSource for MemorySource {
    async fn read(&mut self, frames: &mut Frames) -> io::Result<bool> {
        let mut messages = Vec::new();
        let more = self.0.recv_many(&mut messages, PLACES).await > 0;
        messages.iter().for_each(|message| frames.push(message.as_bytes()));
        Ok(more)
    }
}

/// The half of a [`Memory`] that messages go into.
#[derive(Debug)]
pub struct MemorySink(mpsc::Sender<String>);

impl MemorySink {
    /// Sends a message to the other end, as [`Memory::send`] does.
    ///
    /// Cancel safe: dropped before it is ready, nothing was sent.
    pub async fn send(&self, message: impl Into<String>) -> bool {
        self.0.send(message.into()).await.is_ok()
    }
}

impl FrameSink for MemorySink {
    async fn write(&mut self, frame: &str) -> io::Result<()> {
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the other end has gone");
        self.0.send(frame.to_owned()).await.map_err(gone)
    }
}
