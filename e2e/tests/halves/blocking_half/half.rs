//! The blocking half, as it is.

pub(crate) use codexkit::blocking::{Codex, StartThread, Thread, Tool, Turn};
use codexkit::blocking::{
    CodexBuilder, ConfigWrite, Exec, ForkThread, Goal, Outcome, ResumeThread, Run, StructuredRun,
    UpdateSettings,
};
use codexkit::protocol::Request;
use codexkit::protocol::types::ConfigWriteResponse;
use codexkit::{Closed, Error, ExecOutput, GoalOutput, Result, Structured, ThreadSettings, TurnOutput};

/// Waits for what comes of something.
pub(crate) trait Settle {
    /// What comes of it.
    type Output;

    fn settle(self) -> Self::Output;
}

/// It has been waited for already.
impl<T> Settle for Result<T, Error> {
    type Output = Self;

    fn settle(self) -> Self {
        self
    }
}

macro_rules! settled_by_wait {
    ($($builder:ty => $output:ty $(where [$($parameter:tt)+])?,)+) => {$(
        impl$(<$($parameter)+>)? Settle for $builder {
            type Output = Result<$output>;

            fn settle(self) -> Self::Output {
                self.wait()
            }
        }
    )+};
}

settled_by_wait! {
    StartThread => Thread,
    ResumeThread => Thread,
    ForkThread => Thread,
    UpdateSettings => ThreadSettings,
    Run<R> => TurnOutput where [R: Request + Send + Sync + 'static],
    Outcome<R> => TurnOutput where [R: Request + Send + Sync + 'static],
    StructuredRun<T> => Structured<T> where [T: Send + 'static],
    Goal => GoalOutput,
    Exec => ExecOutput,
    ConfigWrite => ConfigWriteResponse,
}

pub(crate) fn builder(builder: codexkit::CodexBuilder) -> CodexBuilder {
    builder.into()
}

/// A function of the program as this half wants it.
pub(crate) fn function<F>(plain: F) -> F {
    plain
}

/// All asks of a turn, answered one by one.
pub(crate) fn answer_all(turn: &mut Turn, answer: impl Fn(codexkit::Ask) + Send + 'static) {
    let asks = turn.take_asks().expect("nobody else answers");
    std::thread::spawn(move || {
        for ask in asks {
            answer(ask.expect("this thread can wait"));
        }
    });
}

/// Closes a connection.
pub(crate) fn close(codex: &Codex) -> Closed {
    codex.close().expect("this thread can wait")
}
