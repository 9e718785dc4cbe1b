//! The forms of what codex 0.169 sends.

use serde_json::{Value, json};

/// The version that is simulated.
pub(super) const VERSION: &str = "0.169.0";

/// The folder that the simulated threads work in.
pub(super) const WORKSPACE: &str = "/simulated/workspace";

const HOME: &str = "/simulated/codex";

/// The answer to `initialize`.
pub(super) fn hello(client: &Value) -> Value {
    let (name, version) =
        (client["name"].as_str().unwrap_or_default(), client["version"].as_str().unwrap_or_default());
    let agent = format!("{name}/{VERSION} (Simulated 1.0.0; x86_64) xterm ({name}; {version})");
    json!({ "userAgent": agent, "codexHome": HOME, "platformFamily": "unix", "platformOs": "linux" })
}

/// What follows the answer to `initialize`.
pub(super) fn remote_control() -> Value {
    let installation = "00000000-0000-4000-8000-000000000000";
    json!({ "status": "disabled", "serverName": "simulated", "installationId": installation, "environmentId": null })
}

/// The answer to `account/read` of a server whose provider needs no login.
pub(super) fn account() -> Value {
    json!({ "account": null, "userId": null, "requiresOpenaiAuth": false, "workspaceRouting": null })
}

/// A thread. What a client may ask for stands in `asked`.
pub(super) fn thread(id: &str, parent: Option<&str>, asked: &Value, created_at: i64) -> Value {
    let cwd = asked["cwd"].as_str().unwrap_or(WORKSPACE);
    json!({
        "id": id, "extra": null, "sessionId": parent.unwrap_or(id), "forkedFromId": null, "attachedToThreadId": null,
        "environments": [{ "environmentId": "local", "cwd": cwd, "runtimeWorkspaceRoots": [cwd] }],
        "parentThreadId": parent, "preview": "", "ephemeral": asked["ephemeral"] == true, "section": null,
        "sectionEnteredAt": null, "projectId": null, "historyMode": "paginated",
        "modelProvider": asked["modelProvider"].as_str().unwrap_or("simulated"),
        "model": asked["model"].as_str().unwrap_or("gpt-5.5"), "reasoningEffort": null,
        "createdAt": created_at, "updatedAt": created_at, "recencyAt": created_at, "status": { "type": "idle" },
        "path": format!("{HOME}/sessions/rollout-{id}.jsonl"), "cwd": cwd, "cliVersion": VERSION,
        "originator": "codexkit", "source": "vscode", "canAcceptDirectInput": true, "threadSource": null,
        "agentNickname": null, "agentRole": null, "gitInfo": null, "name": null, "daybreakEnabled": null, "turns": [],
    })
}

/// The answer to `thread/start` and `thread/resume`.
pub(super) fn thread_opened(thread: &Value, asked: &Value) -> Value {
    let profile = match &asked["sandbox"] {
        Value::Null => json!({ "id": ":read-only", "extends": null }),
        _ => Value::Null,
    };
    let or = |name: &str, usual: &str| asked[name].as_str().unwrap_or(usual).to_owned();
    json!({
        "thread": thread, "model": thread["model"], "modelProvider": thread["modelProvider"], "serviceTier": null,
        "disabledPluginIds": [], "cwd": thread["cwd"], "runtimeWorkspaceRoots": [thread["cwd"]],
        "instructionSources": [], "approvalPolicy": or("approvalPolicy", "on-request"),
        "approvalsReviewer": or("approvalsReviewer", "user"),
        "sandbox": { "type": "readOnly", "networkAccess": false },
        "activePermissionProfile": profile, "reasoningEffort": null,
        "multiAgentMode": "explicitRequestOnly",
    })
}

/// The item of what the user said. It has come and gone at once.
pub(super) fn user_message(id: &str, client_id: &Value, input: &Value) -> Value {
    let mut content = input.clone();
    for part in content.as_array_mut().into_iter().flatten() {
        if part["type"] == "text" && part.get("text_elements").is_none() {
            part["text_elements"] = json!([]);
        }
    }
    json!({ "type": "userMessage", "id": id, "clientId": client_id, "content": content })
}

/// A message of the agent.
pub(super) fn agent_message(id: &str, text: &str) -> Value {
    json!({
        "type": "agentMessage", "moderation": null, "id": id, "text": text, "phase": null, "memoryCitation": null,
        "delivery": null, "questions": null,
    })
}

/// Thoughts of the model: a summary and what they were in full.
pub(super) fn reasoning(id: &str, summary: &[&str], content: &[&str]) -> Value {
    json!({ "type": "reasoning", "id": id, "summary": summary, "content": content })
}

/// A command that is about to run.
pub(super) fn command(id: &str, command: &str) -> Value {
    json!({
        "type": "commandExecution", "id": id, "pluginId": null, "scriptPath": null,
        "command": format!("/bin/bash -lc '{command}'"), "cwd": WORKSPACE, "processId": null, "source": "agent",
        "status": "inProgress", "commandActions": [{ "type": "unknown", "command": command }],
        "aggregatedOutput": null, "exitCode": null, "durationMs": null,
    })
}

/// The same command once it runs.
pub(super) fn command_running(command: &Value) -> Value {
    let mut running = command.clone();
    running["source"] = "unifiedExecStartup".into();
    running["processId"] = "1000".into();
    running
}

/// The same command once it has ended; without output it never ran.
pub(super) fn command_ended(command: &Value, status: &str, output: Option<&str>) -> Value {
    let mut ended = output.map_or_else(|| command.clone(), |_| command_running(command));
    ended["status"] = status.into();
    if let Some(output) = output {
        ended["exitCode"] = 0.into();
        ended["durationMs"] = 0.into();
        ended["aggregatedOutput"] = if output.is_empty() { Value::Null } else { output.into() };
    }
    ended
}

/// What is asked before a command runs.
pub(super) fn command_approval(item: &Value) -> Value {
    let command = &item["commandActions"][0]["command"];
    let amendment: Vec<&str> = command.as_str().unwrap_or_default().split(' ').collect();
    let remember = json!({ "acceptWithExecpolicyAmendment": { "execpolicy_amendment": amendment } });
    json!({
        "kind": "command", "itemId": item["id"], "environmentId": "local", "command": item["command"],
        "cwd": item["cwd"], "commandActions": item["commandActions"], "proposedExecpolicyAmendment": amendment,
        "availableDecisions": ["accept", remember, "cancel"],
    })
}

/// A new file.
pub(super) fn file_change(id: &str, path: &str) -> Value {
    let change =
        json!({ "path": format!("{WORKSPACE}/{path}"), "kind": { "type": "add" }, "diff": "simulated\n" });
    json!({ "type": "fileChange", "id": id, "changes": [change], "status": "inProgress" })
}

/// The token counts of a thread after so many answers of the model.
pub(super) fn token_usage(answers: i64) -> Value {
    let counts = |answers: i64| {
        json!({
            "totalTokens": 15 * answers, "inputTokens": 10 * answers, "cachedInputTokens": 2 * answers,
            "cacheWriteInputTokens": 0, "outputTokens": 5 * answers, "reasoningOutputTokens": answers,
        })
    };
    json!({ "total": counts(answers), "last": counts(1), "modelContextWindow": 258_400 })
}

/// The rate limits of an account without any.
pub(super) fn rate_limits() -> Value {
    json!({ "rateLimits": {
        "limitId": "codex", "limitName": null, "normalModelSlug": null, "primary": null, "secondary": null,
        "credits": null, "individualLimit": null, "spendControlReached": null, "planType": null,
        "rateLimitReachedType": null,
    } })
}

/// Why a turn failed.
pub(super) fn turn_error(message: &str, info: &Value) -> Value {
    json!({ "message": message, "codexErrorInfo": info, "additionalDetails": null, "misalignment": null })
}
