//! Frames that real servers wrote, one per line in `tests/traffic/*.jsonl`: all of them are understood.
//!
//! Nothing in a response tells its method. It is decoded when an earlier line of the file is the client's request.

use crate::registry;
use codexkit_protocol::envelope::Inbound;
use codexkit_protocol::{RawRequest, RequestId, ServerNotification, ServerRequest};
use coverage::covers;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traffic");
    let entries = std::fs::read_dir(&folder).unwrap();
    let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let files: Vec<PathBuf> =
        files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    assert!(!files.is_empty(), "{} holds no traffic", folder.display());
    files
}

#[test]
fn recorded_frames_are_understood() {
    covers!["000-059"];
    let mut problems = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut calls = BTreeMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            if let Err(problem) = understood(line, &mut calls) {
                problems.push(format!("{}:{}: {problem}", file.display(), number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn understood(line: &str, calls: &mut BTreeMap<RequestId, String>) -> Result<(), String> {
    let show = |error: codexkit_protocol::DecodeError| error.to_string();
    let decoded = match Inbound::parse(line).map_err(show)? {
        Inbound::Notification { method, params, .. } => {
            let told =
                ServerNotification::decode(&method, params).map_err(|error| format!("{method}: {error}"))?;
            format!("{told:?}")
        }
        Inbound::Request { id, method, .. } if registry::answer(&method, "null").is_some() => {
            calls.insert(id, method.into_owned());
            return Ok(());
        }
        Inbound::Request { id, method, params } => {
            let request = RawRequest::new(id, method.as_ref(), params.to_owned());
            let asked = ServerRequest::decode(&request).map_err(|error| format!("{method}: {error}"))?;
            format!("{asked:?}")
        }
        Inbound::Response { id, result } => match calls.remove(&id) {
            Some(method) => {
                let answer = registry::answer(&method, result.get()).unwrap();
                answer.map_err(|error| format!("answer to {method}: {error}"))?
            }
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    if decoded.contains("Unrecognized") { Err(format!("not recognized: {line}")) } else { Ok(()) }
}
