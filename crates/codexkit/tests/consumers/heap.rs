//! How much memory is in use, and the most that ever was.
#![allow(unsafe_code, reason = "a global allocator cannot be written without; it passes everything on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Mutex, MutexGuard};

struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static HEAP: Counting = Counting;

/// One test at a time, so that each counts its own memory alone.
static ALONE: Mutex<()> = Mutex::const_new(());

fn grown(by: usize) {
    let used = USED.fetch_add(by, Ordering::Relaxed) + by;
    MOST.fetch_max(used, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: the caller keeps the promises that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grown(size);
        USED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Waits until no other test measures memory.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The memory in use at one moment, and what has come on top of it since.
pub(crate) struct Mark(usize);

impl Mark {
    /// Begins to watch.
    pub(crate) fn now() -> Self {
        let used = USED.load(Ordering::Relaxed);
        MOST.store(used, Ordering::Relaxed);
        Self(used)
    }

    /// The most that was in use at any moment since, in bytes on top of the mark.
    pub(crate) fn most(&self) -> usize {
        MOST.load(Ordering::Relaxed).saturating_sub(self.0)
    }

    /// What is in use now on top of the mark.
    pub(crate) fn kept(&self) -> usize {
        USED.load(Ordering::Relaxed).saturating_sub(self.0)
    }
}
