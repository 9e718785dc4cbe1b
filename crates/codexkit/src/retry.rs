//! Trying again when there is too much to do.

use crate::error::{Error, ErrorKind, Result};
use crate::launch::jittered;
use std::time::Duration;
use tokio::time::sleep;

/// How often, and after which pauses, something is tried again. By default 5 tries, with pauses of about 0.25, 0.5, 1
/// and 2 seconds between them.
///
/// Each pause is between half and one and a half times as long as it is said to be, so that many callers do not come back
/// all at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often it is tried in all. 0 counts as 1.
    pub tries: u32,
    /// How long the first pause is, about. Each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause, about.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { tries: 5, first_pause: Duration::from_millis(250), longest_pause: Duration::from_secs(2) }
    }
}

impl RetryPolicy {
    /// How often it is tried in all. Default: 5.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// How long the first pause is, about. Default: 250 ms.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest pause, about. Default: 2 s.
    #[must_use]
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// The pauses between the tries.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let (first, longest) = (self.first_pause, self.longest_pause);
        (1..self.tries).map(move |retry| {
            let about = first.saturating_mul(1_u32.checked_shl(retry - 1).unwrap_or(u32::MAX));
            jittered(about.min(longest))
        })
    }
}

/// Does something again as long as it fails with [`ErrorKind::Overloaded`], and returns how it ended.
///
/// Every single call that the server is too busy to take is repeated by itself already, by
/// [`Limits::overload`](crate::Limits::overload). This is for longer waits, and for turns: a turn fails with that kind when
/// the model provider has too much to do. Anything else, a timeout above all, is returned at once, since the server may have
/// taken what it did not answer.
///
/// The operation is repeated as a whole. A turn that had begun to act has done so: look at
/// [`Error::output`](crate::Error::output), or let the next try tell the agent to go on.
///
/// ```no_run
/// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
/// use codexkit::{RetryPolicy, retry_on_overload};
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default().tries(8).longest_pause(Duration::from_secs(60));
/// let answer = retry_on_overload(&patient, || codex.ask("What is a monad?")).await?;
/// # Ok(())
/// # }
/// ```
///
/// Cancel safe if the operation is: dropping the future drops the try that is under way.
///
/// # Errors
///
/// The error of the last try.
pub async fn retry_on_overload<T, F, O>(policy: &RetryPolicy, mut operation: F) -> Result<T>
where
    F: FnMut() -> O,
    O: IntoFuture<Output = Result<T>>,
{
    for pause in policy.pauses() {
        match operation().await {
            Err(error) if is_overload(&error, pause) => sleep(pause).await,
            outcome => return outcome,
        }
    }
    operation().await
}

/// Whether to try again after this pause.
pub(crate) fn is_overload(error: &Error, pause: Duration) -> bool {
    let overloaded = error.kind() == ErrorKind::Overloaded;
    if overloaded {
        tracing::debug!(%error, ?pause, "overloaded; trying again");
    }
    overloaded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Clock;
    use coverage::covers;
    use std::cell::Cell;

    #[test]
    fn the_pauses_double_up_to_the_longest() {
        covers!["002-142", "O41"];
        let pauses: Vec<_> = RetryPolicy::default().tries(6).pauses().collect();
        assert_eq!(pauses.len(), 5);
        for (pause, about) in pauses.into_iter().zip([250, 500, 1000, 2000, 2000]) {
            let about = Duration::from_millis(about);
            assert!((about / 2..=about * 3 / 2).contains(&pause), "{pause:?} is about {about:?}");
        }
        assert_eq!(RetryPolicy::default().tries(0).pauses().count(), 0);
        assert_eq!(RetryPolicy::default().tries(100).pauses().count(), 99);
    }

    #[tokio::test(start_paused = true)]
    async fn only_overload_is_tried_again() {
        covers!["002-144", "O41"];
        let tried = Cell::new(0);
        let fails = |kind: ErrorKind, times: u32| {
            tried.set(tried.get() + 1);
            let outcome = if tried.get() > times { Ok(tried.get()) } else { Err(Error::new(kind, "x")) };
            async move { outcome }
        };
        let policy = RetryPolicy::default();
        assert_eq!(retry_on_overload(&policy, || fails(ErrorKind::Overloaded, 4)).await.unwrap(), 5);
        tried.set(0);
        let error = retry_on_overload(&policy, || fails(ErrorKind::Overloaded, 9)).await.unwrap_err();
        assert_eq!((error.kind(), tried.get()), (ErrorKind::Overloaded, 5));
        tried.set(0);
        let late = ErrorKind::Timeout(Clock::Call);
        assert_eq!(retry_on_overload(&policy, || fails(late, 9)).await.unwrap_err().kind(), late);
        assert_eq!(tried.get(), 1);
    }
}
