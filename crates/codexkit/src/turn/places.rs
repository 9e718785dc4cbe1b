//! Items of old servers, which have two names.
//!
//! Servers before 0.154 send messages under ids, and list them under the number of their place in the thread, as in
//! `item-2`. By what they say, they are found to be the same.

use super::fold::{Fold, rename};
use super::steps::{StepKind, describe};
use crate::protocol::ItemId;
use crate::protocol::types::ThreadItem;

/// Gives what the server lists the ids under which it was seen, if it was.
pub(super) fn under_known_ids(listed: &mut [ThreadItem], seen: &Fold) {
    if !listed.iter().any(is_place) {
        return;
    }
    let mut done: Vec<(ItemId, (StepKind, String))> = Vec::new();
    for item in seen.done().filter(|item| !is_place(item)) {
        done.extend(item.id().map(|id| (id.clone(), describe(item))));
    }
    let mut begun: Vec<(ItemId, String)> = seen.begun_messages().collect();
    for item in listed.iter_mut().filter(|item| is_place(item)) {
        let (kind, text) = describe(item);
        if let Some(at) = done.iter().position(|(_, known)| *known == (kind, text.clone())) {
            rename(item, done.remove(at).0);
        } else if let ThreadItem::AgentMessage(message) = item
            && let Some(at) = begun.iter().position(|(_, begun)| message.text.starts_with(begun.as_str()))
        {
            message.id = begun.remove(at).0;
        }
    }
}

/// The place under which a message is known that now comes under its id.
pub(super) fn place_of(item: &ThreadItem, seen: &Fold) -> Option<ItemId> {
    let said = describe(item);
    let mut places = seen.done().filter(|item| is_place(item));
    places.find(|known| describe(known) == said)?.id().cloned()
}

/// Whether the item is a message that is named by its place.
fn is_place(item: &ThreadItem) -> bool {
    let is_message = matches!(item, ThreadItem::UserMessage(_) | ThreadItem::AgentMessage(_));
    let number = item.id().and_then(|id| id.as_str().strip_prefix("item-"));
    is_message && number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::turn::catch_up::{missed, repeats};
    use crate::turn::meter::Meter;
    use serde_json::{Value, json};

    fn message(id: &str, text: &str) -> Value {
        json!({ "type": "agentMessage", "id": id, "text": text })
    }

    fn completed(id: &str, text: &str) -> Event {
        Event::ItemCompleted(serde_json::from_value(message(id, text)).unwrap())
    }

    fn seen(events: &[Event]) -> Fold {
        let mut fold = Fold::new("t".into(), "u".into(), Meter::default());
        events.iter().for_each(|event| fold.add(event));
        fold
    }

    fn told(items: Value, seen: &Fold) -> Vec<String> {
        let turn = json!({ "id": "u", "status": "inProgress", "items": items });
        let missed = missed(serde_json::from_value(turn).unwrap(), seen);
        let told = missed.into_iter().map(|event| match event {
            Event::TextDelta { item, text } => format!("{item}+{text}"),
            Event::ItemCompleted(item) => item.id().unwrap().to_string(),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn what_was_seen_is_not_told_again_under_its_place() {
        let seen = seen(&[completed("msg_1", "OK")]);
        let items = json!([message("item-2", "OK"), message("item-3", "OK")]);
        // It was said twice, and seen once.
        assert_eq!(told(items, &seen), ["item-3+OK", "item-3"]);
    }

    #[test]
    fn a_text_that_had_begun_is_completed_under_its_own_id() {
        let seen = seen(&[Event::TextDelta { item: "msg_1".into(), text: "Hel".into() }]);
        assert_eq!(told(json!([message("item-2", "Hello")]), &seen), ["msg_1+lo", "msg_1"]);
    }

    #[test]
    fn what_was_told_under_its_place_is_not_told_again_under_its_id() {
        let mut seen = seen(&[completed("item-2", "OK")]);
        assert!(repeats(&completed("msg_1", "OK"), &mut seen));
        assert!(repeats(&completed("msg_1", "OK"), &mut seen), "it is known by its id now");
        assert!(!repeats(&completed("msg_2", "OK"), &mut seen), "this is another one");
    }

    #[test]
    fn ids_of_newer_servers_are_left_alone() {
        let seen = seen(&[completed("msg_1", "OK")]);
        assert_eq!(told(json!([message("msg_2", "OK")]), &seen), ["msg_2+OK", "msg_2"]);
    }
}
