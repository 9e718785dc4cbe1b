//! The async half, driven from a plain thread.

use crate::plain::block_on;
use codexkit::{Closed, CodexBuilder};
pub(crate) use codexkit::{Codex, StartThread, Tool, Turn};
use std::future::{Ready, ready};

/// Waits for what comes of something.
pub(crate) trait Settle {
    /// What comes of it.
    type Output;

    fn settle(self) -> Self::Output;
}

impl<F: IntoFuture> Settle for F {
    type Output = F::Output;

    fn settle(self) -> F::Output {
        block_on("what was begun", self.into_future())
    }
}

pub(crate) fn builder(builder: CodexBuilder) -> CodexBuilder {
    builder
}

/// A function of the program as this half wants it.
pub(crate) fn function<Q, A>(plain: impl Fn(Q) -> A + Send + Sync) -> impl Fn(Q) -> Ready<A> + Send + Sync {
    move |question| ready(plain(question))
}

/// All asks of a turn, answered one by one.
pub(crate) fn answer_all(turn: &mut Turn, answer: impl Fn(codexkit::Ask) + Send + 'static) {
    let mut asks = turn.take_asks().expect("nobody else answers");
    std::thread::spawn(move || {
        while let Some(ask) = asks.next().settle() {
            answer(ask);
        }
    });
}

/// Closes a connection.
pub(crate) fn close(codex: &Codex) -> Closed {
    codex.close().settle()
}
