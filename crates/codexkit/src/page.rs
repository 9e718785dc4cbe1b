//! Lists that the server gives page by page.

use crate::client::Client;
use crate::codex::Codex;
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::protocol::{Request, types};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

/// A request for one page of a list. Sealed: the methods of the server with a cursor implement it.
pub trait Paged: Request<Response: Send> + Clone + Send + Sync + 'static + sealed::Sealed {
    /// What the list holds.
    type Item: Send + 'static;

    #[doc(hidden)]
    fn with_cursor(self, cursor: String) -> Self;

    #[doc(hidden)]
    fn open(page: Self::Response) -> (Vec<Self::Item>, Option<String>);
}

mod sealed {
    pub trait Sealed {}
}

/// Names the methods with a cursor, and what their lists hold.
macro_rules! paged {
    ($($params:ident => $item:ty,)+) => {$(
        impl sealed::Sealed for types::$params {}

        impl Paged for types::$params {
            type Item = $item;

            fn with_cursor(self, cursor: String) -> Self {
                self.cursor(cursor)
            }

            fn open(page: Self::Response) -> (Vec<$item>, Option<String>) {
                (page.data, page.next_cursor)
            }
        }
    )+};
}

paged! {
    AppsListParams => types::AppInfo,
    ExperimentalFeatureListParams => types::ExperimentalFeature,
    ListMcpServerStatusParams => types::McpServerStatus,
    ModelListParams => types::Model,
    PermissionProfileListParams => types::PermissionProfileSummary,
    PluginSearchParams => types::PluginSearchResult,
    ProjectListParams => types::Project,
    RemoteControlClientsListParams => types::RemoteControlClient,
    ThreadBackgroundTerminalsListParams => types::ThreadBackgroundTerminal,
    ThreadAttachmentListParams => types::ThreadAttachment,
    ThreadAttachmentOwnerListParams => types::ThreadAttachmentOwner,
    ThreadItemsListParams => types::ThreadItemEntry,
    ThreadListParams => types::Thread,
    ThreadLoadedListParams => String,
    ThreadQueueListParams => types::QueuedSubmission,
    ThreadSearchParams => types::ThreadSearchResult,
    ThreadSearchOccurrencesParams => types::ThreadSearchOccurrence,
    ThreadTimelineListParams => types::ThreadTimelineEntry,
    ThreadTurnsItemsListParams => types::ThreadItem,
    ThreadTurnsListParams => types::Turn,
}

/// A list of the server that is read page by page, as a stream of what it holds. Made by [`Codex::list`].
///
/// A page is asked for when the one before has been read to its end. The limit of the request is the size of the pages;
/// the server has its own where none is given.
#[must_use = "nothing is asked for before it is read"]
pub struct Listing<R: Paged> {
    client: Client,
    /// For the page that comes next; none once the last page was asked for.
    next: Option<R>,
    cursor: Option<String>,
    asking: Option<BoxFuture<'static, Result<R::Response>>>,
    page: vec::IntoIter<R::Item>,
}

impl Codex {
    /// A list of the server over all its pages, from the cursor of the request on. One page alone is a plain
    /// [`call`](Self::call).
    ///
    /// ```no_run
    /// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
    /// use codexkit::protocol::types::ThreadListParams;
    ///
    /// let mut threads = codex.list(ThreadListParams::new().limit(50));
    /// while let Some(thread) = threads.try_next().await? {
    ///     println!("{} {}", thread.id, thread.preview);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list<R: Paged>(&self, request: R) -> Listing<R> {
        Listing {
            client: self.client.clone(),
            next: Some(request),
            cursor: None,
            asking: None,
            page: Vec::new().into_iter(),
        }
    }
}

impl<R: Paged> Listing<R> {
    /// The next entry; none after the last page. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`Codex::call`]; `Protocol` when the server leads in a circle. After an error there is nothing more, but
    /// [`cursor`](Self::cursor) still tells where to go on.
    pub async fn try_next(&mut self) -> Result<Option<R::Item>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// What is left of the page that is being read, or else the whole next page; none after the last page. A page can be
    /// empty. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`try_next`](Self::try_next).
    pub async fn next_page(&mut self) -> Result<Option<Vec<R::Item>>> {
        if self.page.as_slice().is_empty() {
            match poll_fn(|context| self.poll_page(context)).await {
                None => return Ok(None),
                Some(page) => page?,
            }
        }
        Ok(Some(std::mem::take(&mut self.page).collect()))
    }

    /// Everything that is left. A list without end, as that of all threads can be, is better read bit by bit.
    ///
    /// Not cancel safe: what was read is lost with the future.
    ///
    /// # Errors
    ///
    /// As for [`try_next`](Self::try_next). What was read before the error is dropped.
    pub async fn all(mut self) -> Result<Vec<R::Item>> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Where the page begins that comes after those asked for: to be given to a request that goes on later. None before
    /// the first page and after the last.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Ready with nothing when there is no further page.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        if self.asking.is_none() {
            let Some(request) = self.next.clone() else { return Poll::Ready(None) };
            let client = self.client.clone();
            self.asking = Some(Box::pin(async move { client.call(&request).await }));
        }
        let Some(asking) = &mut self.asking else { return Poll::Ready(None) };
        let answer = ready!(asking.as_mut().poll(context));
        self.asking = None;
        let asked = self.next.take();
        Poll::Ready(Some(answer.and_then(|page| self.turn_to(page, asked))))
    }

    fn turn_to(&mut self, page: R::Response, asked: Option<R>) -> Result<()> {
        let (entries, cursor) = R::open(page);
        if cursor.is_some() && cursor == self.cursor {
            let text = format!("`{}` names the page that it has just given as the next one", R::METHOD.name);
            return Err(Error::new(ErrorKind::Protocol, text).with_method(R::METHOD.name));
        }
        self.page = entries.into_iter();
        self.next = asked.zip(cursor.clone()).map(|(asked, cursor)| asked.with_cursor(cursor));
        self.cursor = cursor;
        Ok(())
    }
}

/// Nothing in it is pinned in place.
impl<R: Paged> Unpin for Listing<R> {}

impl<R: Paged> Stream for Listing<R> {
    type Item = Result<R::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(entry) = self.page.next() {
                return Poll::Ready(Some(Ok(entry)));
            }
            match ready!(self.poll_page(context)) {
                None => return Poll::Ready(None),
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<R: Paged> fmt::Debug for Listing<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Listing");
        debug.field("method", &R::METHOD.name).field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
