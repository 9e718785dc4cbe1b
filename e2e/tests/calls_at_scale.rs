//! Very many calls, very long ones, and ones that are given up, on the real server.

use codexkit::protocol::types::{
    CommandExecParams, CommandExecTerminateParams, FsReadFileParams, FsWriteFileParams,
};
use codexkit::{Clock, Codex, Error, ErrorKind, Limits, RetryPolicy};
use e2e::model::Model;
use e2e::{Stage, covers, skipped, soon};
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

/// `content` in base64.
const CONTENT: &str = "Y29udGVudA==";

/// A stage with a file to read.
async fn stage() -> (Stage, FsReadFileParams) {
    let stage = Stage::new(Model::script()).await;
    stage.fixture.write("file", "content").unwrap();
    let path = stage.fixture.workspace().join("file").display().to_string();
    (stage, FsReadFileParams::new(path))
}

/// How many calls ended how, when so many are made at once.
async fn at_once(codex: &Codex, params: &FsReadFileParams, calls: usize) -> BTreeMap<String, usize> {
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let (codex, params) = (codex.clone(), params.clone());
            tokio::spawn(async move { codex.call(&params).await })
        })
        .collect();
    let mut ends = BTreeMap::new();
    for call in calls {
        let end = match soon("the end of a call", call).await.unwrap() {
            Ok(file) if file.data_base64 == CONTENT => "answered".to_owned(),
            Ok(other) => panic!("the answer to another call: {other:?}"),
            Err(error) => format!("{:?}", error.kind()),
        };
        *ends.entry(end).or_default() += 1;
    }
    ends
}

#[tokio::test]
async fn five_thousand_calls_at_once_are_all_answered() {
    if skipped() {
        return;
    }
    let (stage, params) = stage().await;
    let codex = stage.start().await;
    for calls in [1000, 5000] {
        assert_eq!(at_once(&codex, &params, calls).await, BTreeMap::from([("answered".to_owned(), calls)]));
    }
}

#[tokio::test]
async fn without_the_bound_calls_are_lost_by_the_server_and_yet_all_end() {
    covers!["D36"];
    if skipped() {
        return;
    }
    // Given a connection that lets far more calls go to the server than it can take
    let (stage, params) = stage().await;
    let limits = Limits::default()
        .calls_in_flight(10_000)
        .outbound_queue(10_000)
        .call_deadline(Duration::from_secs(5));
    let codex = stage.codex().await.limits(limits).start().await.unwrap();

    // When five thousand are made at once
    let ends = at_once(&codex, &params, 5000).await;

    // Then each ends with its answer, the server's refusal, or its deadline, and the connection works on
    let known = [
        "answered".to_owned(),
        format!("{:?}", ErrorKind::Overloaded),
        format!("{:?}", ErrorKind::Timeout(Clock::Call)),
    ];
    assert!(ends.keys().all(|end| known.contains(end)), "{ends:?}");
    assert_eq!(ends.values().sum::<usize>(), 5000);
    assert_eq!(at_once(&codex, &params, 1).await.keys().collect::<Vec<_>>(), ["answered"]);
}

#[tokio::test]
async fn calls_that_the_server_has_refused_for_being_too_busy_are_made_again() {
    if skipped() {
        return;
    }
    let (stage, params) = stage().await;
    let limits = Limits::default().calls_in_flight(10_000).outbound_queue(10_000);
    let overloaded = format!("{:?}", ErrorKind::Overloaded);

    // Given a connection on which nothing is tried again, some of too many calls are refused. (Others the server loses.)
    let once = limits.clone().overload(RetryPolicy::default().tries(1)).call_deadline(Duration::from_secs(5));
    let codex = stage.codex().await.limits(once).start().await.unwrap();
    let mut floods = 0;
    while !at_once(&codex, &params, 400).await.contains_key(&overloaded) {
        floods += 1;
        assert!(floods < 20, "the server takes as many calls as come");
    }
    codex.close().await;

    // By default all these are made again, and taken.
    let codex =
        stage.codex().await.limits(limits.call_deadline(Duration::from_secs(20))).start().await.unwrap();
    let ends = at_once(&codex, &params, 400).await;
    assert!(!ends.contains_key(&overloaded), "{ends:?}");
}

#[tokio::test]
async fn long_calls_hold_up_no_others_and_can_be_stopped() {
    if skipped() {
        return;
    }
    // Given sixty-four commands that run until they are stopped
    let (stage, params) = stage().await;
    let codex = stage.start().await;
    let process = |number: usize| format!("sleeper-{number}");
    let commands: Vec<_> = (0..64)
        .map(|number| {
            let params = CommandExecParams::new(["sleep", "86400"]).process_id(process(number));
            let codex = codex.clone();
            tokio::spawn(async move { codex.call(&params).await })
        })
        .collect();

    // When others are called meanwhile
    let ends = at_once(&codex, &params, 200).await;

    // Then these are answered, and each command can be stopped
    assert_eq!(ends, BTreeMap::from([("answered".to_owned(), 200)]));
    assert!(!commands.iter().any(|command| command.is_finished()));
    for (number, command) in commands.into_iter().enumerate() {
        let terminate = CommandExecTerminateParams::new(process(number));
        soon("the stop", until_known(&codex, &terminate)).await;
        assert_eq!(soon("the end of a command", command).await.unwrap().unwrap().exit_code, 137);
    }
}

/// Stops a command that the server may not have got round to starting.
async fn until_known(codex: &Codex, terminate: &CommandExecTerminateParams) {
    let unknown = |error: &Error| error.rpc_error().is_some_and(|error| error.message.contains("no active"));
    loop {
        match codex.call(terminate).await {
            Ok(_) => return,
            Err(error) if unknown(&error) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_large_call_that_is_given_up_at_any_moment_breaks_nothing() {
    if skipped() {
        return;
    }
    let (stage, params) = stage().await;
    let codex = stage.start().await;
    let target = stage.fixture.workspace().join("large").display().to_string();
    let large = FsWriteFileParams::new("A".repeat(300_000), target);
    let mut completed = 0;
    // Given a call of 300 kB that is dropped after it was polled so many times: before, during and after it is written
    for polls in 0..40 {
        {
            let mut call = pin!(codex.call(&large));
            for _ in 0..polls {
                let done = tokio::select! {
                    biased;
                    answer = &mut call => Some(answer),
                    () = tokio::task::yield_now() => None,
                };
                if let Some(answer) = done {
                    answer.unwrap();
                    completed += 1;
                    break;
                }
            }
        }
        // Then the next call is a line of its own, and gets its own answer
        assert_eq!(soon("the answer", codex.call(&params)).await.unwrap().data_base64, CONTENT, "{polls}");
    }
    assert!(completed < 40, "at least one was given up");
}
