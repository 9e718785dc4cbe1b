//! Ways to the server: each carries whole frames, one JSON message in each.

mod frames;
mod lines;
#[cfg(test)]
mod properties;

pub(crate) use frames::Frames;
pub(crate) use lines::{LineReader, LineWriter};

use std::future::Future;
use std::io;

/// The half that frames are read from. The reader task owns it.
pub(crate) trait FrameSource: Send + 'static {
    /// Waits until at least one frame has come and adds all that are there. `false` means the end.
    ///
    /// # Errors
    ///
    /// When reading fails, or a frame is larger than allowed.
    fn read(&mut self, frames: &mut Frames) -> impl Future<Output = Result<bool, ReadError>> + Send;
}

/// The half that frames are written to. The writer task owns it, so a frame is never cut off by a dropped caller.
pub(crate) trait FrameSink: Send + 'static {
    /// Writes one frame. It may stay in a buffer until [`flush`](Self::flush).
    fn write(&mut self, frame: &str) -> impl Future<Output = io::Result<()>> + Send;

    /// Sends what is still in a buffer.
    fn flush(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}

/// Why no more frames can be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The transport broke.
    Io(io::Error),
    /// A frame is larger than `limit` bytes.
    FrameTooLarge { limit: usize },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
