//! The workspace's own commands.

mod codegen;
mod error;
mod schema;
mod soak;

use error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask codegen [--check]     write the generated protocol types, or fail when they are not up to date
cargo xtask schema CODEX...       read the schemas of these codex binaries, oldest first, and commit what codegen needs
cargo xtask soak [ARGS]           run random load with random faults, and fail on growth: --seed N, --minutes M";

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
        ["codegen"] => codegen::write(&protocol()),
        ["codegen", "--check"] => codegen::check(&protocol()),
        ["schema", binaries @ ..] if !binaries.is_empty() => schema::refresh(&protocol(), binaries),
        ["soak", arguments @ ..] => soak::run(arguments),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(Error::new(format!("unknown command\n{HELP}"))),
    }
}

/// The folder of the protocol crate.
fn protocol() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/protocol")
}
