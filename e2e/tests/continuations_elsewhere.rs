//! Turns that one program has left behind, and that another one picks up, on a server that outlives them.

use codexkit::protocol::Version;
use codexkit::protocol::types::{ThreadItem, TurnStatus};
use codexkit::{Codex, Continuation, Endpoint, ErrorKind, Event, InterruptedBy};
use e2e::model::{Gate, Message, Model, Outcome, Script};
use e2e::{Stage, covers, differs_before, skipped, soon};
use std::path::PathBuf;
use std::process::Command;

/// What not all servers do.
const CUT: &str = "a model that is always cut off by an interrupt";

const TOKEN: &str = "a-token-for-all-programs";

/// The two ways to a server that outlives the programs that use it.
#[derive(Clone, Copy)]
enum Over {
    WebSocket,
    Unix,
}

const SOCKETS: [Over; 2] = [Over::WebSocket, Over::Unix];

/// A server with a turn on it whose program has died.
struct Left {
    stage: Stage,
    /// What holds the server.
    _owner: Codex,
    endpoint: Endpoint,
    /// Where the program has written where it broke off.
    file: PathBuf,
}

impl Left {
    /// Has a program start a turn in which the model follows the script, which has to wait for something, and die.
    async fn behind(script: Script, over: Over) -> Self {
        let stage = Stage::new(script).await;
        let (endpoint, token) = match over {
            Over::WebSocket => (Endpoint::new("ws://127.0.0.1:0").bearer_token(TOKEN), TOKEN),
            Over::Unix => (Endpoint::unix(stage.fixture.home().join("s.sock")), ""),
        };
        let owner = stage.codex().await.listen(endpoint).start().await.unwrap();
        let endpoint = owner.endpoint().unwrap().clone();
        let file = stage.fixture.home().join("continuation.json");
        let mut program = Command::new(env!("CARGO_BIN_EXE_leave"));
        program.arg(endpoint.address().unwrap()).args([token, "Go"]).arg(&file);
        let ended = tokio::task::spawn_blocking(move || program.output().unwrap());
        let ended = soon("the end of the program", ended).await.unwrap();
        assert_eq!(ended.status.code(), None, "it has died: {ended:?}");
        Self { stage, _owner: owner, endpoint, file }
    }

    /// Another program, as good as.
    async fn connect(&self) -> (Codex, Continuation) {
        let continuation = serde_json::from_slice(&std::fs::read(&self.file).unwrap()).unwrap();
        (Codex::connect(self.endpoint.clone()).await.unwrap(), continuation)
    }

    async fn outcome_of_the_model(&self) -> Outcome {
        // On a busy machine the program may have died before the model was asked.
        let requests = soon("the request", self.stage.model.wait_for_requests(1)).await;
        soon("the end of the request", requests[0].outcome()).await
    }
}

/// A model that says something, and something more once the gate is open.
fn halting(gate: &Gate) -> Script {
    Model::script().text(Message::chunks(["First."]).gate(gate).chunk("Last.")).text("After.")
}

#[tokio::test]
async fn a_turn_that_its_program_has_left_is_continued_by_another_with_its_full_output() {
    covers!["003-195"];
    if skipped() {
        return;
    }
    for over in SOCKETS {
        // Given a turn that runs on, though its program has died
        let gate = Gate::new();
        let left = Left::behind(halting(&gate), over).await;
        let (codex, continuation) = left.connect().await;

        // When another program continues it
        let mut turn = soon("the turn", codex.continue_turn(&continuation)).await.unwrap();
        gate.open();
        let mut ends = 0;
        while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
            ends += usize::from(matches!(event, Event::TurnCompleted(_)));
        }
        let output = turn.finish().await.unwrap();

        // Then it gets all of it, from before and after
        assert_eq!((&output.status, ends), (&TurnStatus::Completed, 1));
        assert_eq!((&output.turn, &output.thread), (&continuation.turn, &continuation.thread));
        assert_eq!(output.text(), "First.Last.");
        let kinds: Vec<_> = output.items.iter().map(ThreadItem::tag).collect();
        assert_eq!(kinds, ["userMessage", "agentMessage"]);
        assert_eq!(left.outcome_of_the_model().await, Outcome::Finished);
        assert_eq!(left.stage.model.requests().len(), 1, "nothing ran twice");
    }
}

#[tokio::test]
async fn a_turn_that_has_ended_while_nobody_was_there_is_read() {
    if skipped() {
        return;
    }
    for over in SOCKETS {
        let gate = Gate::new();
        let left = Left::behind(halting(&gate), over).await;
        gate.open();
        assert_eq!(left.outcome_of_the_model().await, Outcome::Finished);
        let (codex, continuation) = left.connect().await;

        let turn = soon("the turn", codex.continue_turn(&continuation)).await.unwrap();
        let output = soon("the output", turn.finish()).await.unwrap();

        assert_eq!((&output.status, output.text()), (&TurnStatus::Completed, "First.Last."));
        assert_eq!(left.stage.model.requests().len(), 1, "nothing ran twice");
    }
}

#[tokio::test]
async fn a_turn_that_its_program_has_left_is_cancelled_by_another() {
    if skipped() {
        return;
    }
    for over in SOCKETS {
        // Given a turn that runs on, though its program has died
        let gate = Gate::new();
        let left = Left::behind(halting(&gate), over).await;
        let (codex, continuation) = left.connect().await;

        // When another program cancels it
        let cancelled = soon("the end", codex.cancel(&continuation)).await.unwrap();

        // Then it is stopped, and the thread is free
        assert_eq!((cancelled.output.status, cancelled.was_over), (TurnStatus::Interrupted, false));
        assert_eq!(cancelled.output.interrupted_by, Some(InterruptedBy::Program));
        if !differs_before(Version::new(0, 154, 0), CUT).await {
            assert_eq!(left.outcome_of_the_model().await, Outcome::CutByClient);
        }
        let thread = codex.resume_thread(continuation.thread.clone()).await.unwrap();
        assert_eq!(soon("another turn", thread.run("Again").into_future()).await.unwrap().text(), "After.");
    }
}

#[tokio::test]
async fn a_turn_that_was_picked_up_and_dropped_is_interrupted() {
    if differs_before(Version::new(0, 154, 0), CUT).await {
        return;
    }
    for over in SOCKETS {
        let gate = Gate::new();
        let left = Left::behind(halting(&gate), over).await;
        let (codex, continuation) = left.connect().await;

        drop(soon("the turn", codex.continue_turn(&continuation)).await.unwrap());

        assert_eq!(left.outcome_of_the_model().await, Outcome::CutByClient);
    }
}

#[tokio::test]
async fn a_continuation_is_of_no_use_to_a_server_that_does_not_know_the_thread() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let left = Left::behind(halting(&gate), Over::Unix).await;
    let (_, continuation) = left.connect().await;
    let stage = Stage::new(Model::script()).await;
    let elsewhere = stage.start().await;

    let error = soon("the refusal", elsewhere.continue_turn(&continuation)).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::ThreadNotFound, "{error}");
    assert_eq!(error.thread(), Some(&continuation.thread));
}
