//! Which threads a list names, by each of its filters, and what is read of one.

use codexkit::protocol::Version;
use codexkit::protocol::types::{
    SortDirection, ThreadListCwdFilter, ThreadListParams, ThreadReadParams, ThreadSortKey, ThreadSourceKind,
};
use codexkit::{Codex, ErrorKind};
use e2e::model::{Model, Response};
use e2e::{Stage, covers, differs_before, skipped, soon};
use serde_json::json;

/// Three threads: in the workspace, elsewhere, and put away.
async fn three() -> (Stage, Codex, [String; 3]) {
    let stage = Stage::new(Model::respond_with(|_| Response::new().text("Hello."))).await;
    let codex = stage.start().await;
    let elsewhere = stage.fixture.home().to_str().unwrap().to_owned();
    let mut ids = Vec::new();
    for (folder, prompt) in [(None, "apples"), (Some(elsewhere), "pears"), (None, "plums")] {
        let start = codex.start_thread();
        let start = match folder {
            Some(folder) => start.cwd(folder),
            None => start,
        };
        let thread = start.await.unwrap();
        soon("the output", thread.run(prompt).into_future()).await.unwrap();
        if prompt == "plums" {
            thread.archive().await.unwrap();
        }
        ids.push(thread.id().to_string());
    }
    (stage, codex, ids.try_into().unwrap())
}

async fn listed(codex: &Codex, params: ThreadListParams) -> Vec<String> {
    let threads = soon("the list", codex.list(params).all()).await.unwrap();
    let mut ids: Vec<String> = threads.iter().map(|thread| thread.id.to_string()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn each_filter_lets_its_threads_through() {
    covers!["000-045", "003-222", "003-224", "003-226", "O11"];
    if differs_before(Version::new(0, 169, 0), "pages of threads that were made within one second").await {
        return;
    }
    let (stage, codex, [workspace, elsewhere, archived]) = three().await;
    let (here, there) = (stage.fixture.workspace().to_str().unwrap(), stage.fixture.home().to_str().unwrap());
    let both = vec![workspace.clone(), elsewhere.clone()];
    let params = ThreadListParams::new;
    let cases = [
        (params(), both.clone()),
        (params().archived(false), both.clone()),
        (params().archived(true), vec![archived]),
        (params().cwd(here.to_owned()), vec![workspace.clone()]),
        (params().cwd(ThreadListCwdFilter::from(vec![here.to_owned(), there.to_owned()])), both.clone()),
        (params().model_providers(["scripted"]), both.clone()),
        (params().model_providers(["another"]), vec![]),
        (params().source_kinds([ThreadSourceKind::Vscode]), both.clone()),
        (params().source_kinds([ThreadSourceKind::Exec]), vec![]),
        (params().search_term("pears"), vec![elsewhere]),
        (params().use_state_db_only(true), both),
    ];
    for (params, expected) in cases {
        let shown = format!("{params:?}");
        assert_eq!(listed(&codex, params).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn a_list_has_the_order_that_was_asked_for() {
    covers!["003-227", "003-228", "O11", "D30"];
    if differs_before(Version::new(0, 169, 0), "pages of threads that were made within one second").await {
        return;
    }
    let (_stage, codex, [first, second, _]) = three().await;
    // What has changed last is the first one again.
    let thread = codex.resume_thread(first.clone()).await.unwrap();
    soon("the output", thread.run("more").into_future()).await.unwrap();
    let order = async |key: ThreadSortKey, direction: SortDirection| {
        let params = ThreadListParams::new().sort_key(key).sort_direction(direction);
        let threads = soon("the list", codex.list(params).all()).await.unwrap();
        threads.into_iter().map(|thread| thread.id.to_string()).collect::<Vec<_>>()
    };
    let by_start = order(ThreadSortKey::CreatedAt, SortDirection::Asc).await;
    assert_eq!(by_start, [first.clone(), second.clone()]);
    let newest_first = order(ThreadSortKey::CreatedAt, SortDirection::Desc).await;
    assert_eq!(newest_first, [second.clone(), first.clone()]);
    for key in [ThreadSortKey::UpdatedAt, ThreadSortKey::RecencyAt] {
        assert_eq!(order(key, SortDirection::Desc).await.len(), 2);
    }
}

#[tokio::test]
async fn a_sort_key_that_the_wire_does_not_have_is_refused() {
    covers!["D30"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let error = codex.call_raw("thread/list", &json!({ "sortKey": "createdAt" })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParams, "{error}");
    assert!(error.to_string().contains("created_at"), "{error}");
}

#[tokio::test]
async fn a_thread_is_read_with_its_turns_or_without() {
    covers!["003-221", "003-274", "O15", "D29"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script().text("Hello.")).await;
    let thread = stage.thread().await;
    soon("the output", thread.run("one").into_future()).await.unwrap();

    let without = thread.read().await.unwrap();
    let with = thread.codex().call(&ThreadReadParams::new(thread.id()).include_turns(true)).await.unwrap();

    assert_eq!((without.preview.as_str(), without.turns.len()), ("one", 0));
    assert_eq!((with.thread.turns.len(), with.thread.turns[0].items.len()), (1, 2));
}
