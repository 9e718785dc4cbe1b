//! All eleven requests of the server, with nobody to answer them: nothing is given, and the turn goes on.
//!
//! Half of them the real codex does not make on demand, so a simulated one makes them.

use codexkit::Codex;
use codexkit::protocol::types::TurnStatus;
use codexkit::rules::{Audit, AuditRecord, DecidedBy};
use e2e::simulator::{Act, Simulator};
use e2e::{covers, soon};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A request, its parameters, and whether an answer to it gives nothing.
type Asked = (&'static str, Value, fn(&Value) -> bool);

/// All of them.
fn requests() -> Vec<Asked> {
    let of_item = |more: Value| {
        let mut params = json!({ "itemId": "item", "startedAtMs": 1 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let declined: fn(&Value) -> bool = |frame| frame["result"] == json!({ "decision": "decline" });
    let refused: fn(&Value) -> bool =
        |frame| frame["error"]["code"].is_i64() && frame.get("result").is_none();
    let network = json!({ "networkApprovalContext": { "host": "example.org", "protocol": "https" } });
    let form = json!({ "mode": "form", "serverName": "s", "message": "m", "requestedSchema": { "type": "object", "properties": {} } });
    let mut tool = form.clone();
    tool["_meta"] = json!({ "codex_approval_kind": "mcp_tool_call", "tool_name": "t" });
    let question = json!({ "id": "q", "header": "h", "question": "?" });
    let older =
        json!({ "callId": "c", "conversationId": "t", "command": ["ls"], "cwd": "/", "parsedCmd": [] });
    vec![
        ("item/commandExecution/requestApproval", of_item(json!({ "command": "ls" })), declined),
        ("item/commandExecution/requestApproval", of_item(network), declined),
        ("item/fileChange/requestApproval", of_item(json!({ "grantRoot": "/" })), declined),
        (
            "item/permissions/requestApproval",
            of_item(json!({ "cwd": "/", "permissions": { "network": { "enabled": true } } })),
            |frame| frame["result"]["permissions"] == json!({}),
        ),
        (
            "item/tool/requestUserInput",
            of_item(json!({ "isBlocking": true, "questions": [question] })),
            |frame| frame["result"] == json!({ "answers": {} }),
        ),
        ("mcpServer/elicitation/request", form, |frame| frame["result"]["action"] == "decline"),
        ("mcpServer/elicitation/request", tool, |frame| frame["result"]["action"] == "decline"),
        ("item/tool/call", json!({ "callId": "c", "tool": "rm", "arguments": {} }), |frame| {
            frame["result"]["success"] == false
        }),
        ("account/chatgptAuthTokens/refresh", json!({ "reason": "unauthorized" }), refused),
        ("attestation/generate", json!({}), refused),
        // To tell the time gives nothing away.
        ("currentTime/read", json!({}), |frame| frame["result"].is_object()),
        ("execCommandApproval", older, refused),
        ("applyPatchApproval", json!({ "callId": "c", "conversationId": "t", "fileChanges": {} }), refused),
        ("brand/new", json!({}), |frame| frame["error"]["code"] == -32601),
    ]
}

#[tokio::test]
async fn nothing_is_given_to_anybody_without_a_handler_that_says_so() {
    covers!["000-057", "O43", "D01", "D03"];
    for (method, params, gives_nothing) in requests() {
        let simulator = Simulator::new().turn(Act::new().asks(method, params).text("Without it."));
        let (codex, server) = simulator.connect_with(Codex::builder()).await.unwrap();

        let output = soon("the output", codex.ask("Go")).await.unwrap();

        assert_eq!(output.status, TurnStatus::Completed);
        let answers: Vec<Value> =
            server.received().into_iter().filter(|frame| frame.get("method").is_none()).collect();
        assert_eq!(answers.len(), 1, "{method} is answered once: {answers:?}");
        assert!(gives_nothing(&answers[0]), "{method}: {}", answers[0]);
    }
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused() {
    covers!["O43"];
    let mut methods: Vec<&str> = requests().into_iter().map(|(method, ..)| method).collect();
    methods.retain(|method| !["attestation/generate", "currentTime/read", "brand/new"].contains(method));
    for method in methods {
        let simulator = Simulator::new().turn(Act::new().asks(method, json!({ "itemId": 7 })).text("Fine."));
        let accepting = Codex::builder().on_approval(|ask| async move { ask.accept() });
        let (codex, server) = simulator.connect_with(accepting).await.unwrap();

        soon("the output", codex.ask("Go")).await.unwrap();

        let answer = server.received().into_iter().find(|frame| frame.get("method").is_none());
        assert!(answer.as_ref().is_some_and(|answer| answer.get("error").is_some()), "{method}: {answer:?}");
    }
}

#[tokio::test]
async fn many_asks_at_once_are_each_answered_by_their_own() {
    let ask = |number: usize| json!({ "itemId": format!("i{number}"), "startedAtMs": 1, "command": format!("{number}") });
    let asking = (0..40).fold(Act::new(), |act, number| {
        act.asks_in_passing("item/commandExecution/requestApproval", ask(number))
    });
    let simulator =
        Simulator::new().turn(asking.asks("item/commandExecution/requestApproval", ask(40)).text("Done."));
    let others = Arc::new(Semaphore::new(0));
    let even = move |ask: codexkit::Approval| {
        let others = others.clone();
        async move {
            let number: usize = ask.command_line().unwrap().parse().unwrap();
            // The later ones are faster, but for the very last, for whose answer the turn waits.
            for _ in number..40 {
                tokio::task::yield_now().await;
            }
            match number {
                40 => drop(others.acquire_many(40).await.unwrap()),
                _ => others.add_permits(1),
            }
            if number.is_multiple_of(2) { ask.accept() } else { ask.decline() }
        }
    };
    let (codex, server) = simulator.connect_with(Codex::builder().on_approval(even)).await.unwrap();

    soon("the output", codex.ask("Go")).await.unwrap();

    let mut decisions: Vec<(i64, Value)> = server
        .received()
        .into_iter()
        .filter(|frame| frame.get("method").is_none())
        .map(|frame| (frame["id"].as_i64().unwrap(), frame["result"]["decision"].clone()))
        .collect();
    decisions.sort_by_key(|(id, _)| *id);
    assert_eq!(decisions.len(), 41);
    let first = decisions[0].0;
    for (id, decision) in decisions {
        assert_eq!(decision, if (id - first) % 2 == 0 { "accept" } else { "decline" }, "{id}");
    }
}

#[tokio::test]
async fn a_withdrawn_ask_is_on_record_as_such() {
    let asks = Act::new().asks_to_run("touch made").text("Never mind.");
    let simulator = Simulator::new().turn(asks);
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = records.clone();
    let audit = Audit::new().to(move |record: &AuditRecord| kept.lock().unwrap().push(record.clone()));
    let (begun, mut has_begun) = tokio::sync::mpsc::channel(1);
    let hanging = move |_: codexkit::Approval| {
        let begun = begun.clone();
        async move {
            begun.send(()).await.unwrap();
            std::future::pending::<codexkit::ApprovalAnswer>().await
        }
    };
    let builder = Codex::builder().audit(audit).on_approval(hanging);
    let (codex, server) = simulator.connect_with(builder).await.unwrap();
    let turn = tokio::spawn(async move { codex.ask("Go").await });
    soon("the handler", has_begun.recv()).await.unwrap();

    server.perform(Act::new().withdraws());

    soon("the output", turn).await.unwrap().unwrap();
    let records = records.lock().unwrap();
    assert_eq!(records.iter().map(|record| record.by.clone()).collect::<Vec<_>>(), [DecidedBy::Withdrawn]);
}

#[tokio::test(start_paused = true)]
async fn an_ask_that_is_open_is_no_silence() {
    covers!["003-151", "D20"];
    let asks = Act::new().asks_to_run("touch made").text("At last.");
    let slow = |ask: codexkit::Approval| async move {
        tokio::time::sleep(Duration::from_secs(200)).await;
        ask.accept()
    };
    let builder = Codex::builder().on_approval(slow);
    let (codex, _server) = Simulator::new().turn(asks).connect_with(builder).await.unwrap();
    let thread = codex.start_thread().await.unwrap();

    let output = thread.run("Go").idle(Duration::from_secs(10)).await.unwrap();

    assert_eq!(output.text(), "At last.");
}
