//! The workspace's own commands.

mod blocking;
mod codegen;
mod compat;
mod coverage;
mod error;
mod fuzz;
mod generated;
mod picture;
mod schema;
mod soak;
mod tool;
mod tsan;

use error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask codegen [--check]     write the protocol types and the blocking half, or fail when they are not up to date
cargo xtask schema CODEX...       read the schemas of these codex binaries, oldest first, and commit what codegen needs
cargo xtask compat [VERSION...]   run the end-to-end tests against these codex versions, or all that are known, and write docs/compatibility.md
cargo xtask coverage [RECORDS]    run all tests and write docs/coverage.md from those that pass, or write it from the records of such a run
cargo xtask coverage --check RECORDS  fail when docs/coverage.md says something else than these records
cargo xtask soak [ARGS]           run random load with random faults, and fail on growth: --seed N, --minutes M
cargo xtask fuzz [--seconds N]    run each fuzz target for so many seconds, 30 unless said
cargo xtask tsan                  run the tests of the connection under ThreadSanitizer
cargo xtask picture               run the quickstart and draw it for the README: docs/quickstart.svg";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["codegen"] => codegen::write(&protocol()).and_then(|()| blocking::write(&sdk())),
        ["codegen", "--check"] => codegen::check(&protocol()).and_then(|()| blocking::check(&sdk())),
        ["schema", binaries @ ..] if !binaries.is_empty() => schema::refresh(&protocol(), binaries),
        ["compat", versions @ ..] => compat::run(&workspace(), versions),
        ["coverage"] => coverage::run(&workspace()),
        ["coverage", "--check", records] => coverage::check(&workspace(), Path::new(records)),
        ["coverage", records] => coverage::write_from(&workspace(), Path::new(records)),
        ["soak", arguments @ ..] => soak::run(arguments),
        ["fuzz"] => fuzz::run(&workspace(), 30),
        ["fuzz", "--seconds", seconds] => {
            let seconds = seconds.parse().map_err(|_| Error::new(format!("`{seconds}` are no seconds")))?;
            fuzz::run(&workspace(), seconds)
        }
        ["tsan"] => tsan::run(&workspace()),
        ["picture"] => picture::run(&workspace()),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(Error::new(format!("unknown command\n{HELP}"))),
    }
}

/// The root of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the protocol crate.
fn protocol() -> PathBuf {
    workspace().join("crates/protocol")
}

/// The folder of the SDK itself.
fn sdk() -> PathBuf {
    workspace().join("crates/codexkit")
}
