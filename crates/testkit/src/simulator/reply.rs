//! How a call is answered.

use super::act::Act;
use super::step::Step;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// How a call is answered: as the real server would, or otherwise; at once or late; once or more often.
///
/// ```
/// use codexkit_testkit::simulator::Reply;
/// use std::time::Duration;
///
/// let late_and_twice = Reply::usual().after(Duration::from_secs(90)).times(2);
/// let lost = Reply::never();
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[must_use]
pub struct Reply {
    pub(super) says: Says,
    pub(super) after: Duration,
    pub(super) times: usize,
    pub(super) id: Option<Value>,
    pub(super) then: Vec<Step>,
}

/// What the answer is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Says {
    /// What the real server would say.
    Usual,
    Result(Value),
    Error(Value),
}

impl Reply {
    /// As the real server answers.
    pub fn usual() -> Self {
        Self { says: Says::Usual, after: Duration::ZERO, times: 1, id: None, then: Vec::new() }
    }

    /// With this result.
    pub fn result(result: impl Into<Value>) -> Self {
        Self { says: Says::Result(result.into()), ..Self::usual() }
    }

    /// With an error.
    pub fn error(code: i64, message: impl Into<String>) -> Self {
        let error = json!({ "code": code, "message": message.into() });
        Self { says: Says::Error(error), ..Self::usual() }
    }

    /// With the error of a server that has too much to do.
    pub fn overloaded() -> Self {
        Self::error(-32001, "Server overloaded; retry later.")
    }

    /// Not at all. The server does not do what it is asked to, either.
    pub fn never() -> Self {
        Self::result(Value::Null).times(0)
    }

    /// Not before this time has passed.
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// So often.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Under another id than that of the call.
    pub fn under_id(mut self, id: impl Into<Value>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Does this afterwards. There is no turn, so what needs one is left out of it.
    pub fn then(mut self, act: Act) -> Self {
        self.then = act.steps;
        self
    }
}
