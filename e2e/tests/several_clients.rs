//! Several clients on one server: they see the same turns, and each ask is answered once.

use codexkit::protocol::types::{ThreadResumeParams, TurnStatus, TurnSteerParams, UserInput};
use codexkit::{Approval, ApprovalAnswer, Approvals, Codex, CodexBuilder, Event, Sandbox, Thread};
use e2e::model::{Exec, Gate, Message, Model, Response};
use e2e::{Stage, Transport, skipped, soon};
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// The server of a stage, started to listen, and a client that came later with these settings.
async fn two_clients(
    stage: &Stage,
    first: impl FnOnce(CodexBuilder) -> CodexBuilder,
    second: CodexBuilder,
) -> (Codex, Codex) {
    let one = stage.start_with(first).await;
    let two = soon("the second client", second.connect(one.endpoint().unwrap())).await.unwrap();
    (one, two)
}

/// Has a client hear of what happens on the thread of another.
async fn join(client: &Codex, thread: &Thread) {
    soon("the thread", client.call(&ThreadResumeParams::new(thread.id()))).await.unwrap();
}

async fn an_observer_sees_the_turn_of_another(on: Transport) {
    // Given a turn that has said something
    let gate = Gate::new();
    let text = Message::chunks(["One"]).gate(&gate).chunk("Two").chunk("Three");
    let stage = Stage::new(Model::script().text(text)).await.over(on);
    let (one, two) = two_clients(&stage, |builder| builder, Codex::builder()).await;
    let thread = one.start_thread().await.unwrap();
    let turn = thread.run("Speak").stream().await.unwrap();
    soon("the model", gate.reached()).await;

    // When another client joins its thread
    let mut seen_by_two = two.subscribe().unwrap();
    join(&two, &thread).await;
    gate.open();

    // Then it sees the rest, up to the end
    let mut heard = String::new();
    let status = loop {
        match soon("an event", seen_by_two.try_next()).await.unwrap().expect("an event") {
            Event::TextDelta { text, .. } => heard.push_str(&text),
            Event::TurnCompleted(ended) if ended.id == *turn.id() => break ended.status,
            _ => {}
        }
    };
    assert_eq!((heard.trim_start_matches("One"), status), ("TwoThree", TurnStatus::Completed));
    assert_eq!(soon("the output", turn.finish()).await.unwrap().text(), "OneTwoThree");
}

async fn a_turn_is_steered_by_another_client(on: Transport) {
    let gate = Gate::new();
    let script = Model::script().respond(Response::new().gate(&gate).exec("true")).text("Steered.");
    let stage = Stage::new(script).await.over(on);
    let (one, two) = two_clients(&stage, |builder| builder, Codex::builder()).await;
    let thread = one.start_thread().await.unwrap();
    let turn = thread.run("Begin").stream().await.unwrap();
    soon("the model", gate.reached()).await;

    let steer = TurnSteerParams::new(thread.id(), turn.id(), [UserInput::text("Turn left")]);
    soon("steering", two.call(&steer)).await.unwrap();
    gate.open();

    assert_eq!(soon("the output", turn.finish()).await.unwrap().text(), "Steered.");
    assert_eq!(stage.model.requests()[1].last_user_text(), "Turn left");
}

/// Counts the asks that came to a client, and those that were taken back before their answer.
#[derive(Clone, Default)]
struct Count {
    asked: Arc<AtomicUsize>,
    withdrawn: Arc<AtomicUsize>,
    changed: Arc<Notify>,
}

/// Counts as withdrawn when it is dropped.
struct Waiting(Count);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.withdrawn.fetch_add(1, Ordering::SeqCst);
        self.0.changed.notify_one();
    }
}

impl Count {
    /// A handler that never answers.
    fn ponder(
        &self,
    ) -> impl Fn(Approval) -> std::pin::Pin<Box<dyn Future<Output = ApprovalAnswer> + Send>> + use<> {
        let count = self.clone();
        move |ask| {
            count.asked.fetch_add(1, Ordering::SeqCst);
            count.changed.notify_one();
            let waiting = Waiting(count.clone());
            Box::pin(async move {
                let _kept = (ask, waiting);
                pending().await
            })
        }
    }

    async fn becomes(&self, asked: usize, withdrawn: usize) {
        let seen = || (self.asked.load(Ordering::SeqCst), self.withdrawn.load(Ordering::SeqCst));
        while seen() != (asked, withdrawn) {
            soon(&format!("{:?} instead of {:?}", (asked, withdrawn), seen()), self.changed.notified()).await;
        }
    }
}

async fn the_first_answer_to_an_ask_wins_and_the_others_are_withdrawn(on: Transport) {
    // Given two clients on a thread, one of which ponders over each ask
    let exec = Exec::new("echo once >> made").escalated("it has to be");
    let stage = Stage::new(Model::script().exec(exec).text("Done.")).await.over(on);
    let count = Count::default();
    let decided = Arc::new(Notify::new());
    let deciding = decided.clone();
    let decide = move |ask: Approval| {
        let deciding = deciding.clone();
        async move {
            deciding.notified().await;
            ask.accept()
        }
    };
    let ponder = count.ponder();
    let second = Codex::builder().on_approval(decide);
    let (one, two) = two_clients(&stage, |builder| builder.on_approval(ponder), second).await;
    let thread = one.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap();

    // When the agent asks, a second client joins, and answers
    let turn = thread.run("Act").stream().await.unwrap();
    let ending = tokio::spawn(turn.finish());
    soon("the ask", count.becomes(1, 0)).await;
    join(&two, &thread).await;
    decided.notify_one();

    // Then the ask of the first is withdrawn, and the command runs once
    soon("the withdrawal", count.becomes(1, 1)).await;
    let output = soon("the output", ending).await.unwrap().unwrap();
    assert_eq!(output.text(), "Done.");
    assert_eq!(stage.fixture.read("made").unwrap(), "once\n");
}

async fn an_ask_outlives_the_client_that_was_asked_first(on: Transport) {
    // Given a detached turn whose agent has asked a client that then went away without an answer
    let exec = Exec::new("echo once >> made").escalated("it has to be");
    let stage = Stage::new(Model::script().exec(exec).text("Done.")).await.over(on);
    let count = Count::default();
    let first = Codex::builder().on_approval(count.ponder());
    let (owner, one) = two_clients(&stage, |builder| builder, first).await;
    let thread = one.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap();
    thread.run("Act").stream().await.unwrap().detach();
    soon("the ask", count.becomes(1, 0)).await;
    soon("the end", one.close()).await;
    soon("the handler stops", count.becomes(1, 1)).await;

    // When another client joins the thread
    let two = Codex::builder().on_approval(|ask: Approval| async move { ask.accept() });
    let two = two.connect(owner.endpoint().unwrap()).await.unwrap();
    let mut events = two.subscribe().unwrap();
    join(&two, &thread).await;

    // Then it is asked the same, and the turn goes on
    loop {
        if let Event::TurnCompleted(turn) =
            soon("an event", events.try_next()).await.unwrap().expect("an event")
        {
            assert_eq!(turn.status, TurnStatus::Completed);
            break;
        }
    }
    assert_eq!(stage.fixture.read("made").unwrap(), "once\n");
}

/// These need a server that listens.
mod over {
    use super::*;

    macro_rules! over_sockets {
        ($($name:ident),+ $(,)?) => {
            $(
                #[tokio::test]
                async fn $name() {
                    if !skipped() {
                        super::$name(Transport::WebSocket).await;
                        super::$name(Transport::Unix).await;
                    }
                }
            )+
        };
    }

    over_sockets! {
        an_observer_sees_the_turn_of_another,
        a_turn_is_steered_by_another_client,
        the_first_answer_to_an_ask_wins_and_the_others_are_withdrawn,
        an_ask_outlives_the_client_that_was_asked_first,
    }
}
