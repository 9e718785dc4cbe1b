//! Running an example.

use e2e::skipped;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What became of an example.
pub(crate) struct Played {
    pub(crate) output: String,
    pub(crate) requests: Vec<Value>,
}

/// Runs an example with this as its input; nothing if the tests against the real codex are to be left out.
pub(crate) fn play(example: &str, input: &str) -> Option<Played> {
    if skipped() {
        return None;
    }
    // That is what examples run on.
    e2e::real_codex();
    let requests = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{example}-requests.jsonl"));
    // That of an earlier run is not to be taken for this one's.
    let _ = std::fs::remove_file(&requests);
    let mut run = Command::new(binary(example))
        .env("EXAMPLE_REQUESTS", &requests)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    // An example that reads nothing may be over by now.
    let _ = run.stdin.take().expect("its input").write_all(input.as_bytes());
    let end = run.wait_with_output().expect("the example ends");
    let output = String::from_utf8(end.stdout).expect("its output is text");
    let errors = String::from_utf8_lossy(&end.stderr);
    assert!(end.status.success(), "{example} failed:\n{output}\n{errors}");
    // One without a model leaves none.
    let requests = std::fs::read_to_string(requests).unwrap_or_default();
    let requests = requests.lines().map(|line| serde_json::from_str(line).expect("a request")).collect();
    Some(Played { output, requests })
}

/// Where cargo puts the examples, beside the folder of this test.
fn binary(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.ancestors().nth(2).expect("cargo's folder");
    let binary = folder.join("examples").join(example);
    assert!(
        binary.exists(),
        "{example} is not built; `cargo build --workspace --examples --all-features` does it"
    );
    binary
}

impl Played {
    /// What the user has said by the request of this number, without what the server adds.
    pub(crate) fn asked(&self, request: usize) -> Vec<String> {
        let items = self.requests[request]["input"].as_array().expect("a list of items").iter();
        let messages = items.filter(|item| item["role"] == "user");
        let parts = messages.flat_map(|item| item["content"].as_array().expect("a content").iter());
        let texts = parts.filter_map(|part| part["text"].as_str()).filter(|text| !text.starts_with('<'));
        texts.map(str::to_owned).collect()
    }

    /// The output of a call, as the model was told of it by the request of this number.
    pub(crate) fn told(&self, request: usize) -> String {
        let input = self.requests[request]["input"].as_array().expect("a list of items");
        let outputs =
            input.iter().filter(|item| item["type"].as_str().is_some_and(|kind| kind.ends_with("_output")));
        outputs.map(|item| item["output"].to_string()).collect()
    }

    pub(crate) fn assert_says(&self, lines: &[&str]) {
        assert_eq!(self.output.lines().collect::<Vec<_>>(), lines);
    }
}
