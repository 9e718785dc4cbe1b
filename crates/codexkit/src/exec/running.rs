//! A command that runs, as a stream of events.

use super::control::ExecControl;
use super::output::{ExecEvent, ExecOutput, piece};
use crate::client::{Entry, Notification, Subscription};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::protocol::ServerNotification;
use crate::protocol::types::CommandExecResponse;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::sync::Notify;

/// A command or process that runs, as a stream of what it writes and at last its exit code.
///
/// Dropping it kills the command, unless it has ended or was [detached](Self::detach).
#[must_use = "dropping it kills the command"]
pub struct RunningExec {
    /// Before the guard, so that a call that was never written is given up before its command is killed.
    end: End,
    subscription: Subscription,
    /// None once it is over.
    guard: Option<TerminateOnDrop>,
    control: ExecControl,
}

/// How the end of a command is told.
#[derive(Default)]
enum End {
    /// By a notification.
    #[default]
    Notified,
    /// By the answer to the call.
    Awaited(BoxFuture<'static, Result<CommandExecResponse>>),
    /// It is there.
    Known(Result<CommandExecResponse>),
}

impl RunningExec {
    pub(super) fn command(
        control: ExecControl,
        subscription: Subscription,
        answer: BoxFuture<'static, Result<CommandExecResponse>>,
    ) -> Self {
        Self { end: End::Awaited(answer), ..Self::process(control, subscription) }
    }

    pub(super) fn process(control: ExecControl, subscription: Subscription) -> Self {
        let guard = Some(TerminateOnDrop::new(control.clone()));
        Self { end: End::Notified, subscription, guard, control }
    }

    /// Waits until the call is on its way, so that what is written to the command comes after it.
    pub(super) async fn is_written(&mut self, written: &Notify) {
        let mut written = pin!(written.notified());
        poll_fn(|context| match self.poll_end(context) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => written.as_mut().poll(context),
        })
        .await;
    }

    /// Writes to the command, and stops it, while it is read.
    pub fn control(&self) -> ExecControl {
        self.control.clone()
    }

    /// The next event; none after [`ExecEvent::Exited`] and after an error. Cancel safe.
    ///
    /// # Errors
    ///
    /// `Rpc` and the like when the server could not run the command; `Closed`; `Decode`; `Lagged` when even its end could
    /// not be kept.
    pub async fn try_next(&mut self) -> Result<Option<ExecEvent>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Reads to the end, and returns everything that was not read before.
    ///
    /// Not cancel safe: dropping the future kills the command.
    ///
    /// # Errors
    ///
    /// As for [`try_next`](Self::try_next).
    pub async fn read_to_end(mut self) -> Result<ExecOutput> {
        let mut output = ExecOutput::default();
        while let Some(event) = self.try_next().await? {
            output.add(event);
        }
        Ok(output)
    }

    /// Lets it run on without anybody watching. It still ends with the connection.
    pub fn detach(mut self) {
        self.over();
    }

    fn over(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.disarm();
        }
    }

    /// Ready when the end is known.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let End::Awaited(answer) = &mut self.end {
            self.end = End::Known(ready!(answer.as_mut().poll(context)));
        }
        match self.end {
            End::Known(_) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<ExecEvent>> {
        loop {
            // All output comes before the answer, so once that is there, the rest of the output is, too.
            let known = self.poll_end(context).is_ready();
            match self.subscription.poll_next(context)? {
                Poll::Ready(Entry::Lagged { missed }) => {
                    return Poll::Ready(Ok(ExecEvent::Lagged { missed }));
                }
                Poll::Ready(Entry::Notification(notification)) => {
                    if let Some(event) = read(&notification)? {
                        return Poll::Ready(Ok(event));
                    }
                }
                Poll::Pending if known => {
                    let End::Known(end) = std::mem::take(&mut self.end) else { return Poll::Pending };
                    self.over();
                    return Poll::Ready(end.map(|end| ExecEvent::Exited { code: end.exit_code }));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// What a notification says about the command, if it does.
fn read(notification: &Notification) -> Result<Option<ExecEvent>> {
    let (method, params) = (notification.method(), &notification.raw.params);
    let event = match ServerNotification::decode(method, params) {
        Ok(ServerNotification::CommandExecOutputDelta(delta)) => {
            piece(delta.stream.as_str(), &delta.delta_base64, delta.cap_reached)
        }
        Ok(ServerNotification::ProcessOutputDelta(delta)) => {
            piece(delta.stream.as_str(), &delta.delta_base64, delta.cap_reached)
        }
        Ok(ServerNotification::ProcessExited(end)) => Ok(ExecEvent::Exited { code: end.exit_code }),
        Ok(_) => return Ok(None),
        Err(error) => Err(error),
    };
    event.map(Some).map_err(|error| Error::decode(method.to_owned(), error, params.get()))
}

impl Stream for RunningExec {
    type Item = Result<ExecEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.guard.is_none() {
            return Poll::Ready(None);
        }
        let event = ready!(self.poll_event(context));
        if matches!(event, Ok(ExecEvent::Exited { .. })) {
            self.over();
        } else if event.is_err() {
            // What still runs is killed.
            self.guard = None;
        }
        Poll::Ready(Some(event))
    }
}

impl std::fmt::Debug for RunningExec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningExec").field("id", &self.control.id()).finish_non_exhaustive()
    }
}

/// Kills the command when it is dropped.
#[derive(Debug)]
pub(super) struct TerminateOnDrop {
    control: ExecControl,
    armed: bool,
}

impl TerminateOnDrop {
    pub(super) fn new(control: ExecControl) -> Self {
        Self { control, armed: true }
    }

    /// The command has ended, or may run on.
    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for TerminateOnDrop {
    fn drop(&mut self) {
        if self.armed {
            self.control.abandon();
        }
    }
}
