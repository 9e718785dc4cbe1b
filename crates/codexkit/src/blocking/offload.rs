//! Functions of the user that may block, as the async half wants them.

use super::runtime::called_back;
use crate::future::BoxFuture;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Has each call run on a thread of its own.
pub(in crate::blocking) fn offload<Q, A>(
    function: impl Fn(Q) -> A + Send + Sync + 'static,
) -> impl Fn(Q) -> BoxFuture<'static, A> + Send + Sync + 'static
where
    Q: Send + 'static,
    A: Send + 'static,
{
    let function = Arc::new(function);
    move |question| {
        let function = function.clone();
        Box::pin(on_a_thread(move || function(question)))
    }
}

/// The same for functions that are told where the call comes from.
pub(in crate::blocking) fn offload_with_context<C, Q, A>(
    function: impl Fn(C, Q) -> A + Send + Sync + 'static,
) -> impl Fn(C, Q) -> BoxFuture<'static, A> + Send + Sync + 'static
where
    C: Send + 'static,
    Q: Send + 'static,
    A: Send + 'static,
{
    let function = offload(move |(context, question)| function(context, question));
    move |context, question| function((context, question))
}

/// A panic of the function becomes one of the future, whose owner knows what to do about it.
async fn on_a_thread<A: Send + 'static>(work: impl FnOnce() -> A + Send + 'static) -> A {
    match spawn_blocking(move || called_back(work)).await {
        Ok(answer) => answer,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime ends, and nobody waits for the answer any more.
            Err(_) => pending().await,
        },
    }
}
