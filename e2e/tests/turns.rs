//! Turns on the real codex: from the input to the output.

use codexkit::protocol::Version;
use codexkit::protocol::types::{ThreadItem, TurnStatus};
use codexkit::{Error, ErrorKind, Event, InterruptedBy};
use e2e::model::{Gate, Message, Model, Outcome, Reasoning, Response, prompt_contains};
use e2e::{Stage, Transport, covers, differs_before, soon};
use std::ops::ControlFlow;

async fn a_turn_gives_its_text_items_and_usage(on: Transport) {
    covers![
        "000-019", "000-029", "000-030", "000-031", "001-083", "001-085", "001-088", "002-098", "002-107",
        "002-126", "002-127", "003-148", "003-154", "003-196", "003-197", "O21", "T20", "D34"
    ];
    let stage = Stage::new(Model::script().text(Message::chunks(["Hello", ", world"]))).await.over(on);
    let thread = stage.thread().await;

    let output = soon("the output", thread.run("Greet the world").into_future()).await.unwrap();

    assert_eq!(output.status, TurnStatus::Completed);
    assert_eq!(output.text(), "Hello, world");
    assert_eq!(output.streamed_text, "Hello, world");
    assert_eq!(output.thread, *thread.id());
    let kinds: Vec<_> = output.items.iter().map(ThreadItem::tag).collect();
    assert_eq!(kinds, ["userMessage", "agentMessage"]);
    assert!(output.open_items.is_empty());
    assert!(output.usage.unwrap().turn.total > 0);
    assert!(output.timings.duration.is_some() && output.timings.completed_at.is_some());
    assert_eq!(stage.model.requests()[0].last_user_text(), "Greet the world");
    stage.model.assert_finished();
}

async fn a_streamed_turn_shows_its_events_in_their_order(on: Transport) {
    covers![
        "000-020", "000-038", "000-039", "000-040", "000-066", "001-085", "002-133", "002-137", "003-198",
        "T21", "T26"
    ];
    let response =
        Response::new().reasoning(Reasoning::new("Thinking")).text(Message::chunks(["a", "b", "c"]));
    let stage = Stage::new(Model::script().respond(response)).await.over(on);
    let thread = stage.thread().await;

    let mut turn = thread.run("Go").stream().await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        seen.push(match event {
            Event::TurnStarted(_) => "turn started".to_owned(),
            Event::ItemStarted(item) => format!("{} started", item.tag()),
            Event::ItemCompleted(item) => format!("{} completed", item.tag()),
            Event::ReasoningDelta { text, .. } => format!("thinks {text}"),
            Event::TextDelta { text, .. } => format!("says {text}"),
            Event::TurnCompleted(turn) => format!("turn {}", turn.status),
            _ => continue,
        });
    }

    assert_eq!(
        seen,
        [
            "turn started",
            "userMessage started",
            "userMessage completed",
            "reasoning started",
            "thinks Thinking",
            "reasoning completed",
            "agentMessage started",
            "says a",
            "says b",
            "says c",
            "agentMessage completed",
            "turn completed"
        ]
    );
    assert!(turn.try_next().await.unwrap().is_none());
    assert_eq!(turn.finish().await.unwrap().text(), "abc");
}

async fn a_question_is_answered_on_a_thread_of_its_own(on: Transport) {
    covers!["001-080", "002-110", "003-168", "003-169", "003-170"];
    let stage = Stage::new(Model::script().text("A burrito.")).await.over(on);
    let codex = stage.start().await;
    let answer = soon("the answer", codex.ask("What is a monad?")).await.unwrap();
    assert_eq!(answer.text(), "A burrito.");
}

/// Each turn has its own text, and nothing is lost or out of order, however many run at once.
async fn turns_at_once(count: usize, on: Transport) {
    let words = |agent: usize| (0..20).map(|n| format!("{agent}:{n} ")).collect::<Vec<_>>();
    let script = (0..count).fold(Model::script(), |script, agent| {
        let text = Response::new().text(Message::chunks(words(agent)));
        script.when(prompt_contains(format!("agent {agent}.")), text)
    });
    let stage = Stage::new(script).await.over(on);
    let codex = stage.start().await;

    let turns: Vec<_> = (0..count)
        .map(|agent| {
            let codex = codex.clone();
            tokio::spawn(async move {
                let thread = codex.start_thread().await?;
                let mut turn = thread.run(format!("You are agent {agent}.")).stream().await?;
                let mut chunks = Vec::new();
                while let Some(event) = turn.try_next().await? {
                    if let Event::TextDelta { text, .. } = event {
                        chunks.push(text);
                    }
                }
                Ok::<_, Error>((chunks, turn.finish().await?))
            })
        })
        .collect();

    for (agent, turn) in turns.into_iter().enumerate() {
        let (chunks, output) = soon("a turn", turn).await.unwrap().unwrap();
        assert_eq!(chunks, words(agent));
        assert_eq!(output.text(), words(agent).concat());
    }
    stage.model.assert_finished();
}

async fn two_turns_at_once_keep_their_own_text(on: Transport) {
    covers!["001-094", "002-140"];
    turns_at_once(2, on).await;
}

async fn fifty_turns_at_once_keep_their_own_text(on: Transport) {
    covers!["000-018", "001-093", "002-138", "O25", "D21"];
    turns_at_once(50, on).await;
}

async fn a_failed_turn_is_an_error_with_its_output_or_a_value(on: Transport) {
    covers!["000-030", "000-033", "000-034", "003-179", "003-183", "O21", "T20", "D19"];
    let failing = || Response::new().failed("invalid_prompt", "no");
    let stage =
        Stage::new(Model::script().respond(failing()).respond(failing()).text("Fine again.")).await.over(on);
    let thread = stage.thread().await;

    let error = soon("the failure", thread.run("Fail").into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TurnFailed);
    assert_eq!(error.output().unwrap().status, TurnStatus::Failed);
    assert_eq!(error.output().unwrap().items.len(), 1);

    let outcome = soon("the outcome", thread.run("Fail").outcome().into_future()).await.unwrap();
    assert_eq!(outcome.status, TurnStatus::Failed);
    assert!(outcome.error.is_some());

    let output = soon("the next turn", thread.run("Again").into_future()).await.unwrap();
    assert_eq!(output.text(), "Fine again.");
}

async fn an_answer_that_broke_off_and_was_repeated_counts_once(on: Transport) {
    let broken = || Response::new().text("It is").cut();
    let act = || Response::new().exec("echo kept");
    let script =
        Model::script().text("Hello.").respond(broken()).respond(act()).respond(broken()).text("It is fine.");
    let stage = Stage::with_retries(script, 1).await.over(on);
    let thread = stage.thread().await;
    soon("a turn before", thread.run("Hello").into_future()).await.unwrap();

    let mut turn = thread.run("Look").stream().await.unwrap();
    let mut retries = 0;
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        retries += usize::from(matches!(event, Event::Retrying(_)));
    }
    let output = turn.finish().await.unwrap();

    assert_eq!((retries, &output.status), (2, &TurnStatus::Completed));
    assert_eq!((output.text(), output.streamed_text.as_str()), ("It is fine.", "It is fine."));
    let kinds: Vec<_> = output.items.iter().map(ThreadItem::tag).collect();
    assert_eq!(kinds, ["userMessage", "commandExecution", "agentMessage"]);
    assert!(output.open_items.is_empty());
    stage.model.assert_finished();
}

async fn a_steered_turn_takes_up_the_new_input(on: Transport) {
    covers!["000-050", "001-082", "002-134", "002-136", "003-234", "O20", "O47"];
    let gate = Gate::new();
    let script = Model::script().respond(Response::new().gate(&gate).exec("true")).text("Steered.");
    let stage = Stage::new(script).await.over(on);
    let thread = stage.thread().await;

    let turn = thread.run("Begin").stream().await.unwrap();
    soon("the model's turn", gate.reached()).await;
    soon("steering", turn.control().steer("Turn left")).await.unwrap();
    gate.open();

    let output = soon("the output", turn.finish()).await.unwrap();
    assert_eq!(output.text(), "Steered.");
    assert_eq!(stage.model.requests()[1].last_user_text(), "Turn left");
}

async fn an_interrupted_turn_keeps_what_it_had_said(on: Transport) {
    covers!["000-028", "000-030", "001-090", "002-135", "003-200", "O20", "O21", "T23"];
    let gate = Gate::new();
    let text = Message::chunks(["Once upon"]).gate(&gate).chunk(" a time");
    let stage = Stage::new(Model::script().text(text)).await.over(on);
    let thread = stage.thread().await;

    let mut turn = thread.run("Tell a story").stream().await.unwrap();
    while !matches!(soon("text", turn.try_next()).await.unwrap(), Some(Event::TextDelta { .. })) {}
    turn.control().interrupt().await.unwrap();

    let output = soon("the end", turn.finish()).await.unwrap();
    assert_eq!(output.status, TurnStatus::Interrupted);
    assert_eq!(output.streamed_text, "Once upon");
    assert_eq!(output.interrupted_by, Some(InterruptedBy::Program));
    assert_eq!(output.open_items.len(), 1);
    assert_eq!(output.into_result().unwrap_err().kind(), ErrorKind::Interrupted);
}

async fn a_policy_interrupts_a_turn_by_its_events(on: Transport) {
    covers!["000-023", "000-025", "000-026", "000-028", "000-067"];
    let script = || Model::script().exec("sleep 20").text("Done.");
    let stage = Stage::new(script()).await.over(on);
    let thread = stage.thread().await;
    let words_only = |event: &Event| match event {
        Event::ItemStarted(ThreadItem::CommandExecution(_)) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };

    let outcome =
        soon("the end", thread.run("Act").on_event(words_only).outcome().into_future()).await.unwrap();

    assert_eq!(outcome.status, TurnStatus::Interrupted);
    assert_eq!(outcome.interrupted_by, Some(InterruptedBy::Policy));
    assert_eq!(stage.model.requests().len(), 1);
}

async fn a_turn_that_is_interrupted_before_the_server_has_announced_it_stops(on: Transport) {
    let stage = Stage::new(Model::script().never()).await.over(on);
    let thread = stage.thread().await;
    let turn = thread.run("Think forever").stream().await.unwrap();
    turn.control().interrupt().await.unwrap();
    assert_eq!(soon("the end", turn.finish()).await.unwrap().status, TurnStatus::Interrupted);
}

async fn a_turn_that_is_dropped_right_after_its_start_is_interrupted(on: Transport) {
    covers!["002-139", "D22"];
    let stage = Stage::new(Model::script().never()).await.over(on);
    let thread = stage.thread().await;
    let mut events = thread.codex().subscribe().unwrap();

    let turn = thread.run("Think forever").stream().await.unwrap();
    let dropped = turn.id().clone();
    drop(turn);

    let ended = loop {
        match soon("the end of the turn", events.try_next()).await.unwrap() {
            Some(Event::TurnCompleted(turn)) => break turn,
            Some(_) => {}
            None => panic!("the connection ended"),
        }
    };
    assert_eq!((ended.id, ended.status), (dropped, TurnStatus::Interrupted));
    // The interrupt can come before the model is asked at all. If it was asked, it was cut off.
    for request in stage.model.requests() {
        assert_eq!(soon("the cut", request.outcome()).await, Outcome::CutByClient);
    }
}

async fn a_turn_that_is_dropped_while_the_model_speaks_cuts_the_model_off(on: Transport) {
    covers!["T23"];
    if differs_before(Version::new(0, 154, 0), "a model that is always cut off by an interrupt").await {
        return;
    }
    let gate = Gate::new();
    let stage =
        Stage::new(Model::script().text(Message::chunks(["One"]).gate(&gate).chunk("Two"))).await.over(on);
    let thread = stage.thread().await;
    let turn = thread.run("Count").stream().await.unwrap();
    soon("the model's turn", gate.reached()).await;

    drop(turn);

    let request = soon("the request", stage.model.next_request()).await;
    assert_eq!(soon("the cut", request.outcome()).await, Outcome::CutByClient);
}

async fn a_detached_turn_runs_on(on: Transport) {
    covers!["002-139", "D22"];
    let gate = Gate::new();
    let stage =
        Stage::new(Model::script().text(Message::chunks(["One"]).gate(&gate).chunk("Two"))).await.over(on);
    let thread = stage.thread().await;
    let turn = thread.run("Count").stream().await.unwrap();
    soon("the model's turn", gate.reached()).await;

    turn.detach();
    gate.open();

    let request = soon("the request", stage.model.next_request()).await;
    assert_eq!(soon("the end", request.outcome()).await, Outcome::Finished);
}

async fn a_busy_thread_refuses_a_second_turn(on: Transport) {
    covers!["O28"];
    let gate = Gate::new();
    let stage =
        Stage::new(Model::script().respond(Response::new().gate(&gate).text("First."))).await.over(on);
    let thread = stage.thread().await;
    let first = thread.run("First").stream().await.unwrap();
    soon("the model's turn", gate.reached()).await;

    let error = thread.run("Second").into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);

    gate.open();
    assert_eq!(soon("the first", first.finish()).await.unwrap().text(), "First.");
    stage.model.assert_finished();
}

e2e::over_every_transport! {
    a_turn_gives_its_text_items_and_usage,
    a_streamed_turn_shows_its_events_in_their_order,
    a_question_is_answered_on_a_thread_of_its_own,
    a_failed_turn_is_an_error_with_its_output_or_a_value,
    an_answer_that_broke_off_and_was_repeated_counts_once,
    a_steered_turn_takes_up_the_new_input,
    an_interrupted_turn_keeps_what_it_had_said,
    a_policy_interrupts_a_turn_by_its_events,
    a_turn_that_is_interrupted_before_the_server_has_announced_it_stops,
    a_turn_that_is_dropped_right_after_its_start_is_interrupted,
    a_turn_that_is_dropped_while_the_model_speaks_cuts_the_model_off,
    a_detached_turn_runs_on,
    a_busy_thread_refuses_a_second_turn,
    two_turns_at_once_keep_their_own_text,
    fifty_turns_at_once_keep_their_own_text,
}
