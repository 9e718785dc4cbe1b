//! Connections that break and are made anew: nothing is lost, nothing comes twice, nothing is done twice.

use codexkit::protocol::Version;
use codexkit::protocol::types::{ThreadItem, ThreadReadParams, ThreadSetNameParams, TurnStatus};
use codexkit::{
    Approval, Approvals, Codex, CodexBuilder, ErrorKind, Event, Limits, Reconnect, Sandbox, Thread, Turn,
    TurnOutput,
};
use e2e::model::{Exec, Gate, Message, Model, Response, Script};
use e2e::{Listening, Proxy, Stage, codex_version, differs_before, lacks, skipped, soon};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Before, the server lists messages only, by their places.
const LISTED_IN_FULL: Version = Version::new(0, 154, 0);

/// A server that goes on, a proxy before it, and a client behind the proxy.
struct Scene {
    stage: Stage,
    server: Listening,
    proxy: Proxy,
    codex: Codex,
}

fn patient() -> Reconnect {
    Reconnect::new().first_pause(Duration::from_millis(20)).longest_pause(Duration::from_millis(200))
}

impl Scene {
    async fn new(script: impl Into<Script>) -> Self {
        Self::with(script, |builder| builder.reconnect(patient())).await
    }

    async fn with(script: impl Into<Script>, change: impl FnOnce(CodexBuilder) -> CodexBuilder) -> Self {
        let stage = Stage::new(script).await;
        let server = Listening::start(&stage, &[]).await;
        let proxy = Proxy::start(&server.url).await;
        let codex = soon("the client", change(Codex::builder()).connect(proxy.url())).await.unwrap();
        Self { stage, server, proxy, codex }
    }

    async fn thread(&self) -> Thread {
        let start = self.codex.start_thread().cwd(self.stage.fixture.workspace());
        start.sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap()
    }

    /// How often the model was asked.
    fn asked(&self) -> usize {
        self.stage.model.requests().len()
    }
}

/// Reads a turn to its end, and looks that no item comes twice.
async fn read(mut turn: Turn) -> (TurnOutput, usize) {
    let (mut gaps, mut seen) = (0, HashSet::new());
    while let Some(event) = soon("an event", turn.try_next()).await.unwrap() {
        match event {
            Event::Reconnected { .. } => gaps += 1,
            Event::ItemCompleted(item) => assert!(seen.insert(item.id().cloned()), "{item:?} came twice"),
            _ => {}
        }
    }
    (soon("the output", turn.finish()).await.unwrap(), gaps)
}

#[tokio::test]
async fn a_turn_goes_on_over_a_cut() {
    if skipped() {
        return;
    }
    // Given a turn in the middle of a sentence
    let gate = Gate::new();
    let sentence = Message::chunks(["Half of it"]).gate(&gate).chunk(" and the rest.");
    let scene = Scene::new(Model::script().text(sentence)).await;
    let mut turn = scene.thread().await.run("Speak").stream().await.unwrap();
    while turn.output().streamed_text.is_empty() {
        soon("the first half", turn.try_next()).await.unwrap().unwrap();
    }

    // When its connection is cut
    scene.proxy.cut();
    loop {
        if let Event::Reconnected { .. } = soon("the gap", turn.try_next()).await.unwrap().unwrap() {
            break;
        }
    }
    gate.open();

    // Then the rest comes, and nothing was done twice
    let (output, more_gaps) = read(turn).await;
    assert_eq!(
        (output.text(), output.streamed_text.as_str()),
        ("Half of it and the rest.", "Half of it and the rest.")
    );
    assert_eq!((scene.asked(), more_gaps), (1, 0));
}

#[tokio::test]
async fn what_happened_meanwhile_is_taken_from_the_server() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let script =
        Model::script().respond(Response::new().text("First.").gate(&gate).exec("echo hi")).text("Last.");
    let scene = Scene::new(script).await;
    let observer = Codex::connect(&*scene.server.url).await.unwrap();
    let thread = scene.thread().await;
    observer.resume_thread(thread.id()).await.map(drop).unwrap_err();
    let mut turn = thread.run("Act").stream().await.unwrap();
    while turn.output().items.len() < 2 {
        soon("the first words", turn.try_next()).await.unwrap().unwrap();
    }
    observer.resume_thread(thread.id()).await.unwrap();
    let mut events = observer.subscribe().unwrap();

    // The turn ends while there is no connection.
    scene.proxy.turn_away(Some(""));
    scene.proxy.cut();
    gate.open();
    while !matches!(soon("an event", events.try_next()).await.unwrap().unwrap(), Event::TurnCompleted(_)) {}
    scene.proxy.turn_away(None);

    let (output, gaps) = read(turn).await;
    assert_eq!((output.status.clone(), output.text(), gaps), (TurnStatus::Completed, "Last.", 1));
    assert_eq!(output.streamed_text, "First.Last.");
    if codex_version().await >= LISTED_IN_FULL {
        let is_command = |item: &ThreadItem| matches!(item, ThreadItem::CommandExecution(_));
        assert!(output.items.iter().any(is_command), "{:?}", output.items);
    }
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn a_start_that_was_taken_is_found_and_not_repeated() {
    if lacks("turn/start.clientUserMessageId").await {
        return;
    }
    let gate = Gate::new();
    let scene = Scene::new(Model::script().gate(&gate).text("Once.")).await;
    let thread = scene.thread().await;

    // The server gets the start, and its answer is lost.
    scene.proxy.lose_words_of_the_server(true);
    let turn = tokio::spawn(thread.run("Go").into_future());
    soon("the model", gate.reached()).await;
    scene.proxy.lose_words_of_the_server(false);
    scene.proxy.cut();
    gate.open();

    assert_eq!(soon("the output", turn).await.unwrap().unwrap().text(), "Once.");
    assert_eq!(scene.asked(), 1);
}

#[tokio::test]
async fn a_start_that_was_lost_is_repeated() {
    if differs_before(LISTED_IN_FULL, "threads that can always be resumed while their first turn begins")
        .await
    {
        return;
    }
    let scene = Scene::new(Model::script().text("Once.")).await;
    let thread = scene.thread().await;
    // The server does not get the start.
    scene.proxy.lose_words_of_clients(true);
    let turn = tokio::spawn(thread.run("Go").into_future());
    soon("the loss", scene.proxy.loses(0)).await;
    scene.proxy.lose_words_of_clients(false);
    scene.proxy.cut();

    assert_eq!(soon("the output", turn).await.unwrap().unwrap().text(), "Once.");
    assert_eq!(scene.asked(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_and_a_write_is_not() {
    if skipped() {
        return;
    }
    let scene = Scene::new(Model::script()).await;
    let thread = scene.thread().await;
    let id = thread.id().clone();
    for only_reads in [true, false] {
        // The server gets the call, and its answer is lost.
        let before = scene.proxy.lost();
        scene.proxy.lose_words_of_the_server(true);
        let (codex, id) = (scene.codex.clone(), id.clone());
        let call = tokio::spawn(async move {
            match only_reads {
                true => codex.call(&ThreadReadParams::new(id)).await.map(drop),
                false => codex.call(&ThreadSetNameParams::new(id, "mine")).await.map(drop),
            }
        });
        soon("the loss", scene.proxy.loses(before)).await;
        scene.proxy.lose_words_of_the_server(false);
        scene.proxy.cut();

        let outcome = soon("the outcome", call).await.unwrap();
        assert_eq!(
            outcome.map_err(|error| error.kind()),
            if only_reads { Ok(()) } else { Err(ErrorKind::Disconnected) }
        );
    }
}

#[tokio::test]
async fn an_ask_that_the_server_repeats_finds_the_handler_that_was_asked_first() {
    if skipped() {
        return;
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (asked, begun, go_on) = (asked.clone(), begun.clone(), go_on.clone());
        move |ask: Approval| {
            let (asked, begun, go_on) = (asked.clone(), begun.clone(), go_on.clone());
            async move {
                asked.fetch_add(1, Ordering::Relaxed);
                begun.notify_one();
                go_on.notified().await;
                ask.accept()
            }
        }
    };
    let script = Model::script().exec(Exec::new("touch made").escalated("it has to be")).text("Done.");
    let scene = Scene::with(script, |builder| builder.reconnect(patient()).on_approval(handler)).await;
    let mut events = scene.codex.subscribe().unwrap();
    let turn = tokio::spawn(scene.thread().await.run("Act").into_future());
    soon("the handler", begun.notified()).await;

    scene.proxy.cut();
    while !matches!(soon("the gap", events.try_next()).await.unwrap().unwrap(), Event::Reconnected { .. }) {}
    go_on.notify_one();

    assert_eq!(soon("the output", turn).await.unwrap().unwrap().text(), "Done.");
    assert!(scene.stage.fixture.workspace().join("made").exists());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_thread_that_nobody_listened_to_is_heard_again_with_its_next_turn() {
    if skipped() {
        return;
    }
    let scene = Scene::new(Model::script().text("One.").text("Two.")).await;
    let thread = scene.thread().await;
    assert_eq!(soon("the output", thread.run("one").into_future()).await.unwrap().text(), "One.");
    let mut events = scene.codex.subscribe().unwrap();
    scene.proxy.cut();
    while !matches!(soon("the gap", events.try_next()).await.unwrap().unwrap(), Event::Reconnected { .. }) {}
    assert_eq!(soon("the output", thread.run("two").into_future()).await.unwrap().text(), "Two.");
}

#[tokio::test]
async fn who_is_no_longer_let_in_gives_up_at_once_and_others_in_time() {
    if skipped() {
        return;
    }
    let unauthorized = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    for (words, policy) in [
        (unauthorized, patient().give_up_after(Duration::from_secs(600))),
        ("", patient().give_up_after(Duration::from_millis(300))),
    ] {
        let scene = Scene::with(Model::script(), |builder| builder.reconnect(policy)).await;
        let mut events = scene.codex.subscribe().unwrap();
        scene.proxy.turn_away(Some(words));
        scene.proxy.cut();
        let error = loop {
            match soon("the end", events.try_next()).await {
                Ok(event) => assert!(event.is_some()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        assert!(error.to_string().contains("could not be made anew"), "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_says_nothing_any_more_is_made_anew() {
    if skipped() {
        return;
    }
    let gate = Gate::new();
    let limits = Limits::default().ping(Duration::from_millis(50)).silence(Duration::from_millis(500));
    let limits = limits.connect(Duration::from_millis(500)).initialize(Duration::from_secs(5));
    let scene = Scene::with(Model::script().gate(&gate).text("At last."), |builder| {
        builder.reconnect(patient()).limits(limits)
    });
    let scene = scene.await;
    let turn = scene.thread().await.run("Speak").stream().await.unwrap();
    soon("the model", gate.reached()).await;

    // Nobody hears anybody any more, and the connection stays open.
    let before = scene.proxy.lost();
    scene.proxy.let_die_in_silence();
    soon("a sign of life that is lost", scene.proxy.loses(before)).await;
    gate.open();

    let (output, gaps) = read(turn).await;
    assert_eq!((output.text(), scene.asked()), ("At last.", 1));
    assert!(gaps >= 1);
}

#[tokio::test]
async fn a_server_of_our_own_is_not_connected_to_anew() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let error = stage.codex().await.reconnect(patient()).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

#[tokio::test]
async fn two_hundred_turns_over_random_cuts_lose_nothing_and_run_once() {
    if differs_before(LISTED_IN_FULL, "threads that can always be resumed while their first turn begins")
        .await
    {
        return;
    }
    const TURNS: usize = 200;
    let text = |number: usize| (0..20).map(|word| format!("{number}-{word} ")).collect::<String>();
    let script = Model::respond_with(move |request| {
        let number = request.last_user_text().parse().expect("a number");
        Response::new().text(Message::words(text(number)).paced(Duration::from_millis(2)))
    });
    let scene = Scene::new(script).await;
    scene.proxy.delay(Duration::from_millis(2));

    // Ten at a time, while the connection is cut again and again.
    let places = Arc::new(tokio::sync::Semaphore::new(10));
    let mut turns = tokio::task::JoinSet::new();
    for number in 0..TURNS {
        let place = places.clone().acquire_owned().await.unwrap();
        let thread = loop {
            match scene.codex.start_thread().await {
                Ok(thread) => break thread,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Disconnected, "{error}"),
            }
        };
        turns.spawn(async move {
            let _place = place;
            let turn = thread.run(number.to_string()).stream().await;
            let output = match turn {
                Ok(turn) => Ok(read(turn).await.0),
                Err(error) => Err(error),
            };
            (number, output)
        });
        if number % 7 == 3 {
            scene.proxy.cut();
        }
    }

    let mut complete = 0;
    while let Some(ended) = soon("a turn", turns.join_next()).await {
        match ended.unwrap() {
            (number, Ok(output)) => {
                assert_eq!((output.text(), output.streamed_text.as_str()), (&*text(number), &*text(number)));
                complete += 1;
            }
            (_, Err(error)) => assert_eq!(error.kind(), ErrorKind::Disconnected, "{error}"),
        }
    }
    assert!(complete > TURNS / 2, "only {complete} turns were completed");
    let requests = scene.stage.model.requests();
    let prompts: HashSet<String> = requests.iter().map(|request| request.last_user_text()).collect();
    assert_eq!(prompts.len(), requests.len(), "no turn has run twice");
}
