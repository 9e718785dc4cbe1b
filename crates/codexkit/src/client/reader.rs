//! The task that owns the reading half. It awaits the transport and nothing else.

use super::core::Core;
use crate::error::CloseReason;
use crate::protocol::DecodeError;
use crate::protocol::envelope::Inbound;
use crate::transport::{ErasedSource, Frames};
use std::io;
use std::sync::Arc;

/// Reads until the end and says how it came to that.
pub(super) async fn run(core: Arc<Core>, mut source: Box<dyn ErasedSource>) -> CloseReason {
    let mut frames = Frames::new(core.limits.inbound_frame);
    loop {
        frames.clear();
        let read = source.read(&mut frames).await;
        if let Err(problem) = receive(&core, &frames) {
            return CloseReason::Protocol(problem);
        }
        if let Some(limit) = frames.too_large() {
            return CloseReason::Protocol(format!(
                "the server sent a frame of more than {limit} bytes; `Limits::inbound_frame` can be raised"
            ));
        }
        match read {
            Ok(true) => {}
            Ok(false) => return CloseReason::Eof,
            Err(error) => return broken(&error),
        }
    }
}

/// What the failure of a transport means.
pub(super) fn broken(error: &io::Error) -> CloseReason {
    match error.kind() {
        io::ErrorKind::TimedOut => CloseReason::Silent,
        io::ErrorKind::InvalidData => CloseReason::Protocol(error.to_string()),
        _ => CloseReason::Io(error.to_string()),
    }
}

/// Takes in all that one read has brought, under one lock.
fn receive(core: &Core, frames: &Frames) -> Result<(), String> {
    let parsed: Vec<_> = frames.iter().map(parse).collect();
    core.update(|state, effects| parsed.into_iter().try_for_each(|frame| state.receive(frame, effects)))
}

fn parse(frame: &[u8]) -> Result<Inbound<'_>, DecodeError> {
    let text = std::str::from_utf8(frame).map_err(|error| DecodeError::new(error.to_string()))?;
    Inbound::parse(text)
}
