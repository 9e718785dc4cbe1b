//! Futures whose code is compiled here, once.
//!
//! The code of an `async fn` is compiled in each program that awaits it, with all that it awaits in turn. Behind a box
//! that a plain function makes, it is compiled with this crate.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

/// A future whose code is compiled where it was boxed.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The work panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

/// Code of the user at work, whose panic ends here.
pub(crate) async fn catch_panic<T>(mut work: BoxFuture<'static, T>) -> Result<T, Panicked> {
    // After a panic the future is never looked at again, so nobody sees what it may have left half done.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}
