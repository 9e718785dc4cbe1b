//! The half of a WebSocket that is written to.

use super::BoxStream;
use super::frame::{self, Masks, Opcode};
use super::shared::{Owed, Shared};
use crate::transport::FrameSink;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, WriteHalf};
use tokio::time::{Instant, sleep_until};

/// What is collected before it is written.
const FULL: usize = 64 * 1024;

/// Buffers beyond this size are given back once they are empty.
const KEPT_CAPACITY: usize = 1024 * 1024;

/// When so much is taken at once of something large, somebody is there who takes it. Less may just be put by on the way.
const SIGN_OF_LIFE: usize = 16 * 1024;

/// The code that says that all is done.
const DONE: u16 = 1000;

/// The half of a WebSocket that is written to.
pub(crate) struct WebSocketSink {
    stream: WriteHalf<BoxStream>,
    buffer: Vec<u8>,
    masks: Masks,
    ping_every: Duration,
    next_ping: Instant,
    /// Whether we have said that nothing more will come.
    closed: bool,
    shared: Arc<Shared>,
}

impl WebSocketSink {
    pub(super) fn new(stream: WriteHalf<BoxStream>, ping_every: Duration, shared: Arc<Shared>) -> Self {
        let next_ping = Instant::now() + ping_every;
        let (buffer, masks) = (Vec::new(), Masks::default());
        Self { stream, buffer, masks, ping_every, next_ping, closed: false, shared }
    }

    fn add(&mut self, opcode: Opcode, payload: &[u8]) {
        if !self.closed {
            frame::write(&mut self.buffer, opcode, payload, self.masks.next());
        }
    }

    fn add_close(&mut self, payload: &[u8]) {
        self.add(Opcode::Close, payload);
        self.closed = true;
    }

    /// Adds what is owed: answers to the server, and a sign of life when it is time for one.
    fn add_owed(&mut self) {
        let Owed { pong, close } = self.shared.take_owed();
        if let Some(payload) = pong {
            self.add(Opcode::Pong, &payload);
        }
        if Instant::now() >= self.next_ping {
            self.add(Opcode::Ping, &[]);
            self.next_ping = Instant::now() + self.ping_every;
        }
        if let Some(payload) = close {
            self.add_close(&payload);
        }
    }

    async fn write_buffer(&mut self) -> io::Result<()> {
        let mut rest = &self.buffer[..];
        while !rest.is_empty() {
            let taken = self.stream.write(rest).await?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            if taken >= SIGN_OF_LIFE {
                self.shared.is_alive();
            }
            rest = &rest[taken..];
        }
        self.buffer.clear();
        if self.buffer.capacity() > KEPT_CAPACITY {
            self.buffer = Vec::new();
        }
        Ok(())
    }
}

impl FrameSink for WebSocketSink {
    async fn write(&mut self, frame: &str) -> io::Result<()> {
        self.add(Opcode::Text, frame.as_bytes());
        match self.buffer.len() {
            0..FULL => Ok(()),
            _ => self.write_buffer().await,
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.add_owed();
        self.write_buffer().await?;
        self.stream.flush().await
    }

    async fn wants_flush(&mut self) {
        tokio::select! {
            () = self.shared.owes() => {}
            () = sleep_until(self.next_ping) => {}
        }
    }

    /// Closes in the order that the protocol asks for, and waits until the server has done the same: what is dropped
    /// with unread bytes resets the connection, and the last messages might not be read.
    async fn close(&mut self) -> io::Result<()> {
        self.add_close(&DONE.to_be_bytes());
        self.flush().await?;
        self.shared.wait_for_source().await;
        self.stream.shutdown().await
    }
}
