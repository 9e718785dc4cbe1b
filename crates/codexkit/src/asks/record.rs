//! The record of a decision, from the arrival of the request on.

use super::kind::Question;
use super::origin::Origin;
use crate::rules::{Asker, Audit, AuditRecord, DecidedBy, Verdict};
use tokio::time::Instant;

/// A decision that is about to be taken. Dropped without one, the request was withdrawn, and the record says so.
pub(super) struct OpenRecord {
    audit: Audit,
    who: Asker,
    what: String,
    since: Instant,
    closed: bool,
}

impl OpenRecord {
    /// Nothing when there is nothing to decide.
    pub(super) fn new(audit: &Audit, question: &impl Question) -> Option<Self> {
        let mut record = Self::of(audit, question.what()?);
        record.who = question.origin().map(asker).unwrap_or_default();
        Some(record)
    }

    /// The record of something that comes from nowhere in particular.
    pub(super) fn of(audit: &Audit, what: String) -> Self {
        Self { audit: audit.clone(), who: Asker::default(), what, since: Instant::now(), closed: false }
    }

    /// The decision was taken.
    pub(super) fn close(mut self, verdict: Verdict, by: DecidedBy, why: &str) {
        self.write(verdict, by, why);
        self.closed = true;
    }

    fn write(&mut self, verdict: Verdict, by: DecidedBy, why: &str) {
        let (who, what) = (std::mem::take(&mut self.who), std::mem::take(&mut self.what));
        let record = AuditRecord::new(who, what, verdict, by).why(why).took(self.since.elapsed());
        self.audit.record(&record);
    }
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        if !self.closed {
            self.write(Verdict::Ask, DecidedBy::Withdrawn, "");
        }
    }
}

fn asker(origin: &Origin) -> Asker {
    let Origin { thread, turn, item, agent, .. } = origin.clone();
    Asker { thread, turn, item, agent }
}
