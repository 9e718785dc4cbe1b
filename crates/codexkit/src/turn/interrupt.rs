//! Who wanted a turn interrupted.

use crate::output::InterruptedBy;
use crate::sync::lock;
use std::sync::{Arc, Mutex};

/// Who wanted a turn interrupted, known to its stream and its controls. The first one counts.
#[derive(Clone, Debug, Default)]
pub(super) struct InterruptWish(Arc<Mutex<Option<InterruptedBy>>>);

impl InterruptWish {
    pub(super) fn by(&self, who: InterruptedBy) {
        lock(&self.0).get_or_insert(who);
    }

    /// Who it was, now that the turn was interrupted.
    pub(super) fn granted(&self) -> InterruptedBy {
        lock(&self.0).unwrap_or(InterruptedBy::Server)
    }
}
