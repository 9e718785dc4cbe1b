//! The I/O of a simulated server, over any pair of byte streams.

use super::engine::{Engine, Output};
use super::step::Deed;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A simulated server that may be told more while it runs.
#[derive(Debug)]
pub(super) struct Shared {
    engine: Mutex<Engine>,
    /// Told when somebody has changed the engine from outside, or it has taken in a frame.
    pub(super) changed: Notify,
    pub(super) received: Notify,
    start: Instant,
}

impl Shared {
    pub(super) fn new(engine: Engine) -> Arc<Self> {
        let (changed, received) = (Notify::new(), Notify::new());
        Arc::new(Self { engine: Mutex::new(engine), changed, received, start: Instant::now() })
    }

    pub(super) fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time since the start.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// What a server can do beside reading and writing. In memory most of it means nothing.
pub(super) trait Body {
    /// Does a deed that does not end the server.
    fn act(&mut self, deed: &Deed) -> io::Result<()>;
}

/// How a server has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// By itself, with this code.
    Exit(i32),
    /// It was to be killed.
    Die,
}

/// One read takes at most so much.
const READ_SIZE: usize = 64 * 1024;

/// Runs the server until it ends.
///
/// It always reads, even while the client does not, and makes up no more than some output ahead.
pub(super) async fn drive(
    shared: &Shared,
    mut read: impl AsyncRead + Unpin,
    write: impl AsyncWrite + Unpin,
    body: &mut impl Body,
) -> io::Result<End> {
    let (pieces, ignores_eof, exit_code) = {
        let engine = shared.engine();
        (engine.pieces().unwrap_or(usize::MAX), engine.ignores_eof(), engine.exit_code())
    };
    let mut input = Some(Lines::default());
    let mut writer = Writer { write: Some(write), output: VecDeque::new(), written: 0 };
    loop {
        let wake = if writer.output.is_empty() {
            let mut engine = shared.engine();
            let wake = engine.advance(shared.now());
            writer.output = engine.take_output();
            wake
        } else {
            None
        };
        if let Some(deed) = writer.next_deed() {
            // What was said before is on its way.
            writer.flush().await?;
            match deed {
                Deed::Exit(code) => return Ok(End::Exit(code)),
                Deed::Die => return Ok(End::Die),
                Deed::CloseOutput => writer.close().await?,
                _ => {}
            }
            body.act(&deed)?;
            continue;
        }
        let wake_at = wake.map(|wake| shared.start + wake);
        tokio::select! {
            biased;
            more = read_lines(&mut read, &mut input), if input.is_some() => {
                let (lines, ended) = more?;
                for line in lines {
                    shared.engine().receive(&line, shared.now());
                }
                shared.received.notify_waiters();
                if ended {
                    input = None;
                    if !ignores_eof {
                        writer.flush().await?;
                        return Ok(End::Exit(exit_code));
                    }
                }
                // What was taken in may have something to say at once.
                let mut said = shared.engine().take_output();
                writer.output.append(&mut said);
            }
            written = writer.write_some(pieces), if !writer.output.is_empty() => {
                if written.is_err() && !ignores_eof {
                    return Ok(End::Exit(exit_code));
                }
            }
            () = shared.changed.notified() => {}
            () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
        }
    }
}

/// The lines of a stream, as far as they have come.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
}

/// Whole lines, and whether the stream has ended. Cancel safe. The last line counts only with its line break.
async fn read_lines(
    read: &mut (impl AsyncRead + Unpin),
    lines: &mut Option<Lines>,
) -> io::Result<(Vec<Vec<u8>>, bool)> {
    let Some(Lines { bytes }) = lines else { return std::future::pending().await };
    bytes.reserve(READ_SIZE);
    let ended = read.read_buf(bytes).await? == 0;
    let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else { return Ok((Vec::new(), ended)) };
    let rest = bytes.split_off(last + 1);
    let whole = std::mem::replace(bytes, rest);
    Ok((whole[..last].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect(), ended))
}

/// The output, and how far it is written.
#[derive(Debug)]
struct Writer<W> {
    /// None once it is closed: what would be written then goes nowhere.
    write: Option<W>,
    output: VecDeque<Output>,
    written: usize,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// The deed that is to be done now, if one is.
    fn next_deed(&mut self) -> Option<Deed> {
        match self.output.front() {
            Some(Output::Deed(_)) => match self.output.pop_front() {
                Some(Output::Deed(deed)) => Some(deed),
                _ => None,
            },
            _ => None,
        }
    }

    /// Writes some of what is first in order, at most so many bytes. Cancel safe.
    async fn write_some(&mut self, at_most: usize) -> io::Result<()> {
        let Some(Output::Bytes(bytes)) = self.output.front() else { return Ok(()) };
        let rest = &bytes[self.written..];
        let length = rest.len().min(at_most);
        let written = match &mut self.write {
            Some(write) => write.write(&rest[..length]).await,
            None => Ok(length),
        };
        match written {
            Ok(written) => {
                self.written += written;
                if self.written == bytes.len() {
                    self.written = 0;
                    self.output.pop_front();
                    if self.output.is_empty() {
                        self.flush().await?;
                    }
                }
                Ok(())
            }
            Err(error) => {
                self.write = None;
                Err(error)
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match &mut self.write {
            Some(write) => write.flush().await.or(Ok(())),
            None => Ok(()),
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        match self.write.take() {
            Some(mut write) => write.shutdown().await.or(Ok(())),
            None => Ok(()),
        }
    }
}
