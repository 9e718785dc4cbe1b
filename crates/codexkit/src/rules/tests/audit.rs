use crate::rules::{Asker, Audit, AuditRecord, Command, DecidedBy, Rules, Subject, Verdict};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span;

fn record() -> AuditRecord {
    let line = "/bin/bash -lc 'rm x'";
    let subject = Subject::Command { line, cwd: Some("/workspace"), beyond: None };
    let decision = Rules::new().named("keep files").deny(Command::program("rm")).decide(&subject);
    let by = DecidedBy::Rule(decision.rule.unwrap());
    AuditRecord::new(
        Asker::default().thread("t").turn("u").item("i").agent("a"),
        subject.to_string(),
        decision.verdict,
        by,
    )
    .why(decision.why)
    .took(Duration::from_millis(3))
}

#[test]
fn a_record_goes_to_every_sink_even_when_one_panics() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&kept);
    let audit = Audit::new()
        .to(|_: &AuditRecord| panic!("on purpose"))
        .to(move |record: &AuditRecord| sink.lock().unwrap().push(record.clone()));
    audit.record(&record());
    let kept = kept.lock().unwrap();
    assert_eq!(*kept, [record()]);
    assert_eq!(kept[0].verdict, Verdict::Deny);
    assert_eq!(
        kept[0].to_string(),
        "deny: run /bin/bash -lc 'rm x' in /workspace (by the rule: keep files, after 3ms)"
    );
}

#[test]
fn a_record_is_a_tracing_event() {
    let events = Arc::new(Mutex::new(Vec::new()));
    tracing::subscriber::set_global_default(Kept(Arc::clone(&events))).expect("there is one such test");
    Audit::new().record(&AuditRecord { what: "what only this test says".to_owned(), ..record() });
    let events = events.lock().unwrap();
    let event = events.iter().find(|event| event.contains("what only this test says")).unwrap();
    assert_eq!(
        *event,
        "codexkit::audit agent=\"a\" by=the rule: keep files item=i message=decided thread=t took_us=3000 turn=u \
         verdict=deny what=what only this test says why=the rule: keep files"
    );
}

#[test]
fn a_description_is_one_line_and_not_too_long() {
    let line = format!("echo \u{1b}[2J\n\u{202e}{}", "x".repeat(10_000));
    let text = Subject::command(&line).to_string();
    assert!(text.starts_with(r"run echo \u{1b}[2J\n\u{202e}xxx"), "{text:.60}");
    assert!(text.ends_with("x..."));
    assert!(text.chars().count() < 4200);
}

/// Keeps events as texts, fields in the order of their names.
struct Kept(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Kept {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "codexkit::audit"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        fields.0.sort();
        self.0.lock().unwrap().push(format!("{} {}", event.metadata().target(), fields.0.join(" ")));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields(Vec<String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push(format!("{}={value:?}", field.name()));
    }
}
