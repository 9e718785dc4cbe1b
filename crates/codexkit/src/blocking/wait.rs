//! Waiting for what belongs to no connection.

use super::runtime::{Runtime, may_wait};
use crate::error::Result;
use crate::retry::{RetryPolicy, is_overload};
use std::thread::sleep;

/// Waits for something that the async half does apart from any connection: [`Provision::install`](crate::Provision::install),
/// [`Endpoint::check_ready`](crate::Endpoint::check_ready).
///
/// Only for work that is over when it is waited for. What is to live on, as a server or a connection does, would end with the
/// runtime that is made for this one wait.
///
/// ```no_run
/// use codexkit::Provision;
///
/// let codex = codexkit::blocking::wait(Provision::pinned().install())?;
/// println!("{} is there", codex.display());
/// # Ok::<_, codexkit::Error>(())
/// ```
///
/// # Errors
///
/// Those of what is waited for; `Usage` inside an async runtime.
pub fn wait<T>(work: impl IntoFuture<Output = Result<T>>) -> Result<T> {
    may_wait()?;
    Runtime::new()?.wait(work.into_future())
}

/// Does something again as long as it fails with [`ErrorKind::Overloaded`](crate::ErrorKind::Overloaded). As
/// [`codexkit::retry_on_overload`](crate::retry_on_overload), with a function that waits.
///
/// ```no_run
/// use codexkit::RetryPolicy;
/// use codexkit::blocking::{Codex, retry_on_overload};
///
/// let codex = Codex::start()?;
/// let answer = retry_on_overload(&RetryPolicy::default(), || codex.ask("What is a monad?"))?;
/// # Ok::<_, codexkit::Error>(())
/// ```
///
/// # Errors
///
/// The error of the last try.
pub fn retry_on_overload<T>(policy: &RetryPolicy, mut operation: impl FnMut() -> Result<T>) -> Result<T> {
    for pause in policy.pauses() {
        match operation() {
            Err(error) if is_overload(&error, pause) => sleep(pause),
            outcome => return outcome,
        }
    }
    operation()
}
