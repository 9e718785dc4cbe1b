//! Builds the fuzz targets and runs them side by side.
//!
//! `cargo fuzz run --sanitizer none` does the same for one target. This needs nothing that has to be installed, and a
//! stable compiler: there is no unsafe code here that a sanitizer would watch.

use crate::error::{Error, Result};
use crate::tool;
use std::path::Path;
use std::process::{Command, Stdio};

/// Each with seeds of its own.
const TARGETS: [&str; 3] = ["lines", "inbound", "decode"];

/// What cargo-fuzz compiles with: libFuzzer learns from these counters which inputs are new.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Ccodegen-units=1",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Runs each target for so many seconds, from its seeds and what earlier runs have found.
///
/// The end of a crash, and the input that led to it, are in `fuzz/artifacts`.
pub(crate) fn run(workspace: &Path, seconds: u32) -> Result<()> {
    let folder = workspace.join("fuzz");
    // With a target, the flags are not used for build scripts.
    let host = tool::host()?;
    let mut build = Command::new("cargo");
    build.current_dir(&folder).args(["build", "--release", "--locked", "--target", &host]);
    build.arg("--target-dir").arg(folder.join("target")).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    tool::run(&mut build)?;

    let binaries = folder.join("target").join(&host).join("release");
    let started = TARGETS.map(|target| {
        let (corpus, artifacts) = (folder.join("corpus").join(target), folder.join("artifacts").join(target));
        for folder in [&corpus, &artifacts] {
            std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
        }
        let mut run = Command::new(binaries.join(target));
        run.args(["-max_len=8192", "-timeout=10", "-verbosity=0", "-print_final_stats=1"]);
        run.arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()));
        run.arg(corpus).arg(folder.join("seeds").join(target));
        let running = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        Ok((target, running.map_err(|error| Error::new(format!("{target}: {error}")))?))
    });
    let mut failed = Vec::new();
    for started in started {
        let (target, running) = started?;
        let end = running.wait_with_output().map_err(|error| Error::new(format!("{target}: {error}")))?;
        let report = String::from_utf8_lossy(&end.stderr);
        let runs = report.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        println!("{target}: {} runs", runs.map_or("no", str::trim));
        if !end.status.success() {
            eprintln!("{report}");
            failed.push(target);
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(Error::new(format!("found something in {}; see fuzz/artifacts", failed.join(", ")))),
    }
}
