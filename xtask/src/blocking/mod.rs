//! `cargo xtask codegen`, too: the blocking half of the SDK, written out from the async half.
//!
//! Every handle and builder of the async half gets a blocking twin of the same name that holds it. Signatures, setters and
//! docs are those of the async half, so that nothing is said twice by hand.

mod adapt;
mod emit;
mod expand;
mod imports;
mod methods;
mod prose;
mod source;
mod uses;

use crate::error::Result;
use crate::generated::{Files, Folder};
use source::Half;
use std::path::Path;

/// Handles and builders that hold a connection, and so get a twin.
const TWINS: [&str; 29] = [
    "Account",
    "AskObserver",
    "Asks",
    "Codex",
    "ConfigWrite",
    "Configuration",
    "Exec",
    "ExecControl",
    "FileWatch",
    "Files",
    "ForkThread",
    "Goal",
    "GoalControl",
    "GoalRun",
    "Listing",
    "Login",
    "Notifications",
    "Outcome",
    "ResumeThread",
    "Run",
    "RunningExec",
    "SpawnProcess",
    "StartThread",
    "Steps",
    "StructuredRun",
    "Thread",
    "Turn",
    "TurnControl",
    "UpdateSettings",
];

/// Twins of what exists before any connection does.
const UNCONNECTED: [&str; 2] = ["CodexBuilder", "Tool"];

/// Other names for what has a twin.
const ALIASES: [&str; 3] = ["Compaction", "Review", "ShellCommand"];

/// Writes the generated files.
pub(crate) fn write(sdk: &Path) -> Result<()> {
    folder(sdk).write(&files(sdk)?)
}

/// Fails when the generated files are not what would be written now.
pub(crate) fn check(sdk: &Path) -> Result<()> {
    folder(sdk).check(&files(sdk)?)
}

fn folder(sdk: &Path) -> Folder<'_> {
    Folder { root: sdk, generated: &["src/blocking/generated"] }
}

fn files(sdk: &Path) -> Result<Files> {
    let mut names: Vec<&str> = TWINS.into_iter().chain(UNCONNECTED).collect();
    names.sort_unstable();
    let half = Half::read(&sdk.join("src"), &names)?;
    emit::files(&half)
}

#[cfg(test)]
mod tests;
