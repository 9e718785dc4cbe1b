//! Any events in any order add up to something consistent.

use super::Fold;
use crate::event::Event;
use crate::protocol::types::{ThreadItem, ThreadTokenUsage, Turn, TurnError};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

/// What the server may say, in the order of nobody's choice.
#[derive(Clone, Debug)]
enum Said {
    Started { item: u8, kind: Kind },
    Completed { item: u8, kind: Kind },
    Text { item: u8, text: String },
    Usage(i64),
    Diff(String),
    Retrying,
    Failed,
    Ended { items: Vec<u8> },
    Lagged,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Message,
    Command,
}

fn said() -> impl Strategy<Value = Said> {
    let kind = || prop::sample::select(vec![Kind::Message, Kind::Command]);
    prop_oneof![
        6 => (0..6u8, kind()).prop_map(|(item, kind)| Said::Started { item, kind }),
        6 => (0..6u8, kind()).prop_map(|(item, kind)| Said::Completed { item, kind }),
        6 => (0..6u8, "[a-z]{0,4}").prop_map(|(item, text)| Said::Text { item, text }),
        2 => (0..3i64).prop_map(Said::Usage),
        1 => "[a-z]{0,4}".prop_map(Said::Diff),
        1 => Just(Said::Retrying),
        1 => Just(Said::Failed),
        1 => prop::collection::vec(0..6u8, 0..4).prop_map(|items| Said::Ended { items }),
        1 => Just(Said::Lagged),
    ]
}

fn item(item: u8, kind: Kind) -> ThreadItem {
    let value = match kind {
        Kind::Message => json!({ "type": "agentMessage", "id": format!("m{item}"), "text": "" }),
        Kind::Command => json!({
            "type": "commandExecution", "id": format!("c{item}"), "command": "true", "cwd": "/",
            "commandActions": [], "status": "completed",
        }),
    };
    serde_json::from_value(value).unwrap()
}

impl Said {
    fn event(&self) -> Event {
        let error = || -> Box<TurnError> { serde_json::from_value(json!({ "message": "no" })).unwrap() };
        match self {
            Self::Started { item: id, kind } => Event::ItemStarted(item(*id, *kind)),
            Self::Completed { item: id, kind } => Event::ItemCompleted(item(*id, *kind)),
            Self::Text { item, text } => {
                Event::TextDelta { item: format!("m{item}").as_str().into(), text: text.clone() }
            }
            Self::Usage(total) => {
                let count = json!({
                    "totalTokens": total, "inputTokens": 0, "cachedInputTokens": 0, "outputTokens": 0,
                    "reasoningOutputTokens": 0,
                });
                let usage: ThreadTokenUsage =
                    serde_json::from_value(json!({ "total": count, "last": count })).unwrap();
                Event::Usage(Box::new(usage))
            }
            Self::Diff(diff) => Event::Diff(diff.clone()),
            Self::Retrying => Event::Retrying(error()),
            Self::Failed => Event::Failed(error()),
            Self::Ended { items } => {
                let items: Vec<_> = items.iter().map(|id| item(*id, Kind::Message)).collect();
                let turn = json!({ "id": "u", "status": "completed", "items": items });
                Event::TurnCompleted(Box::new(serde_json::from_value::<Turn>(turn).unwrap()))
            }
            Self::Lagged => Event::Lagged { missed: 1 },
        }
    }
}

fn ids(items: &[ThreadItem]) -> Vec<&str> {
    items.iter().map(|item| item.id().unwrap().as_str()).collect()
}

fn folded(events: &[Said]) -> Fold {
    let mut fold = Fold::new("t".into(), "u".into(), Default::default());
    events.iter().for_each(|said| fold.add(&said.event()));
    fold
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_said_adds_up(events in prop::collection::vec(said(), 0..60)) {
        let output = folded(&events).finish();
        let started: BTreeSet<_> = ids_of(&events, |said| matches!(said, Said::Started { .. }));
        let told: BTreeSet<_> = ids_of(&events, |said| matches!(said, Said::Completed { .. } | Said::Ended { .. }));
        prop_assert!(ids(&output.open_items).iter().all(|id| started.contains(*id)));
        prop_assert!(ids(&output.items).iter().all(|id| told.contains(*id)));
        let spoken: usize = events.iter().map(|said| if let Said::Text { text, .. } = said { text.len() } else { 0 }).sum();
        prop_assert!(output.streamed_text.len() <= spoken);

        // What was done stays done, however often the server asks the model again.
        let done = events.iter().filter(|said| matches!(said, Said::Completed { kind: Kind::Command, .. })).count();
        prop_assert_eq!(ids(&output.items).iter().filter(|id| id.starts_with('c')).count(), done);
        let diff = events.iter().rev().find_map(|said| if let Said::Diff(diff) = said { Some(diff) } else { None });
        prop_assert_eq!(output.diff.as_ref(), diff);
    }

    #[test]
    fn each_item_is_open_until_it_is_completed(order in prop::collection::vec((0..20u8, any::<bool>()), 0..60)) {
        // Each item starts once, and may complete once after that.
        let (mut open, mut done, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for (id, command) in order {
            let kind = if command { Kind::Command } else { Kind::Message };
            let name = item(id, kind).id().unwrap().to_string();
            if let Some(at) = open.iter().position(|open| *open == name) {
                open.remove(at);
                done.push(name);
                events.push(Said::Completed { item: id, kind });
            } else if !done.contains(&name) {
                open.push(name);
                events.push(Said::Started { item: id, kind });
            }
        }
        let output = folded(&events).finish();
        prop_assert_eq!(ids(&output.open_items), open);
        prop_assert_eq!(ids(&output.items), done);
    }

    #[test]
    fn a_repeated_answer_counts_once(
        before in prop::collection::vec("[a-z]{1,4}", 0..4),
        broken in prop::collection::vec("[a-z]{1,4}", 0..4),
        again in prop::collection::vec("[a-z]{1,4}", 0..4),
    ) {
        let texts = |texts: &[String], item| -> Vec<_> {
            texts.iter().map(|text| Said::Text { item, text: text.clone() }).collect()
        };
        let mut events = texts(&before, 0);
        events.push(Said::Usage(1));
        events.extend(texts(&broken, 1));
        events.extend([Said::Completed { item: 1, kind: Kind::Message }, Said::Retrying]);
        events.extend(texts(&again, 2));
        events.push(Said::Completed { item: 2, kind: Kind::Message });
        let output = folded(&events).finish();
        prop_assert_eq!(output.streamed_text, before.concat() + &again.concat());
        prop_assert_eq!(ids(&output.items), ["m2"]);
    }
}

/// The ids of the items in these events.
fn ids_of(events: &[Said], wanted: impl Fn(&Said) -> bool) -> BTreeSet<String> {
    let of = |said: &Said| match said {
        Said::Started { item: id, kind } | Said::Completed { item: id, kind } => {
            vec![item(*id, *kind).id().unwrap().to_string()]
        }
        Said::Ended { items } => items.iter().map(|id| format!("m{id}")).collect(),
        _ => Vec::new(),
    };
    events.iter().filter(|said| wanted(said)).flat_map(of).collect()
}
