//! The first words on a new link: who we are, and which threads we go on with.

use super::Hello;
use crate::client::core::Core;
use crate::client::handshake;
use crate::error::{Clock, Error, ErrorKind, Result, answered_with};
use crate::protocol::envelope::{Inbound, Outbound};
use crate::protocol::types::{ThreadResumeParams, ThreadTurnsListParams, Turn, TurnItemsView};
use crate::protocol::{Request, RequestId, ThreadId};
use crate::transport::{Frames, Link};
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How many of a thread's latest turns are looked at.
const LATEST: u32 = 10;

/// The notification of ours that stands for the gap in the streams of a thread.
pub(crate) const RECONNECTED: &str = "codexkit/reconnected";

/// What was found on a new link.
#[derive(Debug, Default)]
pub(crate) struct Resynced {
    /// How long there was no connection.
    pub(crate) gap: Duration,
    pub(crate) threads: Vec<ThreadState>,
    /// What the server has said meanwhile, to be taken in afterwards.
    pub(crate) held: Vec<Vec<u8>>,
}

/// What the server knows about a thread that we go on with.
#[derive(Debug)]
pub(crate) struct ThreadState {
    pub(crate) thread: ThreadId,
    /// Its latest turns, or why the thread could not be resumed.
    pub(crate) turns: Result<Vec<Turn>>,
}

/// Shakes hands on a new link and resumes the threads that somebody listens to.
pub(super) async fn resync(
    core: &Core,
    link: &mut Link,
    hello: &Hello,
    broken_since: Instant,
) -> Result<Resynced> {
    let mut talk = Talk { link, frames: Frames::new(core.limits.inbound_frame), asked: 0, held: Vec::new() };
    let greeting = handshake::greeting(hello);
    let response = timeout(core.limits.initialize, talk.ask(&greeting)).await;
    let response = response.map_err(|_| late(Clock::Initialize))??;
    let info = handshake::info(response, hello)?;
    core.learn(info.version, hello.experimental_api);
    talk.tell(Outbound::Notification { method: "initialized", params: None }).await?;

    let mut threads = Vec::new();
    for thread in core.threads_to_resume() {
        let turns = timeout(core.limits.call_deadline, talk.resume(&thread)).await;
        let turns = match turns.map_err(|_| late(Clock::Call))? {
            // The link works, and the thread is not to be had.
            Err(error) if error.rpc_error().is_some() => Err(error.with_thread(&thread)),
            Err(error) => return Err(error),
            Ok(turns) => Ok(turns),
        };
        threads.push(ThreadState { thread, turns });
    }
    Ok(Resynced { gap: broken_since.elapsed(), threads, held: talk.held })
}

fn late(clock: Clock) -> Error {
    Error::new(ErrorKind::Timeout(clock), "the server did not answer on the new connection in time")
}

/// A conversation on a link that nobody else uses yet.
struct Talk<'a> {
    link: &'a mut Link,
    frames: Frames,
    asked: u32,
    /// What was no answer to what was asked.
    held: Vec<Vec<u8>>,
}

impl Talk<'_> {
    /// Resumes a thread, so that its events come here, and reads what has become of its turns.
    async fn resume(&mut self, thread: &ThreadId) -> Result<Vec<Turn>> {
        self.ask(&ThreadResumeParams::new(thread).exclude_turns(true)).await?;
        let list = ThreadTurnsListParams::new(thread).limit(LATEST).items_view(TurnItemsView::Full);
        match self.ask(&list).await {
            Ok(page) => Ok(page.data),
            // An ephemeral thread goes on, but the server does not keep its turns.
            Err(error) if error.rpc_error().is_some() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn ask<R: Request>(&mut self, request: &R) -> Result<R::Response> {
        let params = request.encode().map_err(|error| {
            Error::new(ErrorKind::Encode, "the parameters cannot be written as JSON").with_source(error)
        })?;
        self.asked += 1;
        // The calls of the connection have numbers, so these cannot be taken for theirs.
        let id = RequestId::String(format!("resync-{}", self.asked));
        self.tell(Outbound::Request { id: &id, method: R::METHOD.name, params: &*params }).await?;
        let result = self.answer(&id, R::METHOD.name).await?;
        R::decode(&result).map_err(|error| Error::decode(R::METHOD.name, error, result.get()))
    }

    async fn tell(&mut self, message: Outbound<'_, RawValue>) -> Result<()> {
        let frame = message.encode().map_err(|error| {
            Error::new(ErrorKind::Encode, "a message cannot be written as JSON").with_source(error)
        })?;
        self.link.sink.write(&frame).await.map_err(broken)?;
        self.link.sink.flush().await.map_err(broken)
    }

    /// Reads until the answer has come; everything else is kept.
    async fn answer(&mut self, id: &RequestId, method: &'static str) -> Result<Box<RawValue>> {
        loop {
            self.frames.clear();
            let more = self.link.source.read(&mut self.frames).await.map_err(broken)?;
            let mut answer = None;
            for frame in self.frames.iter() {
                let parsed = std::str::from_utf8(frame).ok().and_then(|text| Inbound::parse(text).ok());
                match parsed {
                    Some(Inbound::Response { id: of, result }) if of == *id => {
                        answer = Some(Ok(result.to_owned()))
                    }
                    Some(Inbound::Error { id: Some(of), error }) if of == *id => {
                        answer = Some(Err(answered_with(method.into(), error)));
                    }
                    _ => self.held.push(frame.to_vec()),
                }
            }
            match answer {
                Some(answer) => return answer,
                None if more => {}
                None => return Err(broken(std::io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Connect, "the new connection broke, too").with_source(error)
}
