//! Other programs that the commands run.

use crate::error::{Error, Result};
use std::process::Command;

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::new(format!("`{shown}` ended with {status}"))),
        Err(error) => Err(Error::new(format!("`{shown}` could not be run: {error}"))),
    }
}

/// What this compiler compiles for by default.
pub(crate) fn host() -> Result<String> {
    let said = Command::new("rustc").arg("-vV").output();
    let said = said.map_err(|error| Error::new(format!("`rustc` could not be run: {error}")))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::new("`rustc -vV` names no host"))
}
