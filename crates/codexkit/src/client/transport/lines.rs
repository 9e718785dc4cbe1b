//! Frames as lines over any pair of byte streams.

use super::{FrameSink, FrameSource, Frames, ReadError};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};

/// Reads frames from lines.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    stream: R,
    limit: usize,
    /// Whether a line beyond the limit has come, which is told after what came before it.
    too_large: bool,
}

/// One read takes at most what a pipe can hold.
const READ_SIZE: usize = 64 * 1024;

impl<R> LineReader<R> {
    /// `limit` is the largest line that is accepted, in bytes.
    pub(crate) fn new(stream: R, limit: usize) -> Self {
        Self { stream, limit, too_large: false }
    }
}

impl<R: AsyncRead + Unpin + Send + 'static> FrameSource for LineReader<R> {
    async fn read(&mut self, frames: &mut Frames) -> Result<bool, ReadError> {
        while frames.is_empty() {
            if self.too_large {
                return Err(ReadError::FrameTooLarge { limit: self.limit });
            }
            frames.buffer().reserve(READ_SIZE);
            if self.stream.read_buf(frames.buffer()).await? == 0 {
                frames.finish_line();
                return Ok(!frames.is_empty());
            }
            self.too_large = !frames.split_lines(self.limit);
        }
        Ok(true)
    }
}

/// Writes frames as lines.
#[derive(Debug)]
pub(crate) struct LineWriter<W: AsyncWrite> {
    stream: BufWriter<W>,
}

impl<W: AsyncWrite> LineWriter<W> {
    pub(crate) fn new(stream: W) -> Self {
        Self { stream: BufWriter::with_capacity(READ_SIZE, stream) }
    }
}

impl<W: AsyncWrite + Unpin + Send + 'static> FrameSink for LineWriter<W> {
    async fn write(&mut self, frame: &str) -> io::Result<()> {
        debug_assert!(!frame.contains('\n'), "JSON is written on one line");
        self.stream.write_all(frame.as_bytes()).await?;
        self.stream.write_all(b"\n").await
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(input: &'static [u8], limit: usize) -> (Vec<String>, Result<bool, ReadError>) {
        let mut reader = LineReader::new(input, limit);
        let mut frames = Frames::default();
        let mut lines = Vec::new();
        loop {
            frames.clear();
            let more = reader.read(&mut frames).await;
            if !matches!(more, Ok(true)) {
                return (lines, more);
            }
            lines.extend(frames.iter().map(|frame| String::from_utf8_lossy(frame).into_owned()));
        }
    }

    #[tokio::test]
    async fn the_last_line_counts_without_its_line_break() {
        let (lines, end) = read_all(b"a\nb", 10).await;
        assert_eq!(lines, ["a", "b"]);
        assert!(matches!(end, Ok(false)));
    }

    #[tokio::test]
    async fn a_line_beyond_the_limit_is_refused() {
        let (lines, _) = read_all(b"12345\n", 5).await;
        assert_eq!(lines, ["12345"]);
        for too_large in [&b"123456\n"[..], b"123456"] {
            let (_, end) = read_all(too_large, 5).await;
            assert!(matches!(end, Err(ReadError::FrameTooLarge { limit: 5 })));
        }
    }
}
