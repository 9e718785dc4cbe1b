//! Servers of other versions: what they lack is said before it is asked of them.

use codexkit::protocol::types::ThreadDeleteParams;
use codexkit::protocol::{ALL_METHODS, Method, Version};
use codexkit::{Codex, ErrorKind, Namespace, TESTED_CODEX, Tool};
use e2e::model::Model;
use e2e::simulator::{Reply, SimulatedServer, Simulator};
use e2e::{Stage, codex_version, covers, lacks, skipped, soon};
use serde_json::{Value, json};

/// A method that was there by its name before it was supported.
const SUPPORTED_LATER: &str = "thread/items/list";

#[tokio::test]
async fn every_method_that_this_server_lacks_is_refused_with_the_version_that_has_it() {
    covers!["O09"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let version = codex_version().await;
    for method in ALL_METHODS {
        let gone = method.until.filter(|until| version >= *until);
        if version >= method.since && gone.is_none() {
            continue;
        }
        let error = soon("the refusal", codex.call_raw(method.name, &json!({}))).await.unwrap_err();
        assert_eq!((error.kind(), error.method()), (ErrorKind::Incompatible, Some(method.name)), "{error}");
        let named = [gone.unwrap_or(method.since), version];
        assert!(named.iter().all(|version| error.to_string().contains(&version.to_string())), "{error}");
    }
}

#[tokio::test]
async fn every_parameter_that_this_server_would_ignore_is_refused_with_the_version_that_has_it() {
    covers!["O08"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let version = codex_version().await;
    let has = |since: Version, until: Option<Version>| {
        version >= since && until.is_none_or(|until| version < until)
    };
    for method in ALL_METHODS.iter().filter(|method| has(method.since, method.until)) {
        for field in method.fields.iter().filter(|field| !has(field.since, field.until)) {
            let params = json!({ (field.name): null });
            let error = soon("the refusal", codex.call_raw(method.name, &params)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Incompatible, "{error}");
            assert!(error.to_string().contains(&format!("`{}` of `{}`", field.name, method.name)), "{error}");
        }
    }
}

#[tokio::test]
async fn the_methods_that_this_server_has_are_known_to_it() {
    covers!["000-041", "O09"];
    if skipped() {
        return;
    }
    let stage = Stage::new(Model::script()).await;
    let codex = stage.start().await;
    let version = codex_version().await;
    let is_there =
        |method: &&&Method| version >= method.since && method.until.is_none_or(|until| version < until);
    for method in ALL_METHODS.iter().filter(is_there) {
        // A list where an object has to be: what it does not know is refused in another way than what it cannot read.
        match soon("the answer", codex.call_raw(method.name, &json!([["not", "this"]]))).await {
            Ok(_) => {}
            Err(error) => assert_ne!(error.kind(), ErrorKind::UnknownMethod, "{error}"),
        }
    }
}

/// A simulated server of another version.
async fn server(version: &str) -> (Codex, SimulatedServer) {
    let hello = json!({
        "userAgent": format!("codexkit/{version} (Simulated 1.0.0; x86_64) xterm (codexkit; 0.1.0)"),
        "codexHome": "/simulated", "platformFamily": "unix", "platformOs": "linux",
    });
    Simulator::new().on("initialize", Reply::result(hello)).connect().await.unwrap()
}

#[tokio::test]
async fn an_old_server_is_not_even_asked_for_what_it_lacks() {
    covers!["O08"];
    let (codex, server) = server("0.133.0").await;

    let error = soon("the refusal", codex.call(&ThreadDeleteParams::new("t"))).await.unwrap_err();
    assert_eq!((error.kind(), error.method()), (ErrorKind::Incompatible, Some("thread/delete")));
    let text = "`thread/delete` exists since codex 0.144.4, and this server is 0.133.0; use a newer codex";
    assert!(error.to_string().contains(text), "{error}");
    assert!(server.calls("thread/delete").is_empty());

    let tool = Tool::new("now", "Tells", json!({ "type": "object" }), |_: Value| async { Ok("noon") });
    let clock = Namespace::new("clock", "The time").tool(tool);
    let error = codex.start_thread().tools(clock).into_future().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("since codex 0.144.4"), "{error}");
    assert!(server.calls("thread/start").is_empty());
}

#[tokio::test]
async fn a_method_that_went_is_refused_with_the_version_that_lost_it() {
    let (codex, _server) = server("0.170.0").await;
    let error =
        codex.call_raw("thread/rollback", &json!({ "numTurns": 1, "threadId": "t" })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("removed in codex 0.163.0"), "{error}");
}

#[tokio::test]
async fn a_server_before_the_oldest_one_is_refused_at_once() {
    covers!["002-102", "D25"];
    let hello = json!({ "userAgent": "codexkit/0.132.0 (Simulated)", "codexHome": "/", "platformFamily": "unix",
        "platformOs": "linux" });
    let refused = Simulator::new().on("initialize", Reply::result(hello)).connect().await.map(|_| ());
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("0.132.0") && error.to_string().contains("0.133.0"), "{error}");
}

#[tokio::test]
async fn a_method_that_the_server_knows_by_name_alone_is_refused_as_one_that_it_lacks() {
    if lacks(SUPPORTED_LATER).await {
        return;
    }
    let stage = Stage::new(Model::script().text("Hello")).await;
    let thread = stage.thread().await;
    soon("a turn", thread.run("Hi").into_future()).await.unwrap();
    let listed = soon("the items", thread.items().all()).await;
    if codex_version().await < Version::new(0, 154, 0) {
        assert_eq!(listed.unwrap_err().kind(), ErrorKind::Incompatible);
    } else {
        assert!(!listed.unwrap().is_empty());
    }
}

#[test]
fn the_versions_that_are_tested_are_those_whose_schemas_were_read() {
    covers!["001-071"];
    let history = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/protocol/schema/history.json");
    let history: Value = serde_json::from_str(&std::fs::read_to_string(history).unwrap()).unwrap();
    let read = history["versions"].as_array().unwrap().iter().rev();
    let read: Vec<Version> = read.map(|version| version.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(read, TESTED_CODEX);
}
