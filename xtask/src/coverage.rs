//! `cargo xtask coverage`: the document that says which test shows what, made from the tests that have passed.

use crate::error::{Error, Result, read, write};
use crate::tool::run as run_to_its_end;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

const DOCUMENT: &str = "docs/coverage.md";

/// Runs all tests and writes the document.
pub(crate) fn run(workspace: &Path) -> Result<()> {
    let records = fresh(workspace)?;
    let mut tests = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    tests.current_dir(workspace).args(["test", "--workspace", "--all-features"]);
    run_to_its_end(tests.env(coverage::RECORDS, &records).env_remove("CODEXKIT_SKIP_REAL"))?;
    write_from(workspace, &records)
}

/// Writes the document from the records of a run of the tests that has been made.
pub(crate) fn write_from(workspace: &Path, records: &Path) -> Result<()> {
    write(&workspace.join(DOCUMENT), &document(records)?)
}

/// Fails when the document says something else than the records of a run of the tests.
pub(crate) fn check(workspace: &Path, records: &Path) -> Result<()> {
    match read(&workspace.join(DOCUMENT))? == document(records)? {
        true => Ok(()),
        false => Err(Error::new(format!("{DOCUMENT} is not up to date: run `cargo xtask coverage`"))),
    }
}

fn document(records: &Path) -> Result<String> {
    let found = coverage::read_records(records).map_err(|error| Error::file(records, error))?;
    coverage::document(&found)
        .map_err(|wrong| Error::new(format!("the rows and the tests do not fit:\n{wrong}")))
}

/// Where nothing of an earlier run is.
fn fresh(workspace: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let records = target.join("coverage-records");
    write(&records, "")?;
    records.canonicalize().map_err(|error| Error::file(&records, error))
}
