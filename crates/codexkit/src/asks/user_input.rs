//! Questions of the agent to the user.

use super::kind::{Answer, Question, write};
use super::origin::Origin;
use crate::client::AskAnswer;
use crate::protocol::types::{
    ToolRequestUserInputAnswer, ToolRequestUserInputParams, ToolRequestUserInputQuestion,
    ToolRequestUserInputResponse,
};
use std::collections::BTreeMap;

/// Questions of the agent to the user; it asks them in plan mode. From `item/tool/requestUserInput`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserInputRequest {
    /// Where it comes from.
    pub origin: Origin,
    /// All that the server says about it.
    pub params: Box<ToolRequestUserInputParams>,
}

/// Answers to the questions, as far as they are answered. Begin with [`UserInputRequest::answers`].
#[derive(Clone, Debug, Default)]
#[must_use = "the server waits for the answer"]
pub struct UserInputAnswers(BTreeMap<String, ToolRequestUserInputAnswer>);

impl UserInputRequest {
    pub(super) fn new(params: ToolRequestUserInputParams) -> Self {
        let origin = Origin::of_item(&params.thread_id, &params.turn_id, &params.item_id, None);
        Self { origin, params: Box::new(params) }
    }

    /// The questions, in their order.
    pub fn questions(&self) -> &[ToolRequestUserInputQuestion] {
        &self.params.questions
    }

    /// No answers yet; add them by the ids of the questions.
    pub fn answers(&self) -> UserInputAnswers {
        UserInputAnswers::default()
    }

    /// Answers each question by what `choose` makes of it; `None` leaves a question open.
    pub fn answer_each<A: Into<String>>(
        &self,
        mut choose: impl FnMut(&ToolRequestUserInputQuestion) -> Option<A>,
    ) -> UserInputAnswers {
        let answered = self.questions().iter().filter_map(|question| Some((question, choose(question)?)));
        answered.fold(self.answers(), |answers, (question, answer)| answers.answer(&question.id, [answer]))
    }
}

impl UserInputAnswers {
    /// Answers a question: with labels of its options, or with words of one's own.
    pub fn answer(
        mut self,
        question: impl Into<String>,
        answers: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.0.insert(question.into(), ToolRequestUserInputAnswer::new(answers));
        self
    }
}

impl Question for UserInputRequest {
    type Answer = UserInputAnswers;

    fn what(&self) -> Option<String> {
        let headers: Vec<&str> = self.questions().iter().map(|question| question.header.as_str()).collect();
        Some(format!("know of the user: {}", headers.join(", ")))
    }

    fn origin(&self) -> Option<&Origin> {
        Some(&self.origin)
    }

    fn safe_answer(&self) -> AskAnswer {
        self.answers().write()
    }
}

impl Answer for UserInputAnswers {
    fn permits(&self) -> bool {
        !self.0.is_empty()
    }

    fn write(self) -> AskAnswer {
        write(&ToolRequestUserInputResponse::new(self.0))
    }
}
