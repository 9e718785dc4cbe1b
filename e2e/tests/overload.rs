//! Too much to do: for the server, for the model, and for the account.

use codexkit::protocol::types::ModelListParams;
use codexkit::{Clock, Codex, ErrorKind, Limits, RetryPolicy, retry_on_overload};
use e2e::model::{HttpError, Model, Response};
use e2e::simulator::{Reply, Simulator};
use e2e::{Stage, covers, skipped, soon};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_call_that_the_server_is_too_busy_for_is_repeated() {
    covers!["O42"];
    let busy = (0..4).fold(Simulator::new(), |busy, _| busy.on("model/list", Reply::overloaded()));
    let (codex, server) = busy.connect().await.unwrap();

    codex.call(&ModelListParams::new()).await.unwrap();

    assert_eq!(server.calls("model/list").len(), 5);
}

#[tokio::test(start_paused = true)]
async fn it_is_repeated_so_often_and_no_later_than_its_deadline() {
    covers!["002-142", "002-143", "003-149"];
    // Given a server that is always busy,
    let busy = Simulator::new().always("model/list", Reply::overloaded());
    let limits = Limits::default().overload(RetryPolicy::default().tries(3));
    let (codex, server) = busy.clone().connect_with(Codex::builder().limits(limits)).await.unwrap();
    // then the tries are counted,
    let error = codex.call(&ModelListParams::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.rpc_error().map(|rpc| rpc.code)), (ErrorKind::Overloaded, Some(-32001)));
    assert_eq!(server.calls("model/list").len(), 3);

    // and when there is no time for another pause, the reason is told at once.
    let long =
        RetryPolicy::default().tries(9).first_pause(Duration::from_secs(7)).longest_pause(Duration::MAX);
    let limits = Limits::default().call_deadline(Duration::from_secs(20)).overload(long);
    let (codex, server) = busy.connect_with(Codex::builder().limits(limits)).await.unwrap();
    let before = Instant::now();
    let error = codex.call(&ModelListParams::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(before.elapsed() < Duration::from_secs(20));
    assert!(server.calls("model/list").len() < 4);
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_started_once_however_often_the_server_was_too_busy() {
    let busy = Simulator::new().on("turn/start", Reply::overloaded()).on("turn/start", Reply::overloaded());
    let (codex, server) = busy.connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();
    let mut heard = codex.subscribe().unwrap();

    thread.run("Hi").await.unwrap();

    assert_eq!(server.calls("turn/start").len(), 3);
    codex.close().await;
    let mut started = 0;
    while let Ok(Some(event)) = heard.try_next().await {
        started += u32::from(matches!(event, codexkit::Event::TurnStarted(_)));
    }
    assert_eq!(started, 1);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_may_have_been_started_is_not_started_again() {
    covers!["003-150"];
    let (codex, server) = Simulator::new().on("turn/start", Reply::never()).connect().await.unwrap();
    let thread = codex.start_thread().await.unwrap();

    let error =
        retry_on_overload(&RetryPolicy::default(), || thread.run("Hi").into_future()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Timeout(Clock::Call));
    assert_eq!(server.calls("turn/start").len(), 1);
}

#[tokio::test]
async fn a_turn_for_which_the_model_has_no_time_is_tried_again() {
    covers!["001-095", "O41"];
    if skipped() {
        return;
    }
    let overloaded = || Response::new().failed("server_is_overloaded", "later");
    let script = Model::script().respond(overloaded()).respond(overloaded()).text("Hello");
    let stage = Stage::new(script).await;
    let thread = stage.thread().await;
    let policy = RetryPolicy::default().first_pause(Duration::from_millis(10));

    let turn = retry_on_overload(&policy, || thread.run("Hi").into_future());
    let output = soon("the output", turn).await.unwrap();

    assert_eq!(output.text(), "Hello");
    assert_eq!(stage.model.requests().len(), 3);
}

#[tokio::test]
async fn a_usage_limit_tells_when_it_ends() {
    covers!["O40"];
    if skipped() {
        return;
    }
    // Given an account whose two windows are full,
    let spent = || HttpError::new(429).code("usage_limit_reached");
    let told = Response::new()
        .http_error(spent())
        .header("x-codex-primary-used-percent", "100")
        .header("x-codex-primary-window-minutes", "300")
        .header("x-codex-primary-reset-at", "1795300000")
        .header("x-codex-secondary-used-percent", "100")
        .header("x-codex-secondary-window-minutes", "10080")
        .header("x-codex-secondary-reset-at", "1795900000");
    let untold = Response::new().http_error(spent());
    let stage = Stage::new(Model::script().respond(told).respond(untold)).await;
    let thread = stage.thread().await;

    // then the error says when the later one begins anew,
    let error = soon("the end", thread.run("Hi").into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UsageLimit);
    let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_900_000);
    assert_eq!(error.resets_at(), Some(expected));
    assert!(!error.is_retryable());

    // and nothing where the provider tells nothing.
    let error = soon("the end", thread.run("Hi").into_future()).await.unwrap_err();
    assert_eq!((error.kind(), error.resets_at()), (ErrorKind::UsageLimit, None));
}
