//! A record of each decision.

use super::decision::{RuleName, Verdict};
use crate::protocol::{ItemId, ThreadId, TurnId};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// One decision about something that the server asked for.
///
/// It holds the text of commands and the paths of files; no environment, no contents of files, no arguments of tools.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// Who asked.
    pub who: Asker,
    /// What for, on one line.
    pub what: String,
    /// The outcome. [`Verdict::Ask`] when nobody answered: the ask was withdrawn.
    pub verdict: Verdict,
    /// Who decided.
    pub by: DecidedBy,
    /// Why, in words; empty when the handler did not say.
    pub why: String,
    /// From the arrival of the request to the decision.
    pub took: Duration,
}

/// Who asked, as far as the server tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asker {
    /// The thread.
    pub thread: Option<ThreadId>,
    /// The turn.
    pub turn: Option<TurnId>,
    /// The item.
    pub item: Option<ItemId>,
    /// The agent, when a thread has several.
    pub agent: Option<String>,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecidedBy {
    /// A rule.
    Rule(RuleName),
    /// The handler, or whoever took the asks.
    Handler,
    /// Nobody in time: the answer that permits nothing.
    Deadline,
    /// Nobody was there to decide: the answer that permits nothing.
    NoOwner,
    /// Nobody: the server no longer waits for the answer.
    Withdrawn,
}

/// Gets the record of each decision. Any closure on a record is one.
///
/// It is called before the answer is sent, one record at a time for each ask, so it must not block.
pub trait AuditSink: Send + Sync {
    /// Takes a record.
    fn record(&self, record: &AuditRecord);
}

impl<F: Fn(&AuditRecord) + Send + Sync> AuditSink for F {
    fn record(&self, record: &AuditRecord) {
        self(record);
    }
}

/// Where records go: to `tracing` with the target `codexkit::audit`, and to the sinks.
///
/// ```
/// use codexkit::rules::{Asker, Audit, AuditRecord, DecidedBy, Verdict};
/// use std::sync::{Arc, Mutex};
///
/// let kept = Arc::new(Mutex::new(Vec::new()));
/// let sink = Arc::clone(&kept);
/// let audit = Audit::new().to(move |record: &AuditRecord| sink.lock().unwrap().push(record.to_string()));
///
/// audit.record(&AuditRecord::new(Asker::default(), "run ls", Verdict::Deny, DecidedBy::NoOwner));
/// assert_eq!(kept.lock().unwrap()[0], "deny: run ls (by nobody, as there is no handler, after 0ns)");
/// ```
#[derive(Clone, Default)]
pub struct Audit(Vec<Arc<dyn AuditSink>>);

impl Audit {
    /// To `tracing` only.
    pub fn new() -> Self {
        Self::default()
    }

    /// To this sink too. When it panics, the panic goes to `tracing` and the decision stands.
    #[must_use]
    pub fn to(mut self, sink: impl AuditSink + 'static) -> Self {
        self.0.push(Arc::new(sink));
        self
    }

    /// Writes a record to all of them.
    pub fn record(&self, record: &AuditRecord) {
        tracing::info!(
            target: "codexkit::audit",
            thread = record.who.thread.as_ref().map(tracing::field::display),
            turn = record.who.turn.as_ref().map(tracing::field::display),
            item = record.who.item.as_ref().map(tracing::field::display),
            agent = record.who.agent.as_deref(),
            what = %record.what,
            verdict = %record.verdict,
            by = %record.by,
            why = %record.why,
            took_us = u64::try_from(record.took.as_micros()).unwrap_or(u64::MAX),
            "decided",
        );
        for sink in &self.0 {
            if catch_unwind(AssertUnwindSafe(|| sink.record(record))).is_err() {
                tracing::error!(target: "codexkit::audit", what = %record.what, "a sink of audit records panicked");
            }
        }
    }
}

impl AuditRecord {
    /// A record without a reason that took no time.
    pub fn new(who: Asker, what: impl Into<String>, verdict: Verdict, by: DecidedBy) -> Self {
        Self { who, what: what.into(), verdict, by, why: String::new(), took: Duration::ZERO }
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Says how long it took.
    #[must_use]
    pub fn took(mut self, took: Duration) -> Self {
        self.took = took;
        self
    }
}

impl Asker {
    /// The thread that asked.
    #[must_use]
    pub fn thread(mut self, thread: impl Into<ThreadId>) -> Self {
        self.thread = Some(thread.into());
        self
    }

    /// The turn in which it asked.
    #[must_use]
    pub fn turn(mut self, turn: impl Into<TurnId>) -> Self {
        self.turn = Some(turn.into());
        self
    }

    /// The item that it asked about.
    #[must_use]
    pub fn item(mut self, item: impl Into<ItemId>) -> Self {
        self.item = Some(item.into());
        self
    }

    /// The agent that asked.
    #[must_use]
    pub fn agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(agent.into());
        self
    }
}

impl fmt::Display for AuditRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (by {}, after {:?})", self.verdict, self.what, self.by, self.took)
    }
}

impl fmt::Display for DecidedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(name) => write!(f, "the rule: {name}"),
            Self::Handler => f.write_str("the handler"),
            Self::Deadline => f.write_str("nobody in time"),
            Self::NoOwner => f.write_str("nobody, as there is no handler"),
            Self::Withdrawn => f.write_str("nobody, as the server withdrew it"),
        }
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("sinks", &self.0.len()).finish()
    }
}
