//! The runtime on which a connection of this half lives, and waiting for what is done there.

use super::generated::Codex;
use super::wrap::Wrap;
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::sync::lock;
use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};

/// How long the end of the runtime's threads is waited for, once nothing is left for them to do. A function of the user
/// that does not return holds up nothing for longer.
const LAST_STEP: Duration = Duration::from_millis(500);

/// What the handles of a connection share. The last of them closes the connection.
#[derive(Clone, Debug)]
pub(in crate::blocking) struct Runtime {
    shared: Arc<Shared>,
    /// An iterator that cannot wait says so once.
    refused: bool,
}

struct Shared {
    handle: Handle,
    /// None once it is being dropped.
    runtime: Option<tokio::runtime::Runtime>,
    /// The end of the connection.
    end: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Runtime {
    /// A runtime that keeps working while the program's own threads do something else.
    pub(in crate::blocking) fn new() -> Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let built = builder.worker_threads(1).thread_name("codexkit").enable_all().build();
        let runtime = built.map_err(|error| {
            Error::new(ErrorKind::Spawn, "no thread can be started for the connection").with_source(error)
        })?;
        let shared =
            Shared { handle: runtime.handle().clone(), runtime: Some(runtime), end: Mutex::default() };
        Ok(Self { shared: Arc::new(shared), refused: false })
    }

    /// Makes a connection on a runtime of its own.
    pub(in crate::blocking) fn found(
        connecting: impl Future<Output = Result<crate::Codex>>,
    ) -> Result<Codex> {
        // Before there is anything to clean up.
        may_wait()?;
        let runtime = Self::new()?;
        let codex = runtime.wait(connecting)?;
        *lock(&runtime.shared.end) = Some(Box::pin(codex.client.end()));
        Ok(codex.wrap(&runtime))
    }

    /// Waits for what is done on the runtime.
    pub(in crate::blocking) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        may_wait()?;
        self.shared.handle.block_on(work)
    }

    /// The next of what is read bit by bit. An iterator that cannot wait ends after it has said so.
    pub(in crate::blocking) fn next<T>(
        &mut self,
        read: impl Future<Output = Result<Option<T>>>,
    ) -> Option<Result<T>> {
        if self.refused {
            return None;
        }
        if let Err(error) = may_wait() {
            self.refused = true;
            return Some(Err(error));
        }
        self.shared.handle.block_on(read).transpose()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

impl Drop for Shared {
    /// The connection is being closed, since all its handles are gone; what it still does for that needs the runtime.
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let end = lock(&self.end).take();
        let close = move || {
            if let Some(end) = end {
                runtime.block_on(end);
            }
            runtime.shutdown_timeout(LAST_STEP);
        };
        // Functions of the user that are called back run on a thread of this very runtime.
        if Handle::try_current().is_err() {
            close();
        } else if let Err(error) = thread::Builder::new().name("codexkit-close".to_owned()).spawn(close) {
            tracing::warn!(%error, "a connection is not closed in order");
        }
    }
}

thread_local! {
    /// Whether this thread is at work for a function of the user, which may block it though it belongs to a runtime.
    static CALLED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Calls a function of the user on a thread that may be blocked.
pub(super) fn called_back<T>(function: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CALLED_BACK.set(false);
        }
    }
    CALLED_BACK.set(true);
    let _reset = Reset;
    function()
}

/// Fails on threads that drive a runtime: they must not be blocked.
pub(super) fn may_wait() -> Result<()> {
    if CALLED_BACK.get() || Handle::try_current().is_err() {
        return Ok(());
    }
    let text = "nothing of `codexkit::blocking` can wait inside an async runtime, nor in a function that codexkit calls while \
                it reads, as that of `on_event`; use the async half of codexkit there, or a thread of your own from `std::thread`";
    Err(Error::new(ErrorKind::Usage, text))
}
