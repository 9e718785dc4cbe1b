//! What the server does in one turn.

use super::step::{Deed, Ending, Pieces, Step};
use super::wire;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// What the server does in one turn, in the order in which it is written down.
///
/// Where nothing else is said, an act begins like a turn of the real server, with the answer to `turn/start`, the
/// announcement and the user's message, and ends with `turn/completed`. [`responds`](Self::responds),
/// [`begins`](Self::begins) and the endings put these somewhere else.
///
/// ```
/// use codexkit_testkit::simulator::Act;
/// use std::time::Duration;
///
/// let slow = Act::new().text("Let me think.").wait(Duration::from_secs(200)).text("Done.");
/// let answered_late = Act::new().text("Before the answer").responds();
/// let late_item = Act::new().text("Hello").completes().text("One more thing");
/// let endless = Act::new().text("Hello").never_ends();
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[must_use]
pub struct Act {
    pub(super) steps: Vec<Step>,
    pub(super) unanswered: bool,
    pub(super) ignores_interrupts: bool,
    items: usize,
}

impl Act {
    /// A turn that begins and ends.
    pub fn new() -> Self {
        Self::default()
    }

    /// A message of the agent.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.chunks([text])
    }

    /// A message of the agent that is streamed in these pieces.
    pub fn chunks<T: Into<String>>(self, chunks: impl IntoIterator<Item = T>) -> Self {
        self.message(Pieces::Texts(chunks.into_iter().map(Into::into).collect()))
    }

    /// A message of the agent in `count` pieces of `bytes` bytes each; [`flood_text`] is its text.
    pub fn flood(self, count: usize, bytes: usize) -> Self {
        self.message(Pieces::Numbered { count, bytes })
    }

    /// The beginning of a message that is never completed.
    pub fn partial_text(mut self, text: impl Into<String>) -> Self {
        let id = self.fresh("msg");
        let pieces = Pieces::Texts(vec![text.into()]);
        self.step(Step::Open(wire::agent_message(&id, ""))).deltas("item/agentMessage/delta", id, pieces)
    }

    /// Thoughts of the model.
    pub fn thinks(mut self, summary: impl AsRef<str>, content: impl AsRef<str>) -> Self {
        let (id, summary, content) = (self.fresh("rs"), summary.as_ref(), content.as_ref());
        let index = |name: &str, text: &str| json!({ "itemId": id, name: 0, "delta": text });
        self.step(Step::Open(wire::reasoning(&id, &[], &[])))
            .notifies("item/reasoning/summaryPartAdded", json!({ "itemId": id, "summaryIndex": 0 }))
            .notifies("item/reasoning/summaryTextDelta", index("summaryIndex", summary))
            .notifies("item/reasoning/textDelta", index("contentIndex", content))
            .step(Step::Close(wire::reasoning(&id, &[summary], &[content])))
    }

    /// A command that runs without asking and gives this output in one piece, if any.
    pub fn command(self, command: impl AsRef<str>, output: impl Into<String>) -> Self {
        let output = Some(output.into()).filter(|output| !output.is_empty());
        self.output(command.as_ref(), Pieces::Texts(output.into_iter().collect()))
    }

    /// A command with `count` pieces of output, `bytes` bytes each.
    pub fn output_flood(self, count: usize, bytes: usize) -> Self {
        self.output("yes", Pieces::Numbered { count, bytes })
    }

    /// A command that begins and never ends.
    pub fn endless_command(mut self, command: impl AsRef<str>) -> Self {
        let id = self.fresh("call");
        self.step(Step::Open(wire::command_running(&wire::command(&id, command.as_ref()))))
    }

    /// A command that the client has to approve. The act goes on with the answer.
    pub fn asks_to_run(mut self, command: impl AsRef<str>) -> Self {
        let item = wire::command(&self.fresh("call"), command.as_ref());
        let params = wire::command_approval(&item);
        self.step(Step::Approval { item, method: "item/commandExecution/requestApproval".into(), params })
    }

    /// A new file that the client has to approve. The act goes on with the answer.
    pub fn asks_to_write(mut self, path: impl AsRef<str>) -> Self {
        let item = wire::file_change(&self.fresh("call"), path.as_ref());
        let params = json!({ "itemId": item["id"], "reason": null, "grantRoot": null });
        self.step(Step::Approval { item, method: "item/fileChange/requestApproval".into(), params })
    }

    /// Any request to the client. The act goes on with the answer.
    pub fn asks(self, method: impl Into<String>, params: Value) -> Self {
        self.step(Step::Ask { method: method.into(), params, waits: true })
    }

    /// Any request to the client, whose answer is not waited for.
    pub fn asks_in_passing(self, method: impl Into<String>, params: Value) -> Self {
        self.step(Step::Ask { method: method.into(), params, waits: false })
    }

    /// Withdraws the requests that the client has not answered yet: those of this turn, or outside of a turn all.
    pub fn withdraws(self) -> Self {
        self.step(Step::Withdraw)
    }

    /// An item that begins, as given.
    pub fn item_started(self, item: Value) -> Self {
        self.step(Step::Open(item))
    }

    /// An item that ends, as given.
    pub fn item_completed(self, item: Value) -> Self {
        self.step(Step::Close(item))
    }

    /// Any notification. The ids of thread and turn are added unless they are given.
    pub fn notifies(self, method: impl Into<String>, params: Value) -> Self {
        self.step(Step::Notify { method: method.into(), params })
    }

    /// The notice that something failed and is tried again.
    pub fn retries(self, message: impl AsRef<str>) -> Self {
        self.notifies(
            "error",
            json!({ "error": wire::turn_error(message.as_ref(), &json!("other")), "willRetry": true }),
        )
    }

    /// A turn of another agent, on a thread of its own that names this thread as its parent. It runs beside this one.
    pub fn child(self, act: Act) -> Self {
        self.step(Step::Child(Box::new(act)))
    }

    /// A turn that starts by itself on this thread, once this one has ended.
    pub fn followed_by(self, act: Act) -> Self {
        self.step(Step::Successor(Box::new(act)))
    }

    /// Does nothing for a while.
    pub fn wait(self, time: Duration) -> Self {
        self.step(Step::Wait(time))
    }

    /// Answers the `turn/start` here rather than first.
    pub fn responds(self) -> Self {
        self.step(Step::Respond)
    }

    /// Never answers the `turn/start`.
    pub fn never_responds(mut self) -> Self {
        self.unanswered = true;
        self
    }

    /// Announces the turn here rather than first.
    pub fn begins(self) -> Self {
        self.step(Step::Begin)
    }

    /// Ends the turn here. What follows comes too late.
    pub fn completes(self) -> Self {
        self.step(Step::End(Ending::Completed))
    }

    /// Fails the turn here, with a text and a `codexErrorInfo`.
    pub fn fails(self, message: impl Into<String>, info: impl Into<Value>) -> Self {
        self.step(Step::End(Ending::Failed { message: message.into(), info: info.into() }))
    }

    /// Ends the turn here with this status, known or not.
    pub fn ends_as(self, status: impl Into<String>) -> Self {
        self.step(Step::End(Ending::Other(status.into())))
    }

    /// Ends the turn here, and tells only those who ask: `turn/completed` does not come.
    pub fn ends_unseen(self) -> Self {
        self.step(Step::End(Ending::Unseen))
    }

    /// Never ends the turn.
    pub fn never_ends(self) -> Self {
        self.step(Step::End(Ending::Never))
    }

    /// From here on the turn reads as having this status, with or without a time of completion, when the server is asked.
    pub fn stored_as(self, status: impl Into<String>, completed: bool) -> Self {
        self.step(Step::StoredAs { status: status.into(), completed })
    }

    /// Accepts interrupts and does not obey.
    pub fn ignores_interrupts(mut self) -> Self {
        self.ignores_interrupts = true;
        self
    }

    /// A line that is no frame.
    pub fn junk(self, line: impl AsRef<str>) -> Self {
        self.bytes(format!("{}\n", line.as_ref()))
    }

    /// Bytes exactly as they are, with no line break added.
    pub fn bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Bytes(bytes.into()))
    }

    /// Ends the output of the server, which lives on.
    pub fn closes_output(self) -> Self {
        self.step(Step::Deed(Deed::CloseOutput))
    }

    /// Ends the server with this code.
    pub fn exits(self, code: i32) -> Self {
        self.step(Step::Deed(Deed::Exit(code)))
    }

    /// Kills the server.
    pub fn dies(self) -> Self {
        self.step(Step::Deed(Deed::Die))
    }

    /// Writes lines of so many bytes in all to the standard error.
    pub fn stderr(self, bytes: usize) -> Self {
        self.step(Step::Deed(Deed::Stderr(bytes)))
    }

    /// Starts a process that holds the output open for so long, whatever becomes of the server.
    pub fn leaves_output_to_a_child(self, time: Duration) -> Self {
        self.step(Step::Deed(Deed::HoldOutput(time)))
    }

    /// The steps with the usual beginning and end, where the act has not put its own.
    pub(super) fn into_steps(self) -> Vec<Step> {
        let has = |wanted: fn(&Step) -> bool| self.steps.iter().any(wanted);
        let responds = has(|step| matches!(step, Step::Respond)) || self.unanswered;
        let begins = has(|step| matches!(step, Step::Begin));
        let ends = has(|step| matches!(step, Step::End(_)));
        let first = [(!responds).then_some(Step::Respond), (!begins).then_some(Step::Begin)];
        let last = (!ends).then_some(Step::End(Ending::Completed));
        let (next, own): (Vec<Step>, Vec<Step>) =
            self.steps.into_iter().partition(|step| matches!(step, Step::Successor(_)));
        first.into_iter().flatten().chain(own).chain(last).chain(next).collect()
    }

    fn message(mut self, pieces: Pieces) -> Self {
        let id = self.fresh("msg");
        let whole = wire::agent_message(&id, &pieces.whole());
        self.step(Step::Open(wire::agent_message(&id, "")))
            .deltas("item/agentMessage/delta", id, pieces)
            .step(Step::Close(whole))
            .step(Step::Usage)
    }

    fn output(mut self, command: &str, pieces: Pieces) -> Self {
        let id = self.fresh("call");
        let begun = wire::command_running(&wire::command(&id, command));
        let ended = wire::command_ended(&begun, "completed", Some(&pieces.whole()));
        self.step(Step::Open(begun))
            .deltas("item/commandExecution/outputDelta", id, pieces)
            .step(Step::Close(ended))
            .step(Step::Usage)
    }

    fn deltas(self, method: &str, item: String, pieces: Pieces) -> Self {
        self.step(Step::Deltas { method: method.into(), item, pieces })
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Ids of items are unique in a turn, and repeat in others: so it is with the real server.
    fn fresh(&mut self, kind: &str) -> String {
        self.items += 1;
        format!("{kind}_{}_0", self.items)
    }
}

/// The text of [`Act::flood`]: its pieces are numbered, so that a lost or a moved one shows.
#[must_use]
pub fn flood_text(count: usize, bytes: usize) -> String {
    Pieces::Numbered { count, bytes }.whole()
}
