//! The task that owns the reading half. It awaits the transport and nothing else.

use super::core::Core;
use super::transport::{FrameSource, Frames, ReadError};
use crate::error::CloseReason;
use crate::protocol::DecodeError;
use crate::protocol::envelope::Inbound;
use std::sync::Arc;

/// Reads until the end and says how it came to that.
pub(super) async fn run(core: Arc<Core>, mut source: impl FrameSource) -> CloseReason {
    let mut frames = Frames::default();
    loop {
        frames.clear();
        match source.read(&mut frames).await {
            Ok(true) => {}
            Ok(false) => return CloseReason::Eof,
            Err(ReadError::Io(error)) => return CloseReason::Io(error.to_string()),
            Err(ReadError::FrameTooLarge { limit }) => {
                return CloseReason::Protocol(format!(
                    "the server sent a frame of more than {limit} bytes; `Limits::inbound_frame` can be raised"
                ));
            }
        }
        if let Err(problem) = receive(&core, &frames) {
            return CloseReason::Protocol(problem);
        }
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
