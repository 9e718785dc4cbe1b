//! The body of a reply: it plays the beats as fast as the client reads and the script allows.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::Frame;

use super::outcome::{Answering, Outcome};
use super::sse::Beat;

type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hyper polls this for the next piece and drops it when the client has gone, which `answering` then records.
pub(super) struct Playback {
    beats: VecDeque<Beat>,
    waiting: Option<Wait>,
    cutting: bool,
    /// Absent when nobody asks how this reply ends.
    answering: Option<Answering>,
}

impl Playback {
    pub(super) fn new(beats: impl Into<VecDeque<Beat>>, answering: Option<Answering>) -> Self {
        Self { beats: beats.into(), waiting: None, cutting: false, answering }
    }

    fn end(&self, outcome: Outcome) {
        if let Some(answering) = &self.answering {
            answering.end(outcome);
        }
    }
}

impl hyper::body::Body for Playback {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            if self.cutting {
                self.end(Outcome::CutByScript);
                return Poll::Ready(Some(Err(io::Error::other("the script cuts the stream"))));
            }
            match self.beats.pop_front() {
                Some(Beat::Send(bytes)) => {
                    // Clients may close as soon as they have the last event: that is no cut.
                    if self.beats.is_empty() {
                        self.end(Outcome::Finished);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Beat::Pause(pause)) => self.waiting = Some(Box::pin(pause.pass())),
                Some(Beat::Cut) => {
                    // Hyper writes out what it holds only when the body has nothing for it.
                    self.waiting = Some(Box::pin(tokio::task::yield_now()));
                    self.cutting = true;
                }
                None => return Poll::Ready(None),
            }
        }
    }
}
