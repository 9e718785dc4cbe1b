//! Collects everything that could be seen: what is logged at any level, and what values show of themselves.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Everything that tracing emits in this process, at any level.
#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<String>>>);

impl Collector {
    /// Collects from now on, for all threads.
    pub(crate) fn install() -> Self {
        let collector = Self::default();
        tracing::subscriber::set_global_default(collector.clone()).expect("there is one such test");
        collector
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    fn add(&self, name: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line(name.to_owned());
        record(&mut line);
        self.0.lock().expect("no panic").push(line.0);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("text can be written");
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.add("", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.add(event.metadata().target(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What values have shown of themselves.
#[derive(Default)]
pub(crate) struct Shown(Vec<String>);

impl Shown {
    pub(crate) fn debug(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?}"));
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.0
    }
}
