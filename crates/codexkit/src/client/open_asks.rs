//! The requests of the server that wait for our answer.

use super::outbox::Outgoing;
use crate::protocol::route::RouteKey;
use crate::protocol::{RawRequest, RequestId, TurnId};
use std::collections::{HashMap, VecDeque};
use tokio::task::AbortHandle;

/// Answers that may have to be given again, should the server not have got them.
const ANSWERS: usize = 64;

/// The requests of the server that wait for our answer. Each has one owner and is answered once.
#[derive(Debug)]
pub(super) struct OpenAsks {
    asks: HashMap<RequestId, OpenAsk>,
    /// The latest answers, if the connection is made anew when it breaks: the server then asks again for those that it has
    /// not got.
    answered: Option<VecDeque<(RawRequest, String)>>,
    limit: usize,
    refused: u64,
}

#[derive(Debug)]
struct OpenAsk {
    request: RawRequest,
    turn: Option<TurnId>,
    handler: Option<AbortHandle>,
    /// Whether it was asked on a link that has broken. Only if the server asks again does it still want an answer.
    stale: bool,
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Opened {
    /// It is a new one.
    New,
    /// It was asked before, and its handler is still at work.
    Again,
    /// It was asked before, and this is its answer.
    Answered(Outgoing),
    /// There are too many already.
    Refused,
}

impl OpenAsks {
    /// None yet. `remember` says whether requests can be asked again.
    pub(super) fn new(limit: usize, remember: bool) -> Self {
        Self { asks: HashMap::new(), answered: remember.then(VecDeque::new), limit, refused: 0 }
    }

    /// Takes a request in.
    pub(super) fn open(&mut self, request: &RawRequest) -> Opened {
        if let Some(ask) = self.asks.get_mut(&request.id)
            && ask.stale
            && is_same(&ask.request, request)
        {
            ask.stale = false;
            return Opened::Again;
        }
        let answered = self.answered.iter().flatten().find(|(asked, _)| is_same(asked, request));
        if let Some((_, frame)) = answered {
            return Opened::Answered(Outgoing::message(frame.clone()));
        }
        // Another server may count from the beginning again.
        self.withdraw(&request.id);
        if self.asks.len() >= self.limit {
            self.refused += 1;
            tracing::warn!(refused = self.refused, "more requests of the server are open than allowed");
            return Opened::Refused;
        }
        let turn = RouteKey::peek(&request.params).turn.map(TurnId::new);
        let ask = OpenAsk { request: request.clone(), turn, handler: None, stale: false };
        self.asks.insert(request.id.clone(), ask);
        Opened::New
    }

    /// Its handler runs now. `false` when the request was withdrawn in the meantime.
    pub(super) fn handled_by(&mut self, id: &RequestId, handler: AbortHandle) -> bool {
        match self.asks.get_mut(id) {
            Some(ask) => {
                ask.handler = Some(handler);
                true
            }
            None => false,
        }
    }

    /// Closes a request by this answer, and says whether it is to be sent: not when the request was withdrawn, and not yet
    /// when nobody knows whether it still stands.
    pub(super) fn answer(&mut self, id: &RequestId, answer: &Outgoing) -> bool {
        let Some(ask) = self.asks.remove(id) else { return false };
        if let Some(answered) = &mut self.answered {
            answered.push_back((ask.request, answer.frame.clone()));
            if answered.len() > ANSWERS {
                answered.pop_front();
            }
        }
        !ask.stale
    }

    /// The link has broken. Handlers go on: the server may ask again.
    pub(super) fn lose_link(&mut self) {
        self.asks.values_mut().for_each(|ask| ask.stale = true);
    }

    /// The server no longer wants an answer; the handler is stopped.
    pub(super) fn withdraw(&mut self, id: &RequestId) {
        if let Some(ask) = self.asks.remove(id) {
            ask.stop();
        }
    }

    /// A turn has ended, and with it what it asked: of a call of a tool the server says no more than that.
    pub(super) fn end_turn(&mut self, turn: &TurnId) {
        for (_, ask) in self.asks.extract_if(|_, ask| ask.turn.as_ref() == Some(turn)) {
            ask.stop();
        }
    }

    /// Withdraws all.
    pub(super) fn clear(&mut self) {
        for ask in std::mem::take(&mut self.asks).into_values() {
            ask.stop();
        }
    }
}

impl OpenAsk {
    fn stop(self) {
        if let Some(handler) = self.handler {
            handler.abort();
        }
    }
}

/// Whether the server asks the same once more.
fn is_same(one: &RawRequest, other: &RawRequest) -> bool {
    one.id == other.id && one.method == other.method && one.params.get() == other.params.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use serde_json::value::to_raw_value;

    fn request(id: i64, what: &str) -> RawRequest {
        RawRequest::new(id.into(), "ask", to_raw_value(&json!({ "what": what })).unwrap())
    }

    fn answer(text: &str) -> Outgoing {
        Outgoing::message(text.to_owned())
    }

    #[test]
    fn what_is_asked_again_on_a_new_link_is_answered_once_by_the_same_handler() {
        let mut asks = OpenAsks::new(4, true);
        assert!(matches!(asks.open(&request(0, "a")), Opened::New));
        asks.lose_link();
        assert!(matches!(asks.open(&request(0, "a")), Opened::Again));
        assert!(asks.answer(&0.into(), &answer("yes")));
        assert!(!asks.answer(&0.into(), &answer("no")));
    }

    #[test]
    fn an_answer_that_was_found_without_a_link_waits_for_the_question() {
        let mut asks = OpenAsks::new(4, true);
        asks.open(&request(0, "a"));
        asks.lose_link();
        assert!(!asks.answer(&0.into(), &answer("yes")), "nobody may want it any more");
        assert!(matches!(asks.open(&request(0, "a")), Opened::Answered(again) if again.frame == "yes"));
    }

    #[test]
    fn another_question_under_an_old_number_never_gets_the_old_answer() {
        let mut asks = OpenAsks::new(4, true);
        for what in ["a", "b"] {
            asks.open(&request(0, what));
            asks.lose_link();
        }
        assert!(matches!(asks.open(&request(0, "c")), Opened::New));
        assert!(asks.answer(&0.into(), &answer("yes")));
        assert!(matches!(asks.open(&request(0, "d")), Opened::New));
    }

    #[test]
    fn without_a_new_link_nothing_is_remembered() {
        let mut asks = OpenAsks::new(4, false);
        asks.open(&request(0, "a"));
        asks.answer(&0.into(), &answer("yes"));
        assert!(matches!(asks.open(&request(0, "a")), Opened::New));
    }
}
