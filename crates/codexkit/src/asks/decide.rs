//! The way of a question to its answer: rules, then the handler of its owner, within a deadline.

use super::agent::AgentQuestion;
use super::handlers::{Handler, Handlers};
use super::kind::{Answer, Question};
use super::open::{AskSender, OpenAsk};
use super::record::OpenRecord;
use crate::client::AskAnswer;
use crate::future::{BoxFuture, Panicked, catch_panic};
use crate::rules::{DecidedBy, Decision, Rules, Verdict};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// One who may answer: rules and functions of the program, or whoever took the asks as a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Owner {
    pub(super) handlers: Handlers,
    /// When it is there, it stands for the functions.
    pub(super) asks: Option<AskSender>,
}

/// How a question was decided.
pub(super) struct Decided {
    answer: AskAnswer,
    verdict: Verdict,
    by: DecidedBy,
    why: String,
}

impl Decided {
    /// A request that this SDK does not know, answered by a function of the program.
    pub(super) fn raw(answer: AskAnswer) -> Self {
        let verdict = if answer.is_ok() { Verdict::Allow } else { Verdict::Deny };
        Self { answer, verdict, by: DecidedBy::Handler, why: String::new() }
    }

    fn given(answer: impl Answer, by: DecidedBy, why: impl Into<String>) -> Self {
        let verdict = if answer.permits() { Verdict::Allow } else { Verdict::Deny };
        Self { answer: answer.write(), verdict, by, why: why.into() }
    }

    fn safe(answer: AskAnswer, by: DecidedBy, why: impl Into<String>) -> Self {
        Self { answer, verdict: Verdict::Deny, by, why: why.into() }
    }
}

/// Lets the decision take its time, writes the record of it, and returns the answer: the safe one when the decision was too
/// late or panicked.
pub(super) async fn in_time(
    deadline: Duration,
    safe: AskAnswer,
    record: impl Into<Option<OpenRecord>>,
    deciding: BoxFuture<'static, Decided>,
) -> AskAnswer {
    let record = record.into();
    let Decided { answer, verdict, by, why } = match timeout(deadline, catch_panic(deciding)).await {
        Ok(Ok(decided)) => decided,
        Ok(Err(Panicked)) => {
            tracing::error!("the handler of a request panicked; the safe answer is given");
            Decided::safe(safe, DecidedBy::Handler, "it panicked")
        }
        Err(_) => {
            tracing::warn!(?deadline, "nobody answered a request in time; the safe answer is given");
            Decided::safe(safe, DecidedBy::Deadline, "")
        }
    };
    if let Some(record) = record {
        record.close(verdict, by, &why);
    }
    answer
}

/// Decides what an agent asks.
pub(super) async fn for_agent<Q: AgentQuestion>(question: Q, owners: Vec<Owner>) -> Decided {
    let safe = question.safe_answer();
    let Some((question, course)) = by_rules(question, &owners).await else {
        return Decided::safe(safe, DecidedBy::NoOwner, "the program is about to end");
    };
    match course {
        Course::Denied(decision) => Decided::safe(safe, by_rule(&decision), decision.why),
        Course::Allowed(decision) => match question.allowed() {
            Some(answer) => Decided::given(answer, by_rule(&decision), decision.why),
            None => Decided::safe(safe, DecidedBy::NoOwner, ""),
        },
        Course::Owner(at) => match &owners[at] {
            Owner { asks: Some(asks), .. } => by_stream(question, asks).await,
            Owner { handlers, .. } => by_handler(question, Q::handler(handlers).cloned()).await,
        },
        Course::Nobody(why) => Decided::safe(safe, DecidedBy::NoOwner, why),
    }
}

/// Has a question answered by whoever reads the asks.
async fn by_stream<Q: AgentQuestion>(question: Q, asks: &AskSender) -> Decided {
    let safe = question.safe_answer();
    let (ask, answer) = OpenAsk::new(question);
    // If nobody reads them any more, the ask is dropped here, and with it goes the place for its answer.
    let _ = asks.send(Q::open(ask)).await;
    match answer.await {
        Ok(answer) => Decided::given(answer, DecidedBy::Handler, ""),
        Err(_) => Decided::safe(safe, DecidedBy::Handler, "it let go of the ask"),
    }
}

/// Has a question answered by its handler.
pub(super) async fn by_handler<Q: Question>(question: Q, handler: Option<Handler<Q, Q::Answer>>) -> Decided {
    let safe = question.safe_answer();
    match handler {
        None => Decided::safe(safe, DecidedBy::NoOwner, ""),
        Some(handler) => match handler(question).await {
            Ok(answer) => Decided::given(answer, DecidedBy::Handler, ""),
            Err(error) => Decided::safe(safe, DecidedBy::Handler, format!("it failed: {error}")),
        },
    }
}

fn by_rule(decision: &Decision) -> DecidedBy {
    decision.rule.clone().map_or(DecidedBy::NoOwner, DecidedBy::Rule)
}

/// Who or what decides.
#[derive(Debug, PartialEq)]
enum Course {
    Denied(Decision),
    Allowed(Decision),
    /// The owner at this place.
    Owner(usize),
    /// Nobody, and why.
    Nobody(String),
}

/// What the rules make of a question. `None` when the program ends meanwhile.
async fn by_rules<Q: AgentQuestion>(question: Q, owners: &[Owner]) -> Option<(Q, Course)> {
    let rules: Vec<Option<Arc<Rules>>> = owners.iter().map(|owner| owner.handlers.rules.clone()).collect();
    let cares: Vec<bool> = owners.iter().map(Owner::cares::<Q>).collect();
    if rules.iter().all(Option::is_none) {
        return Some((question, course(&vec![None; cares.len()], &cares)));
    }
    // Rules look at files.
    let decided = spawn_blocking(move || {
        let decide = |rules: &Option<Arc<Rules>>| Some(rules.as_ref()?.decide(&question.subject()?));
        let decisions: Vec<Option<Decision>> = rules.iter().map(decide).collect();
        (question, course(&decisions, &cares))
    });
    match decided.await {
        Ok(decided) => Some(decided),
        // The files of rules may be the user's code.
        Err(error) => error.try_into_panic().map(|panic| resume_unwind(panic)).ok(),
    }
}

/// Who decides, by what the rules of each owner say and by which owners have a handler.
fn course(decisions: &[Option<Decision>], cares: &[bool]) -> Course {
    if let Some(denied) = decisions.iter().flatten().find(|decision| decision.verdict == Verdict::Deny) {
        return Course::Denied(denied.clone());
    }
    let mut asked_for = None;
    for (at, (decision, cares)) in decisions.iter().zip(cares).enumerate() {
        match decision {
            Some(decision) if decision.verdict == Verdict::Allow && asked_for.is_none() => {
                return Course::Allowed(decision.clone());
            }
            Some(decision) if decision.rule.is_some() => asked_for = asked_for.or(Some(decision.why.clone())),
            _ => {}
        }
        if *cares {
            return Course::Owner(at);
        }
    }
    let why = asked_for.or_else(|| Some(decisions.iter().flatten().next()?.why.clone()));
    Course::Nobody(why.unwrap_or_default())
}

impl Owner {
    fn cares<Q: AgentQuestion>(&self) -> bool {
        self.asks.is_some() || Q::handler(&self.handlers).is_some()
    }
}

impl From<Handlers> for Owner {
    fn from(handlers: Handlers) -> Self {
        Self { handlers, asks: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Command, Subject};

    /// What an owner's rules say about `ls`.
    fn says(rules: Rules) -> Option<Decision> {
        Some(rules.decide(&Subject::command("ls")))
    }

    fn allow() -> Option<Decision> {
        let decision = Decision { verdict: Verdict::Allow, ..says(Rules::new()).unwrap() };
        Some(Decision { rule: says(deny_rules()).unwrap().rule, ..decision })
    }

    fn deny_rules() -> Rules {
        Rules::new().named("rule").deny(Command::any())
    }

    fn ask() -> Option<Decision> {
        says(Rules::new().named("rule").ask(Command::any()))
    }

    fn nothing() -> Option<Decision> {
        says(Rules::new())
    }

    #[test]
    fn a_denial_counts_wherever_it_was_said() {
        let denied = says(deny_rules());
        for decisions in [[denied.clone(), allow(), None], [allow(), None, denied.clone()]] {
            assert_eq!(course(&decisions, &[true, true, true]), Course::Denied(denied.clone().unwrap()));
        }
    }

    #[test]
    fn the_nearest_owner_decides_and_its_rules_come_first() {
        assert_eq!(course(&[allow(), None], &[true, true]), Course::Allowed(allow().unwrap()));
        assert_eq!(course(&[None, allow()], &[true, false]), Course::Owner(0));
        assert_eq!(course(&[nothing(), allow()], &[false, true]), Course::Allowed(allow().unwrap()));
        assert_eq!(course(&[nothing(), None], &[false, true]), Course::Owner(1));
    }

    #[test]
    fn what_a_rule_asks_about_no_rule_further_away_allows() {
        assert_eq!(course(&[ask(), allow()], &[false, true]), Course::Owner(1));
        assert_eq!(course(&[ask(), allow()], &[false, false]), Course::Nobody("the rule: rule".to_owned()));
        assert_eq!(course(&[allow(), ask()], &[false, false]), Course::Allowed(allow().unwrap()));
    }

    #[test]
    fn without_rules_and_handlers_nobody_decides() {
        assert_eq!(course(&[None, None], &[false, false]), Course::Nobody(String::new()));
        let why = nothing().unwrap().why;
        assert_eq!(course(&[None, nothing()], &[false, false]), Course::Nobody(why));
    }
}
