//! Neighbouring pieces of one text, joined without a loss.

use crate::client::notification::Notification;
use crate::protocol::{Delivery, RawNotification};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;
use std::sync::Arc;

/// Pieces of one text that came one after the other.
///
/// They are joined as they were written: the parameters of such notifications differ in nothing but the text between
/// one pair of quotes.
#[derive(Debug)]
pub(super) struct TextRun {
    first: Arc<Notification>,
    /// Where the text stands in the parameters of the first piece.
    place: Range<usize>,
    /// The text of the further pieces, as JSON without the quotes.
    more: String,
    /// The place of the last piece in the order of the connection.
    sequence: u64,
    emitted_at_ms: Option<i64>,
}

/// A joined text is not much longer than this, so that reading it is never a long piece of work.
pub(super) const LONGEST_RUN: usize = 64 * 1024;

impl TextRun {
    /// Joins two pieces if they are neighbours in one text.
    pub(super) fn of(first: &Arc<Notification>, second: &Notification) -> Option<Self> {
        if first.method() != second.method() {
            return None;
        }
        let (place, sequence) = (text_place(first)?, first.sequence);
        let mut run =
            Self { first: first.clone(), place, more: String::new(), sequence, emitted_at_ms: None };
        run.take(second).then_some(run)
    }

    /// Takes a piece in if it continues the same text and there is room for it.
    pub(super) fn take(&mut self, piece: &Notification) -> bool {
        let Some(place) = text_place(piece) else { return false };
        let (first, next) = (self.first.raw.params.get(), piece.raw.params.get());
        let continues = piece.method() == self.first.method()
            && first[..self.place.start] == next[..place.start]
            && first[self.place.end..] == next[place.end..]
            && self.place.len() + self.more.len() + place.len() <= LONGEST_RUN;
        if continues {
            self.more.push_str(&next[place]);
            self.sequence = piece.sequence;
            self.emitted_at_ms = piece.raw.emitted_at_ms;
        }
        continues
    }

    /// What it keeps in memory, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.first.cost() + self.more.capacity()
    }

    /// One notification with the whole text, in the place of the last piece.
    pub(super) fn finish(self) -> Arc<Notification> {
        let (before, after) = self.first.raw.params.get().split_at(self.place.end);
        match RawValue::from_string([before, &self.more, after].concat()) {
            // Two texts that are well-formed by themselves make one.
            Err(_) => self.first,
            Ok(params) => {
                let mut raw = RawNotification::new(self.first.raw.method.clone(), params);
                raw.emitted_at_ms = self.emitted_at_ms;
                let (thread, turn) = (self.first.thread.clone(), self.first.turn.clone());
                Arc::new(Notification { sequence: self.sequence, raw, thread, turn })
            }
        }
    }
}

/// Where the text of a piece stands between its quotes; none if the notification is no well-formed piece of text.
fn text_place(piece: &Notification) -> Option<Range<usize>> {
    #[derive(Deserialize)]
    struct Piece<'a> {
        #[serde(borrow)]
        delta: &'a RawValue,
    }
    let params = piece.raw.params.get();
    // Serde would also take a list for an object, with the fields by their places.
    if Delivery::of(piece.method()) != Delivery::Merge || !params.starts_with('{') {
        return None;
    }
    let quoted = serde_json::from_str::<Piece<'_>>(params).ok()?.delta.get();
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    // Half of a pair of escapes would spoil what it is joined to.
    if text.contains("\\u") {
        serde_json::from_str::<String>(quoted).ok()?;
    }
    let start = text.as_ptr() as usize - params.as_ptr() as usize;
    Some(start..start + text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const METHOD: &str = "item/agentMessage/delta";

    fn piece(sequence: u64, method: &str, params: &str) -> Arc<Notification> {
        let raw = RawNotification::new(method, RawValue::from_string(params.to_owned()).unwrap());
        Arc::new(Notification { sequence, raw, thread: None, turn: None })
    }

    fn text(sequence: u64, item: &str, text: &str) -> Arc<Notification> {
        piece(sequence, METHOD, &json!({ "itemId": item, "delta": text, "turnId": "u" }).to_string())
    }

    #[test]
    fn pieces_of_one_text_become_one_in_the_place_of_the_last() {
        let mut run = TextRun::of(&text(1, "a", "x\"\n"), &text(2, "a", "\\")).unwrap();
        assert!(run.take(&text(3, "a", "ü\u{1}")));
        let joined = run.finish();
        assert_eq!((joined.sequence, joined.method()), (3, METHOD));
        let params: serde_json::Value = serde_json::from_str(joined.raw.params.get()).unwrap();
        assert_eq!(params, json!({ "itemId": "a", "delta": "x\"\n\\ü\u{1}", "turnId": "u" }));
    }

    #[test]
    fn what_is_no_neighbour_is_not_joined() {
        let first = text(1, "a", "x");
        let others = [
            text(2, "b", "x"),
            piece(2, "item/plan/delta", first.raw.params.get()),
            piece(2, METHOD, "null"),
            piece(2, METHOD, r#"["x"]"#),
            piece(2, METHOD, r#"{"delta":7,"itemId":"a","turnId":"u"}"#),
            piece(2, METHOD, r#"{"delta":"y","itemId":"a","turnId":"u","more":1}"#),
            piece(2, METHOD, r#"{"delta":"y","delta":"y","itemId":"a","turnId":"u"}"#),
            // Half of a surrogate pair.
            piece(2, METHOD, r#"{"delta":"\ud83d","itemId":"a","turnId":"u"}"#),
        ];
        for other in others {
            assert!(TextRun::of(&first, &other).is_none(), "{other:?}");
            assert!(TextRun::of(&other, &first).is_none(), "{other:?}");
        }
        let output = "item/commandExecution/outputDelta";
        let output = |sequence| piece(sequence, output, first.raw.params.get());
        assert!(TextRun::of(&output(1), &output(2)).is_none());
    }

    #[test]
    fn a_run_ends_before_it_gets_too_long() {
        let (half, one) = ("x".repeat(LONGEST_RUN / 2), "y");
        let mut run = TextRun::of(&text(1, "a", &half), &text(2, "a", &half)).unwrap();
        assert!(!run.take(&text(3, "a", one)));
        assert_eq!(run.finish().sequence, 2);
    }

    #[test]
    fn a_run_is_as_long_as_it_may_be_and_costs_what_it_keeps() {
        let piece = text(1, "a", &"x".repeat(1024));
        let mut run = TextRun::of(&piece, &piece).unwrap();
        let mut pieces = 2;
        while run.take(&piece) {
            pieces += 1;
        }
        assert_eq!(pieces, 64);
        let least = piece.cost() + 63 * 1024;
        assert!((least..=least + 1024).contains(&run.cost()), "{} for {least}", run.cost());
    }

    #[test]
    fn the_time_is_that_of_the_last_piece() {
        let mut last = Notification::clone(&text(2, "a", "y"));
        last.raw.emitted_at_ms = Some(7);
        let run = TextRun::of(&text(1, "a", "x"), &last).unwrap();
        assert_eq!(run.finish().raw.emitted_at_ms, Some(7));
    }
}
