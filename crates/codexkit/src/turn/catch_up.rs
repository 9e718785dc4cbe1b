//! What was missed of a turn, from what the server knows about it.
//!
//! What the server lists and what it sends overlap: an item can be in both. Nothing is shown twice.

use super::fold::Fold;
use super::places::{place_of, under_known_ids};
use crate::event::Event;
use crate::protocol::types::{
    CommandExecutionStatus, McpToolCallStatus, PatchApplyStatus, ThreadItem, Turn, TurnStatus,
};
use std::collections::VecDeque;

/// The events that the server would have sent until now, but for those that were seen.
pub(super) fn missed(mut known: Turn, seen: &Fold) -> VecDeque<Event> {
    under_known_ids(&mut known.items, seen);
    let mut missed = VecDeque::new();
    for item in &known.items {
        match item.id() {
            Some(id) if seen.is_done(id) => {}
            Some(id) if is_open(item) && seen.is_open(id) => {}
            _ if is_open(item) => missed.push_back(Event::ItemStarted(item.clone())),
            _ => {
                missed.extend(rest_of_text(item, seen));
                missed.push_back(Event::ItemCompleted(item.clone()));
            }
        }
    }
    // A server was seen to show a running turn as interrupted, without a time of completion.
    if known.status != TurnStatus::InProgress && known.completed_at.is_some() {
        missed.push_back(Event::TurnCompleted(Box::new(known)));
    }
    missed
}

/// What was not streamed of a message.
fn rest_of_text(item: &ThreadItem, seen: &Fold) -> Option<Event> {
    let ThreadItem::AgentMessage(message) = item else { return None };
    let rest = message.text.strip_prefix(seen.streamed(&message.id).as_str())?;
    let text = Some(rest.to_owned()).filter(|rest| !rest.is_empty())?;
    Some(Event::TextDelta { item: message.id.clone(), text })
}

/// Whether an event only tells what was caught up with already.
pub(super) fn repeats(event: &Event, seen: &mut Fold) -> bool {
    if let Event::ItemCompleted(item) = event
        && let Some(id) = item.id().filter(|id| !seen.is_done(id))
        && let Some(place) = place_of(item, seen)
    {
        seen.rename(&place, id);
    }
    match event {
        Event::ItemStarted(item) => item.id().is_some_and(|id| seen.is_done(id) || seen.is_open(id)),
        Event::ItemCompleted(item) => item.id().is_some_and(|id| seen.is_done(id)),
        Event::TextDelta { item, .. } | Event::ReasoningDelta { item, .. } => seen.is_done(item),
        Event::PlanDelta { item, .. } | Event::OutputDelta { item, .. } => seen.is_done(item),
        _ => false,
    }
}

/// Whether the item was still at work.
fn is_open(item: &ThreadItem) -> bool {
    match item {
        ThreadItem::CommandExecution(command) => command.status == CommandExecutionStatus::InProgress,
        ThreadItem::FileChange(change) => change.status == PatchApplyStatus::InProgress,
        ThreadItem::McpToolCall(call) => call.status == McpToolCallStatus::InProgress,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::meter::Meter;
    use serde_json::{Value, json};

    fn message(id: &str, text: &str) -> Value {
        json!({ "type": "agentMessage", "id": id, "text": text })
    }

    fn item(value: Value) -> ThreadItem {
        serde_json::from_value(value).unwrap()
    }

    fn known(items: Value, status: &str) -> Turn {
        let at = (status != "inProgress").then_some(1);
        serde_json::from_value(json!({ "id": "u", "status": status, "items": items, "completedAt": at }))
            .unwrap()
    }

    fn seen(events: &[Event]) -> Fold {
        let mut fold = Fold::new("t".into(), "u".into(), Meter::default());
        events.iter().for_each(|event| fold.add(event));
        fold
    }

    #[test]
    fn only_what_was_not_seen_is_told_and_a_text_is_completed() {
        let half = Event::TextDelta { item: "b".into(), text: "Hel".into() };
        let seen = seen(&[Event::ItemCompleted(item(message("a", "A"))), half]);
        let items = json!([message("a", "A"), message("b", "Hello"), message("c", "C")]);

        let missed = missed(known(items, "completed"), &seen);

        let told: Vec<String> = missed
            .iter()
            .map(|event| match event {
                Event::TextDelta { item, text } => format!("{item}+{text}"),
                Event::ItemCompleted(item) => item.id().unwrap().to_string(),
                Event::TurnCompleted(_) => "end".into(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, ["b+lo", "b", "c+C", "c", "end"]);
    }

    #[test]
    fn a_running_turn_does_not_end_and_what_is_at_work_stays_open() {
        let command = json!({
            "type": "commandExecution", "id": "c", "command": "make", "commandActions": [], "cwd": "/w",
            "status": "inProgress",
        });
        let missed = missed(known(json!([command]), "inProgress"), &seen(&[]));
        assert!(matches!(missed.iter().collect::<Vec<_>>()[..], [Event::ItemStarted(_)]), "{missed:?}");
    }

    #[test]
    fn what_is_heard_again_repeats() {
        let done = Event::ItemCompleted(item(message("a", "A")));
        let mut seen = seen(&[done.clone(), Event::ItemStarted(item(message("b", "")))]);
        let late = Event::TextDelta { item: "a".into(), text: "A".into() };
        for event in [done, late, Event::ItemStarted(item(message("b", "")))] {
            assert!(repeats(&event, &mut seen), "{event:?}");
        }
        assert!(!repeats(&Event::TextDelta { item: "b".into(), text: "B".into() }, &mut seen));
    }
}
