//! The book of the requests that came.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use super::outcome::Answering;
use super::request::ModelRequest;

/// How many requests, and how many complaints, a model remembers. The oldest go first.
const KEPT: usize = 4096;

#[derive(Debug)]
pub(super) struct Ledger {
    book: Mutex<Book>,
    /// How many requests have come in all.
    total: watch::Sender<usize>,
    stopped: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Book {
    requests: VecDeque<ModelRequest>,
    /// The number of the last request that `next` gave out.
    read: usize,
    unexpected: VecDeque<String>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { book: Mutex::default(), total: watch::Sender::new(0), stopped: Arc::default() }
    }

    /// Enters a request. Whoever waits for it sees it from here on.
    pub(super) fn enter(&self, headers: Vec<(String, String)>, body: Value) -> (ModelRequest, Answering) {
        let (sender, receiver) = watch::channel(None);
        let answering = Answering::new(sender, Arc::clone(&self.stopped));
        let mut book = self.book();
        let number = *self.total.borrow() + 1;
        let request = ModelRequest::new(number, headers, body, receiver);
        push_bounded(&mut book.requests, request.clone());
        self.total.send_replace(number);
        (request, answering)
    }

    pub(super) fn complain(&self, complaint: String) {
        push_bounded(&mut self.book().unexpected, complaint);
    }

    pub(super) fn requests(&self) -> Vec<ModelRequest> {
        self.book().requests.iter().cloned().collect()
    }

    pub(super) fn unexpected(&self) -> Vec<String> {
        self.book().unexpected.iter().cloned().collect()
    }

    /// The oldest request that was not given out yet.
    pub(super) fn next(&self) -> Option<ModelRequest> {
        let mut book = self.book();
        let read = book.read;
        let next = book.requests.iter().find(|request| request.number() > read).cloned()?;
        book.read = next.number();
        Some(next)
    }

    pub(super) fn total(&self) -> watch::Receiver<usize> {
        self.total.subscribe()
    }

    /// From now on an answer that ends half-way ends because of us.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, entry: T) {
    if queue.len() == KEPT {
        queue.pop_front();
    }
    queue.push_back(entry);
}
