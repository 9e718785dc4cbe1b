//! `cargo xtask schema`: from codex binaries to the files that the generator reads.

mod compact;
mod history;
mod run;

use crate::error::{Error, Result, write};
use run::Generated;
use std::path::Path;

/// Runs the binaries, oldest first, and writes `oldest.json`, `newest.json` and `history.json`.
pub(crate) fn refresh(protocol: &Path, binaries: &[&str]) -> Result<()> {
    let mut versions =
        binaries.iter().map(|binary| Generated::by(Path::new(binary))).collect::<Result<Vec<_>>>()?;
    versions.sort_by_key(|generated| generated.version);
    let (Some(oldest), Some(newest)) = (versions.first(), versions.last()) else {
        return Err(Error::new("no codex binary was named"));
    };
    let folder = protocol.join("schema");
    write(&folder.join("oldest.json"), &compact::compact(&oldest.full)?)?;
    write(&folder.join("newest.json"), &compact::compact(&newest.full)?)?;
    write(&folder.join("history.json"), &history::history(&versions)?)
}
