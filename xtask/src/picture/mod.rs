//! Draws the quickstart, as it runs, for the README.

mod draw;
mod record;
mod screen;
mod timing;

use crate::error::{Error, Result, write};
use crate::tool;
use std::path::Path;
use std::process::Command;

/// What somebody types who wants to see it.
const COMMAND: &str = "cargo run --example quickstart";

/// Runs the quickstart in a terminal, allows what it asks for, and writes what was seen to `docs/quickstart.svg`.
pub(crate) fn run(workspace: &Path) -> Result<()> {
    let build = ["build", "--quiet", "--locked", "--package", "codexkit", "--example", "quickstart"];
    tool::run(Command::new("cargo").current_dir(workspace).args(build))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);

    let said = record::record(&target.join("debug/examples/quickstart"))?;
    let lines = screen::lines(&said);
    let asked = lines.iter().any(|line| line.answer.is_some());
    if !asked {
        return Err(Error::new(format!("the quickstart has asked for no approval:\n{}", text(&lines))));
    }
    // Folders are those of this machine and of this run.
    if let Some(line) =
        lines.iter().find(|line| line.text().contains("/tmp/") || line.text().contains("/home/"))
    {
        return Err(Error::new(format!("a folder would be in the picture: {}", line.text())));
    }
    let picture = workspace.join("docs/quickstart.svg");
    write(&picture, &draw::draw(&timing::timed(COMMAND, lines)))?;
    println!("{} is written", picture.display());
    Ok(())
}

fn text(lines: &[screen::Line]) -> String {
    lines.iter().map(|line| line.text() + "\n").collect()
}
