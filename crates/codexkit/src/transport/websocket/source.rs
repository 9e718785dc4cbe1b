//! The half of a WebSocket that is read from.

use super::BoxStream;
use super::frame::{Header, Opcode};
use super::shared::Shared;
use crate::transport::{FrameSource, Frames};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, ReadHalf};
use tokio::time::{Instant, timeout_at};

/// One read takes at most this.
const READ_SIZE: usize = 64 * 1024;

/// Buffers beyond this size are given back once they are empty.
const KEPT_CAPACITY: usize = 1024 * 1024;

/// The codes by which a server closes a connection in the ordinary way: done, going away, and none at all.
const ORDINARY: [u16; 3] = [1000, 1001, 1005];

/// The half of a WebSocket that is read from.
pub(crate) struct WebSocketSource {
    stream: ReadHalf<BoxStream>,
    /// What was read and not understood yet: at most the beginning of one frame, once a read is over.
    bytes: Vec<u8>,
    /// The parts of a message of which more are to come.
    parts: Option<Vec<u8>>,
    silence: Duration,
    shared: Arc<Shared>,
}

/// What follows from what was read.
enum Heard {
    More,
    /// The server has closed the connection.
    Close,
}

impl WebSocketSource {
    pub(super) fn new(
        stream: ReadHalf<BoxStream>,
        beginning: Vec<u8>,
        silence: Duration,
        shared: Arc<Shared>,
    ) -> Self {
        Self { stream, bytes: beginning, parts: None, silence, shared }
    }

    /// Takes whole frames out of what was read.
    fn take_frames(&mut self, frames: &mut Frames) -> io::Result<Heard> {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = &bytes[..];
        let mut heard = Heard::More;
        while let (Heard::More, Some(header)) = (&heard, Header::read(rest).map_err(against_the_rules)?) {
            let whole = header.length.saturating_add(header.payload);
            let so_far = self.parts.as_ref().map_or(0, Vec::len);
            if !header.opcode.is_control() && !frames.admits(so_far.saturating_add(header.payload)) {
                break;
            }
            let Some(payload) = rest.get(header.length..whole) else { break };
            heard = self.take(header, payload, frames)?;
            rest = &rest[whole..];
        }
        let taken = bytes.len() - rest.len();
        self.bytes = bytes;
        self.bytes.drain(..taken);
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_CAPACITY {
            self.bytes = Vec::new();
        }
        Ok(heard)
    }

    fn take(&mut self, header: Header, payload: &[u8], frames: &mut Frames) -> io::Result<Heard> {
        match header.opcode {
            Opcode::Ping => self.shared.owe_pong(payload),
            Opcode::Pong => {}
            Opcode::Close => {
                self.shared.owe_close(payload.get(..2).unwrap_or_default());
                return closed(payload);
            }
            Opcode::Continuation => {
                let parts =
                    self.parts.as_mut().ok_or_else(|| against_the_rules("a part has no beginning"))?;
                parts.extend_from_slice(payload);
                if header.last {
                    frames.push(&self.parts.take().unwrap_or_default());
                }
            }
            Opcode::Text | Opcode::Binary => match self.parts {
                Some(_) => return Err(against_the_rules("a message begins within another")),
                None if header.last => frames.push(payload),
                None => self.parts = Some(payload.to_vec()),
            },
        }
        Ok(Heard::More)
    }

    /// Reads some more. An error when nothing has come for too long.
    async fn read_more(&mut self) -> io::Result<usize> {
        self.bytes.reserve(READ_SIZE);
        loop {
            let deadline = self.shared.last_alive() + self.silence;
            match timeout_at(deadline, self.stream.read_buf(&mut self.bytes)).await {
                Ok(read) => {
                    self.shared.is_alive();
                    return read;
                }
                // It may have been moved meanwhile.
                Err(_) if self.shared.last_alive() + self.silence > Instant::now() => {}
                Err(_) => return Err(io::Error::new(io::ErrorKind::TimedOut, "the server is silent")),
            }
        }
    }
}

impl FrameSource for WebSocketSource {
    async fn read(&mut self, frames: &mut Frames) -> io::Result<bool> {
        loop {
            if matches!(self.take_frames(frames)?, Heard::Close) {
                return Ok(false);
            }
            if !frames.is_empty() || frames.too_large().is_some() {
                return Ok(true);
            }
            match self.read_more().await {
                // A server that ends closes its sockets without a word.
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for WebSocketSource {
    fn drop(&mut self) {
        self.shared.source_ended();
    }
}

/// What a closing says: an error unless all is well.
fn closed(payload: &[u8]) -> io::Result<Heard> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else { return Ok(Heard::Close) };
    let code = u16::from_be_bytes(*code);
    match ORDINARY.contains(&code) {
        true => Ok(Heard::Close),
        false => {
            let reason = String::from_utf8_lossy(reason);
            Err(io::Error::other(format!("the server closed it with code {code}: {reason}")))
        }
    }
}

fn against_the_rules(rule: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the server broke the rules of WebSocket: {rule}"))
}
