//! Files on the machine of the server.

use crate::base64;
use crate::client::{Client, Entry, Filter, Subscription};
use crate::codex::Codex;
use crate::error::{Error, Result};
use crate::path;
use crate::protocol::types::{FsReadFileParams, FsUnwatchParams, FsWatchParams, FsWriteFileParams};
use crate::protocol::{DecodeError, Request, ServerNotification};
use futures_core::Stream;
use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

const CHANGED: &str = "fs/changed";

/// Files on the machine of the server, as the server's user may read and write them: there is no sandbox. Paths are
/// absolute. Made by [`Codex::files`].
#[derive(Clone, Debug)]
pub struct Files {
    codex: Codex,
}

impl Codex {
    /// Files on the machine of the server. What needs no help is a plain [`call`](Self::call), as of
    /// [`FsReadDirectoryParams`](crate::protocol::types::FsReadDirectoryParams).
    pub fn files(&self) -> Files {
        Files { codex: self.clone() }
    }
}

impl Files {
    /// Reads a whole file. Uses `fs/readFile`. Cancel safe.
    ///
    /// # Errors
    ///
    /// `Rpc` with the reason of the system; otherwise as for [`Codex::call`].
    pub async fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>> {
        let file = self.codex.call(&FsReadFileParams::new(path::text(path.as_ref())?)).await?;
        base64::decode(&file.data_base64).ok_or_else(|| {
            let problem = DecodeError::new("no base 64").under("dataBase64");
            Error::decode(FsReadFileParams::METHOD.name, problem, &file.data_base64)
        })
    }

    /// Writes a whole file, in a folder that exists. Uses `fs/writeFile`. Not cancel safe: it may be written.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub async fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<()> {
        let params = FsWriteFileParams::new(base64::encode(bytes.as_ref()), path::text(path.as_ref())?);
        self.codex.call(&params).await.map(drop)
    }

    /// Watches a file or folder. Uses `fs/watch`. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`].
    pub async fn watch(&self, path: impl AsRef<Path>) -> Result<FileWatch> {
        let path = path::text(path.as_ref())?;
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = format!("codexkit-{}-{}", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed) + 1);
        let client = self.codex.client.clone();
        let changes = client.subscribe(Filter::Method(CHANGED.into()))?;
        // Dropped from here on, the watch is ended on the server, too.
        let mut watch =
            FileWatch { client: client.clone(), id: id.clone(), path: String::new(), changes, ended: false };
        watch.path = client.call(&FsWatchParams::new(path, id)).await?.path;
        Ok(watch)
    }
}

/// Changes of a file or folder, as a stream of the paths that have changed. Dropping it ends the watch.
#[derive(Debug)]
pub struct FileWatch {
    client: Client,
    id: String,
    path: String,
    changes: Subscription,
    ended: bool,
}

impl FileWatch {
    /// What is watched, as the server has understood it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The next paths that have changed; none after an error. Cancel safe.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended; `Lagged` when changes could not be kept; `Decode`.
    pub async fn try_next(&mut self) -> Result<Option<Vec<String>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    fn poll_change(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<String>>> {
        loop {
            let Entry::Notification(entry) = ready!(self.changes.poll_next(context))? else { continue };
            match ServerNotification::decode(entry.method(), &entry.raw.params) {
                Ok(ServerNotification::FsChanged(change)) if change.watch_id == self.id => {
                    return Poll::Ready(Ok(change.changed_paths));
                }
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(Error::decode(CHANGED, error, entry.raw.params.get()))),
            }
        }
    }
}

impl Stream for FileWatch {
    type Item = Result<Vec<String>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let change = ready!(self.poll_change(context));
        self.ended = change.is_err();
        Poll::Ready(Some(change))
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.client.leave_behind(&FsUnwatchParams::new(&self.id));
    }
}
