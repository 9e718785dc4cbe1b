//! `cargo xtask compat`: the same tests against old and new versions of codex, and the document that says what came of it.

mod document;
mod features;
mod outcome;
mod version;

use crate::codegen::history::History;
use crate::error::{Error, Result, read, write};
use document::Document;
use outcome::Outcome;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use version::Version;

/// The end-to-end tests that must hold on every version: those that are about what the server does. What a version lacks,
/// each test says by itself. The others are about this program alone, or about what no version does differently.
const CONFORMANCE: [&str; 33] = [
    "account",
    "approvals",
    "asks",
    "calls",
    "compatibility",
    "config",
    "connecting",
    "continuations",
    "continuations_elsewhere",
    "endings",
    "exec",
    "families",
    "goals",
    "halves",
    "inputs",
    "launching",
    "lists",
    "liveness",
    "overload",
    "reconnecting",
    "refusals",
    "reviews",
    "rules",
    "several_clients",
    "sockets",
    "structured",
    "thread_lists",
    "thread_options",
    "threads",
    "tools",
    "turn_options",
    "turns",
    "usage",
];

/// Runs the tests against these versions, or against those whose schemas were read and the newest that there is, and
/// writes what came of it into `docs/compatibility.md`. What is written there about other versions stays.
pub(crate) fn run(workspace: &Path, versions: &[&str]) -> Result<()> {
    let history = History::load(&workspace.join("crates/protocol/schema/history.json"))?;
    let versions = match versions {
        [] => {
            let read = history.versions.iter().map(|version| parse(version));
            read.chain([newest()]).collect::<Result<_>>()?
        }
        given => given.iter().map(|version| parse(version)).collect::<Result<_>>()?,
    };
    let path = workspace.join("docs/compatibility.md");
    let mut document = Document::parse(&read(&path)?)?;
    let mut failed = Vec::new();
    for version in sorted(versions) {
        let outcome = test(workspace, version)?;
        println!("{outcome}");
        match outcome.failed.is_empty() {
            true => document.put(version, outcome.describe()),
            false => failed.push(version.to_string()),
        }
    }
    match failed.as_slice() {
        [] => write(&path, &document.render(&features::describe(&history))),
        failed => Err(Error::new(format!("tests have failed with codex {}", failed.join(" and ")))),
    }
}

fn sorted(mut versions: Vec<Version>) -> Vec<Version> {
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn parse(text: &str) -> Result<Version> {
    text.trim().parse().map_err(|()| Error::new(format!("`{text}` is no version")))
}

/// The newest version that npm knows.
fn newest() -> Result<Version> {
    parse(&said_by(Command::new("npm").args(["view", "@openai/codex", "version"]))?)
}

/// Runs the tests against one version.
fn test(workspace: &Path, version: Version) -> Result<Outcome> {
    let mut install = cargo(workspace);
    install.args(["run", "--quiet", "--package", "e2e", "--bin", "provision", "--"]).arg(version.to_string());
    let binary = PathBuf::from(said_by(&mut install)?.trim());
    let mut outcome = Outcome::new(version);
    for target in CONFORMANCE {
        let mut tests = cargo(workspace);
        tests.args(["test", "--quiet", "--package", "e2e", "--test", target, "--"]);
        // One line for each test, and what it has said even if it has passed.
        tests.args(["--format", "pretty", "--show-output"]);
        tests.env("CODEXKIT_CODEX", &binary).env_remove("CODEXKIT_SKIP_REAL").env("RUST_BACKTRACE", "0");
        let ran = output(&mut tests)?;
        outcome.take_in(target, &String::from_utf8_lossy(&ran.stdout), ran.status.success())?;
    }
    Ok(outcome)
}

fn cargo(workspace: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(workspace);
    cargo
}

/// What a program writes to its standard output, if it ends well.
fn said_by(command: &mut Command) -> Result<String> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let output = output(command)?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(Error::new(format!("`{shown}` ended with {}", output.status))),
    }
}

fn output(command: &mut Command) -> Result<std::process::Output> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::inherit()).output();
    output.map_err(|error| Error::new(format!("`{shown}` could not be run: {error}")))
}
