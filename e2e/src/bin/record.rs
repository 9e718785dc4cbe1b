//! Records what the real codex says, for the tests of the protocol crate.
//!
//! `cargo run -p e2e --bin record` runs scripted turns and calls, and writes the frames of the server, one per line, to
//! `crates/protocol/tests/traffic`. Nothing in a response tells its method, so its request stands before it, without parameters.

use codexkit::protocol::types::*;
use codexkit::{Approval, Approvals, Codex, Event, Sandbox};
use e2e::Stage;
use e2e::model::{Exec, Gate, Message, Model, Phase, Reasoning, Response, Script};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

type Done = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Done {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/protocol/tests/traffic");
    fs::create_dir_all(&folder)?;

    let speech = Message::chunks(["Looking", " closer"]).phase(Phase::Commentary);
    let answer = Message::chunks(["It", " is", " fine."]).phase(Phase::FinalAnswer);
    let thoughts = Reasoning::new("Plan").content("details");
    let script = Model::script()
        .respond(Response::new().reasoning(thoughts).text(speech).exec("echo seen; exit 3"))
        .text(answer);
    record(&folder, "turn", script, async |codex| {
        let thread = codex.start_thread().await?;
        thread.run("Look").await?;
        codex.call(&ThreadReadParams::new(thread.id())).await?;
        codex.call(&ThreadTurnsListParams::new(thread.id())).await?;
        codex.call(&ThreadItemsListParams::new(thread.id())).await?;
        codex.call(&ThreadListParams::new()).await?;
        codex.call(&ThreadSetNameParams::new(thread.id(), "Ada")).await?;
        Ok(())
    })
    .await?;

    let escalated = || Exec::new("touch made").escalated("it has to be");
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n";
    let script = Model::script().exec(escalated()).patch(patch).text("Done.");
    record(&folder, "approvals", script, async |codex| {
        asking(codex).await?.run("Act").await?;
        Ok(())
    })
    .await?;

    let script = Model::script().respond(Response::new().text("half").cut()).text("whole").fail(400);
    record(&folder, "failures", script, async |codex| {
        let thread = codex.start_thread().await?;
        thread.run("Stumble").await?;
        thread.run("Fall").outcome().await?;
        Ok(())
    })
    .await?;

    let gate = Gate::new();
    let script = Model::script().respond(Response::new().text(Message::chunks(["Once"]).gate(&gate)));
    record(&folder, "interrupt", script, async |codex| {
        let thread = codex.start_thread().await?;
        let mut turn = thread.run("Tell").stream().await?;
        while !matches!(turn.try_next().await?, Some(Event::TextDelta { .. })) {}
        turn.control().interrupt().await?;
        turn.finish().await?;
        Ok(())
    })
    .await?;

    record(&folder, "lists", Model::script(), async |codex| {
        for method in ["model/list", "skills/list", "hooks/list", "mcpServerStatus/list", "config/read"] {
            codex.call_raw(method, &json!({})).await?;
        }
        for method in ["plugin/list", "permissionProfile/list", "experimentalFeature/list", "account/read"] {
            codex.call_raw(method, &json!({})).await?;
        }
        for method in
            ["modelProvider/list", "collaborationMode/list", "server/diagnostics", "thread/loaded/list"]
        {
            codex.call_raw(method, &json!({})).await?;
        }
        codex.call(&CommandExecParams::new(["echo", "hi"])).await?;
        Ok(())
    })
    .await
}

async fn asking(codex: &Codex) -> codexkit::Result<codexkit::Thread> {
    codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Ask).await
}

/// Runs codex behind two `tee`s and keeps what went through.
async fn record(
    folder: &Path,
    name: &str,
    script: impl Into<Script>,
    scenario: impl AsyncFnOnce(&Codex) -> codexkit::Result<()>,
) -> Done {
    let stage = Stage::with_retries(script, 2).await;
    let root = stage.fixture.home().parent().ok_or("the home lies in a folder")?.to_owned();
    let (sent, received) = (root.join("sent"), root.join("received"));
    let codex = stage
        .codex()
        .await
        .codex_bin(between_tees(&root, &e2e::codex_binary().await, &sent, &received)?)
        .on_approval(|ask: Approval| async move { ask.accept() })
        .start()
        .await?;
    scenario(&codex).await?;
    codex.close().await;

    let methods = methods(&fs::read_to_string(&sent)?)?;
    let mut lines = String::new();
    for frame in fs::read_to_string(&received)?.lines() {
        let parsed: Value = serde_json::from_str(frame)?;
        if let (Some(id), None) = (parsed["id"].as_i64(), parsed.get("method")) {
            lines += &format!(
                "{}\n",
                json!({ "id": id, "method": methods.get(&id).ok_or("an answer to nothing")? })
            );
        }
        lines += &format!("{}\n", frame.replace(&*root.to_string_lossy(), "/fixture"));
    }
    fs::write(folder.join(name).with_extension("jsonl"), &lines)?;
    println!("{name}: {} lines", lines.lines().count());
    Ok(())
}

fn between_tees(root: &Path, codex: &Path, sent: &Path, received: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let program = root.join("recorded-codex");
    let (codex, sent, received) = (codex.display(), sent.display(), received.display());
    let script = format!("#!/bin/sh\ntee '{sent}' | '{codex}' \"$@\" | tee '{received}'\n");
    fs::write(&program, script)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

/// Which method each request had.
fn methods(sent: &str) -> Result<HashMap<i64, String>, Box<dyn Error>> {
    let mut methods = HashMap::new();
    for frame in sent.lines() {
        let frame: Value = serde_json::from_str(frame)?;
        if let (Some(id), Some(method)) = (frame["id"].as_i64(), frame["method"].as_str()) {
            methods.insert(id, method.to_owned());
        }
    }
    Ok(methods)
}
