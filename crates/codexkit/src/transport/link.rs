//! Transports without their types, so that the tasks of a connection are compiled once, and here.

use super::{FrameSink, FrameSource, Frames, Transport};
use crate::future::BoxFuture;
use std::io;

/// A transport without its type.
pub(crate) struct Link {
    pub(crate) source: Box<dyn ErasedSource>,
    pub(crate) sink: Box<dyn ErasedSink>,
    pub(crate) largest_message: Option<usize>,
}

impl Link {
    pub(crate) fn new(transport: impl Transport) -> Self {
        let largest_message = transport.largest_message();
        let (source, sink) = transport.split();
        Self { source: Box::new(source), sink: Box::new(sink), largest_message }
    }
}

/// [`FrameSource`] as an object.
pub(crate) trait ErasedSource: Send {
    fn read<'a>(&'a mut self, frames: &'a mut Frames) -> BoxFuture<'a, io::Result<bool>>;
}

impl<S: FrameSource> ErasedSource for S {
    fn read<'a>(&'a mut self, frames: &'a mut Frames) -> BoxFuture<'a, io::Result<bool>> {
        Box::pin(FrameSource::read(self, frames))
    }
}

/// [`FrameSink`] as an object.
pub(crate) trait ErasedSink: Send {
    fn write<'a>(&'a mut self, frame: &'a str) -> BoxFuture<'a, io::Result<()>>;
    fn flush(&mut self) -> BoxFuture<'_, io::Result<()>>;
    fn wants_flush(&mut self) -> BoxFuture<'_, ()>;
    fn close(&mut self) -> BoxFuture<'_, io::Result<()>>;
}

impl<S: FrameSink> ErasedSink for S {
    fn write<'a>(&'a mut self, frame: &'a str) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(FrameSink::write(self, frame))
    }

    fn flush(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(FrameSink::flush(self))
    }

    fn wants_flush(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(FrameSink::wants_flush(self))
    }

    fn close(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(FrameSink::close(self))
    }
}
