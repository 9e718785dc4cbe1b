//! Frames as lines over any pair of byte streams.

use super::{FrameSink, FrameSource, Frames, Transport};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};

/// Messages as lines over two byte streams: what `codex app-server` speaks on its standard output and input.
///
/// A message a line, in UTF-8. The streams are those of tokio, or anything that implements its traits. To end the
/// connection the writing one is dropped, which ends a server that reads from it.
#[derive(Debug)]
pub struct Lines<R, W> {
    read: R,
    write: W,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    /// A transport that reads from `read`, the server's output, and writes to `write`, its input.
    pub fn new(read: R, write: W) -> Self {
        Self { read, write }
    }
}

impl<R, W> Transport for Lines<R, W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Source = LineReader<R>;
    type Sink = LineWriter<W>;

    fn split(self) -> (LineReader<R>, LineWriter<W>) {
        let stream = BufWriter::with_capacity(READ_SIZE, self.write);
        (LineReader { stream: self.read }, LineWriter { stream })
    }
}

/// The half of [`Lines`] that is read from.
#[derive(Debug)]
pub struct LineReader<R> {
    stream: R,
}

/// One read takes at most what a pipe can hold.
const READ_SIZE: usize = 64 * 1024;

impl<R: AsyncRead + Unpin + Send + 'static> FrameSource for LineReader<R> {
    async fn read(&mut self, frames: &mut Frames) -> io::Result<bool> {
        while frames.is_empty() && frames.too_large().is_none() {
            frames.buffer().reserve(READ_SIZE);
            if self.stream.read_buf(frames.buffer()).await? == 0 {
                frames.finish_line();
                return Ok(!frames.is_empty());
            }
            frames.split_lines();
        }
        Ok(true)
    }
}

/// The half of [`Lines`] that is written to.
#[derive(Debug)]
pub struct LineWriter<W> {
    stream: BufWriter<W>,
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

    /// The lines, and whether one was too large.
    async fn read_all(input: &'static [u8], limit: usize) -> (Vec<String>, bool) {
        let (mut reader, _) = Lines::new(input, tokio::io::sink()).split();
        let mut frames = Frames::new(limit);
        let mut lines = Vec::new();
        loop {
            frames.clear();
            let more = reader.read(&mut frames).await.unwrap();
            lines.extend(frames.iter().map(|frame| String::from_utf8_lossy(frame).into_owned()));
            if !more || frames.too_large().is_some() {
                return (lines, frames.too_large().is_some());
            }
        }
    }

    #[tokio::test]
    async fn the_last_line_counts_without_its_line_break() {
        assert_eq!(read_all(b"a\nb", 10).await, (vec!["a".into(), "b".into()], false));
    }

    #[tokio::test]
    async fn a_line_beyond_the_limit_is_refused() {
        assert_eq!(read_all(b"12345\n", 5).await, (vec!["12345".into()], false));
        for too_large in [&b"12345\n123456\n"[..], b"12345\n123456"] {
            assert_eq!(read_all(too_large, 5).await, (vec!["12345".into()], true));
        }
    }
}
