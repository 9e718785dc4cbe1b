//! What the simulator says has the form of what the real server said when it was recorded.

use codexkit::transport::Lines;
use codexkit::{Approvals, Codex, Event, Sandbox};
use codexkit_testkit::simulator::{Act, Simulator};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex, split};

/// The paths of all fields in a value, those of lists together.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            let path = format!("{path}.{name}");
            found.insert(path.clone());
            fields(value, &path, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| fields(value, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// Frames by what they are: the method of a notification, request or call, with the kind of its item.
#[derive(Default)]
struct Traffic {
    forms: BTreeMap<String, BTreeSet<String>>,
    methods: Vec<String>,
}

impl Traffic {
    /// The server's frames; before an answer stands the method of its call.
    fn read(text: &str) -> Self {
        let mut traffic = Self::default();
        let mut call = String::new();
        for line in text.lines() {
            let frame: Value = serde_json::from_str(line).unwrap();
            let is_call =
                frame.get("params").is_none() && frame.get("id").is_some() && frame.get("method").is_some();
            if is_call {
                call = frame["method"].as_str().unwrap().to_owned();
                continue;
            }
            let method = frame["method"].as_str().map_or_else(|| format!("answer to {call}"), str::to_owned);
            let kind = frame["params"]["item"]["type"].as_str().unwrap_or_default();
            let name = format!("{method} {kind}").trim_end().to_owned();
            fields(&frame, "", traffic.forms.entry(name.clone()).or_default());
            traffic.methods.push(name);
        }
        traffic
    }

    fn recorded(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/tests/traffic");
        Self::read(&std::fs::read_to_string(folder.join(name).with_extension("jsonl")).unwrap())
    }

    fn turn(&self) -> Vec<&str> {
        let events = self.methods.iter().map(String::as_str);
        let turn = events.skip_while(|name| *name != "answer to turn/start");
        turn.take_while(|name| *name != "answer to thread/read").collect()
    }
}

/// Runs a turn on the simulator and keeps what it says.
async fn simulated(simulator: Simulator, scenario: impl AsyncFnOnce(&Codex)) -> Traffic {
    // Between the client and the server stands one who writes everything down.
    let (client, middle) = duplex(1 << 20);
    let (read, write) = split(client);
    let (mut from_client, mut to_client) = split(middle);
    let (log, mut recording) = tokio::sync::mpsc::unbounded_channel::<(bool, String)>();
    let (inner, server) = duplex(1 << 20);
    let (from_server, mut to_server) = split(inner);
    let (server_read, server_write) = split(server);
    simulator.serve(server_read, server_write);
    let sent = log.clone();
    tokio::spawn(async move {
        let mut lines = BufReader::new(&mut from_client).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = sent.send((true, line.clone()));
            to_server.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        }
    });
    tokio::spawn(async move {
        let mut lines = BufReader::new(from_server).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = log.send((false, line.clone()));
            let _ = to_client.write_all(format!("{line}\n").as_bytes()).await;
        }
    });
    let builder = Codex::builder().on_approval(|ask| async move { ask.accept() });
    let codex = builder.connect_over(Lines::new(read, write)).await.unwrap();
    scenario(&codex).await;

    let mut calls = BTreeMap::new();
    let mut text = String::new();
    while let Ok((from_client, line)) = recording.try_recv() {
        let frame: Value = serde_json::from_str(&line).unwrap();
        if from_client {
            if let (Some(id), Some(method)) = (frame["id"].as_i64(), frame["method"].as_str()) {
                calls.insert(id, method.to_owned());
            }
            continue;
        }
        if let (Some(id), None) = (frame["id"].as_i64(), frame.get("method")) {
            text += &format!("{}\n", json!({ "id": id, "method": calls[&id] }));
        }
        text += &format!("{line}\n");
    }
    Traffic::read(&text)
}

/// Everything in `simulated` that was also recorded has the recorded fields, no more and no fewer.
fn assert_same_forms(simulated: &Traffic, recorded: &Traffic, at_least: usize) {
    let mut compared = 0;
    for (name, form) in &simulated.forms {
        if let Some(real) = recorded.forms.get(name) {
            assert_eq!(form, real, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= at_least, "only {compared} kinds of frames could be compared");
}

#[tokio::test]
async fn a_turn_looks_like_a_recorded_one() {
    // Given the simulator, and what the real server said to the same calls
    let simulator = Simulator::new().turn(
        Act::new().thinks("Plan", "details").text("Looking").command("echo seen", "").text("It is fine."),
    );
    let recorded = Traffic::recorded("turn");

    // When a turn runs and its thread is read
    let simulated = simulated(simulator, async |codex| {
        let thread = codex.start_thread().await.unwrap();
        thread.run("Look").await.unwrap();
        for method in ["thread/read", "thread/turns/list", "thread/items/list"] {
            codex.call_raw(method, &json!({ "threadId": thread.id() })).await.unwrap();
        }
    })
    .await;

    // Then each frame has the fields of the recorded one, and the events have their order
    assert_same_forms(&simulated, &recorded, 20);
    // The recorded model said more in one answer, so the counts that follow each answer came less often.
    let counts = |name: &&str| !["thread/tokenUsage/updated", "account/rateLimits/updated"].contains(name);
    let mut real: Vec<&str> = recorded.turn().into_iter().filter(counts).collect();
    let mut ours: Vec<&str> = simulated.turn().into_iter().filter(counts).collect();
    real.dedup();
    ours.dedup();
    assert_eq!(ours, real);
}

#[tokio::test]
async fn approvals_look_like_recorded_ones() {
    let simulator =
        Simulator::new().turn(Act::new().asks_to_run("touch made").asks_to_write("new.txt").text("Done."));
    let recorded = Traffic::recorded("approvals");

    let simulated = simulated(simulator, async |codex| {
        let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await.unwrap();
        thread.run("Act").await.unwrap();
    })
    .await;

    let mut real = recorded;
    // The model gave a reason there; nobody does here.
    let asked = real.forms.get_mut("item/commandExecution/requestApproval").unwrap();
    asked.remove(".params.reason");
    assert_same_forms(&simulated, &real, 15);
    let of_approvals = |name: &&str| {
        name.contains("pproval")
            || name.contains("resolved")
            || name.contains("commandExecution")
            || name.contains("fileChange")
            || name.contains("status")
    };
    let order = |traffic: &Traffic| {
        traffic.turn().into_iter().filter(of_approvals).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(order(&simulated), order(&real));
}

#[tokio::test]
async fn failures_and_interrupts_look_like_recorded_ones() {
    let simulator = Simulator::new()
        .turn(Act::new().partial_text("half").retries("Reconnecting... 1/2").text("whole"))
        .turn(Act::new().fails("scripted failure", "other"))
        .turn(Act::new().partial_text("Once").never_ends());

    let simulated = simulated(simulator, async |codex| {
        let thread = codex.start_thread().await.unwrap();
        thread.run("Stumble").await.unwrap();
        thread.run("Fall").outcome().await.unwrap();
        let mut turn = thread.run("Tell").stream().await.unwrap();
        while !matches!(turn.try_next().await.unwrap(), Some(Event::TextDelta { .. })) {}
        turn.control().interrupt().await.unwrap();
        turn.finish().await.unwrap();
    })
    .await;

    let mut failures = Traffic::recorded("failures");
    let interrupt = Traffic::recorded("interrupt");
    for (name, form) in interrupt.forms {
        failures.forms.entry(name).or_default().extend(form);
    }
    // What is known about an error that is tried again depends on the error.
    failures.forms.get_mut("error").unwrap().retain(|field| !field.contains("codexErrorInfo."));
    assert_same_forms(&simulated, &failures, 12);
    let endings = |traffic: &[String]| traffic.iter().rev().take(2).cloned().collect::<Vec<_>>();
    assert_eq!(endings(&simulated.methods), ["turn/completed", "thread/status/changed"]);
}
