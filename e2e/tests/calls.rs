//! Calls, notifications and what they refuse.

use codexkit::protocol::ServerNotification;
use codexkit::protocol::types::{
    FsReadFileParams, ModelListParams, ThreadItem, ThreadListParams, ThreadReadParams, ThreadSetNameParams,
    TurnInterruptParams, TurnStatus,
};
use codexkit::{ErrorKind, Event, InterruptedBy};
use e2e::model::Model;
use e2e::simulator::Simulator;
use e2e::{Stage, codex_version, covers, skipped, soon};
use serde_json::json;

#[tokio::test]
async fn the_server_says_who_it_is() {
    covers!["000-009", "002-111", "003-164", "003-166", "003-247", "003-248", "O06", "D15"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.codex().await.client_info("my app/2", "1.0").start().await.unwrap();
    let info = codex.server_info();
    assert!(info.user_agent.starts_with("my app/2/"), "{info:?}");
    assert_eq!(info.version, Some(codex_version().await));
    assert_eq!(info.codex_home.as_deref(), stage.fixture.home().to_str());
    let platform = (info.platform_family.as_deref(), info.platform_os.as_deref());
    assert_eq!(platform, (Some(std::env::consts::FAMILY), Some(std::env::consts::OS)));
}

#[tokio::test]
async fn methods_are_called_by_their_parameters() {
    covers!["000-017", "000-041", "002-109"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text("Hello")).await;
    let thread = stage.thread().await;
    soon("a turn", thread.run("Hi").into_future()).await.unwrap();
    let codex = thread.codex();

    let page = codex.call(&ThreadListParams::new().limit(10)).await.unwrap();
    assert_eq!(page.data.iter().map(|listed| &listed.id).collect::<Vec<_>>(), [thread.id()]);
    let models = codex.call(&ModelListParams::new()).await.unwrap();
    assert!(!models.data.is_empty());
}

#[tokio::test]
async fn methods_are_called_by_their_names() {
    covers!["002-144", "003-167", "O44", "D27"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let answer = codex.call_raw("thread/loaded/list", &json!({})).await.unwrap();
    assert_eq!(answer["data"], json!([]));

    let error = codex.call_raw("no/such", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.method()), (ErrorKind::UnknownMethod, Some("no/such")));
}

#[tokio::test]
async fn a_subscription_hears_of_every_thread() {
    covers!["000-053", "O44"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let mut events = codex.subscribe().unwrap();

    let thread = codex.start_thread().await.unwrap();
    codex.call(&ThreadSetNameParams::new(thread.id(), "Ada")).await.unwrap();

    let named = loop {
        if let Event::Notification(notification) =
            soon("the new name", events.try_next()).await.unwrap().unwrap()
            && let ServerNotification::ThreadNameUpdated(named) = *notification
        {
            break named;
        }
    };
    assert_eq!((&named.thread_id, named.thread_name.as_deref()), (thread.id(), Some("Ada")));
}

#[tokio::test]
async fn an_unknown_thread_is_told_apart() {
    covers!["000-036", "O39", "D27"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let unknown = "01999999-9999-7999-8999-999999999999";
    let error = codex.call(&ThreadReadParams::new(unknown)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ThreadNotFound, "{error}");
    assert!(error.rpc_error().is_some());
}

#[tokio::test]
async fn without_the_experimental_api_what_needs_it_is_refused_before_it_is_sent() {
    covers!["000-011", "O01", "D24"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.codex().await.experimental_api(false).start().await.unwrap();

    let method =
        codex.call_raw("thread/backgroundTerminals/list", &json!({ "threadId": "x" })).await.unwrap_err();
    assert_eq!(method.kind(), ErrorKind::ExperimentalRequired);
    assert!(method.rpc_error().is_none(), "it was not sent");

    let field = codex.start_thread().permissions("x").into_future().await.unwrap_err();
    assert_eq!(field.kind(), ErrorKind::ExperimentalRequired);
    assert!(field.to_string().contains("`permissions` of `thread/start`"), "{field}");
}

#[tokio::test]
async fn a_thousand_calls_at_once_are_all_answered() {
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    std::fs::write(stage.fixture.workspace().join("file"), "content").unwrap();
    let codex = stage.start().await;
    let path = stage.fixture.workspace().join("file").display().to_string();

    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (codex, params) = (codex.clone(), FsReadFileParams::new(path.as_str()));
            tokio::spawn(async move { codex.call(&params).await })
        })
        .collect();
    for call in calls {
        let file = soon("an answer", call).await.unwrap().unwrap();
        assert_eq!(file.data_base64, "Y29udGVudA==");
    }
}

#[tokio::test]
async fn a_notification_is_sent_as_it_is() {
    covers!["O44"];
    let (codex, server) = Simulator::new().connect().await.unwrap();
    codex.notify("brand/new", Some(&json!({ "x": 1 }))).await.unwrap();
    let sent = soon("it", server.receives(|frame| frame["method"] == "brand/new")).await;
    assert_eq!((&sent["params"], sent.get("id")), (&json!({ "x": 1 }), None));
}

#[tokio::test]
async fn a_turn_is_interrupted_by_its_ids_alone() {
    covers!["000-049", "003-186"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().exec("sleep 60").text("Never.")).await;
    let thread = stage.thread().await;
    let mut turn = thread.run("Act").stream().await.unwrap();
    while !matches!(
        soon("the command", turn.try_next()).await.unwrap().unwrap(),
        Event::ItemStarted(ThreadItem::CommandExecution(_))
    ) {}

    thread.codex().call(&TurnInterruptParams::new(thread.id(), turn.id())).await.unwrap();

    let output = soon("the end", turn.finish()).await.unwrap();
    assert_eq!(
        (output.status, output.interrupted_by),
        (TurnStatus::Interrupted, Some(InterruptedBy::Server))
    );
}
