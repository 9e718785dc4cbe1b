//! Lists that come in pages.

use codexkit::ErrorKind;
use codexkit::protocol::Version;
use codexkit::protocol::types::{ModelListParams, ThreadListParams, ThreadLoadedListParams};
use e2e::model::Model;
use e2e::simulator::{Reply, Simulator};
use e2e::{Stage, covers, differs_before, skipped, soon};
use serde_json::json;
use std::collections::HashSet;

#[tokio::test]
async fn a_list_is_read_over_all_its_pages() {
    covers!["000-006", "000-017", "003-223", "003-225"];
    if differs_before(Version::new(0, 169, 0), "pages of threads that were made within one second").await {
        return;
    }
    // Given a home with five threads.
    let script = (0..5).fold(Model::script(), |script, _| script.text("Hello"));
    let stage = Stage::new(script).await;
    let codex = stage.start().await;
    let mut known = HashSet::new();
    for _ in 0..5 {
        let thread = codex.start_thread().await.unwrap();
        soon("a turn", thread.run("Hi").into_future()).await.unwrap();
        known.insert(thread.id().clone());
    }

    // When they are listed in pages of two,
    let mut listing = codex.list(ThreadListParams::new().limit(2));
    let first = soon("a page", listing.next_page()).await.unwrap().unwrap();
    let cursor = listing.cursor().unwrap().to_owned();
    let rest = soon("the rest", listing.all()).await.unwrap();

    // then each comes once,
    let listed: Vec<_> = first.iter().chain(&rest).map(|thread| thread.id.clone()).collect();
    assert_eq!((first.len(), listed.len()), (2, 5));
    assert_eq!(listed.into_iter().collect::<HashSet<_>>(), known);
    // and the cursor leads to the second page.
    let again = soon("the rest", codex.list(ThreadListParams::new().cursor(cursor)).all()).await.unwrap();
    assert_eq!(again.len(), 3);
}

#[tokio::test]
async fn models_are_streamed_one_by_one() {
    covers!["002-114", "003-236"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let mut models = codex.list(ModelListParams::new().limit(5).include_hidden(true));
    let mut names = Vec::new();
    while let Some(model) = soon("a model", models.try_next()).await.unwrap() {
        names.push(model.id);
    }
    assert!(names.len() > 5, "{names:?}");
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    assert_eq!(models.cursor(), None);
}

#[tokio::test]
async fn a_list_that_leads_in_a_circle_ends_with_an_error() {
    let circle = Reply::result(json!({ "data": ["thread"], "nextCursor": "again" }));
    let (codex, server) = Simulator::new().always("thread/loaded/list", circle).connect().await.unwrap();

    let error = soon("the end", codex.list(ThreadLoadedListParams::new()).all()).await;

    assert_eq!(error.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(server.calls("thread/loaded/list").len(), 2);
}

#[tokio::test]
async fn a_page_that_fails_ends_the_list_and_leaves_the_cursor() {
    let page = Reply::result(json!({ "data": ["one"], "nextCursor": "second" }));
    let failure = Reply::error(-32603, "broken");
    let simulator = Simulator::new().on("thread/loaded/list", page).on("thread/loaded/list", failure);
    let (codex, _server) = simulator.connect().await.unwrap();
    let mut listing = codex.list(ThreadLoadedListParams::new());

    assert_eq!(listing.try_next().await.unwrap().as_deref(), Some("one"));
    assert_eq!(listing.try_next().await.unwrap_err().kind(), ErrorKind::Rpc);
    assert_eq!(listing.try_next().await.unwrap(), None);
    assert_eq!(listing.cursor(), Some("second"));
}
