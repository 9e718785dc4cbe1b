//! Runs the soak, which is a program of the end-to-end tests: so this one stays small.

use crate::error::{Error, Result};
use std::process::Command;

/// Builds it with optimisations and runs it.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut soak = Command::new(cargo);
    soak.args(["run", "--release", "--package", "e2e", "--bin", "soak", "--"]).args(arguments);
    let status = soak.status().map_err(|error| Error::new(format!("cargo could not be run: {error}")))?;
    if status.success() { Ok(()) } else { Err(Error::new(format!("the soak has failed: {status}"))) }
}
