//! A gate: the place where a response waits for the test.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use tokio::sync::watch;

use super::patience::patiently;

/// A gate in a response: the model stops there until the test opens it.
///
/// This is how a test holds a turn at a known point without sleeping: it awaits [`reached`](Gate::reached),
/// does what it wants to do in the middle of the turn, and calls [`open`](Gate::open). A gate stays open once
/// it is open. Clones are the same gate, and one gate may stand in many responses.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use codexkit_testkit::model::{Gate, Message, Model};
///
/// let gate = Gate::new();
/// let model = Model::start(Model::script().text(Message::new("Half ").gate(&gate).chunk("done"))).await?;
/// // .. start a turn, then:
/// gate.reached().await; // "Half " is on its way
/// gate.open();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

struct Inner {
    open: watch::Sender<bool>,
    arrivals: watch::Sender<usize>,
}

impl Gate {
    /// Makes a closed gate.
    #[must_use]
    pub fn new() -> Self {
        let inner = Inner { open: watch::Sender::new(false), arrivals: watch::Sender::new(0) };
        Self { inner: Arc::new(inner) }
    }

    /// Opens the gate for every response that stands at it or will come to it.
    pub fn open(&self) {
        self.inner.open.send_replace(true);
    }

    /// True once [`open`](Gate::open) was called.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self.inner.open.borrow()
    }

    /// How many responses have come to this gate so far.
    #[must_use]
    pub fn arrivals(&self) -> usize {
        *self.inner.arrivals.borrow()
    }

    /// Waits until a response has come to this gate. Everything before the gate is on its way to the client then.
    ///
    /// # Panics
    /// When no response comes within 30 seconds.
    #[track_caller]
    pub fn reached(&self) -> impl Future<Output = ()> {
        self.reached_by(1)
    }

    /// Waits until `count` responses have come to this gate: for instance until 50 turns are in flight together.
    ///
    /// # Panics
    /// When fewer than `count` responses come within 30 seconds.
    #[track_caller]
    pub fn reached_by(&self, count: usize) -> impl Future<Output = ()> {
        let caller = Location::caller();
        let mut arrivals = self.inner.arrivals.subscribe();
        let what = move || format!("{count} responses at a gate, {} came", self.arrivals());
        async move {
            // The sender lives in `self`, so the wait cannot fail.
            let _ = patiently(caller, what, arrivals.wait_for(|arrived| *arrived >= count)).await;
        }
    }

    /// Stands at the gate: the side of the response.
    pub(super) async fn pass(&self) {
        self.inner.arrivals.send_modify(|arrivals| *arrivals += 1);
        let _ = self.inner.open.subscribe().wait_for(|open| *open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("open", &self.is_open()).field("arrivals", &self.arrivals()).finish()
    }
}
