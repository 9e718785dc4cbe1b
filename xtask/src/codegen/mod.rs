//! `cargo xtask codegen`: from the committed schemas to Rust.

mod emit;
pub(crate) mod history;
mod ir;
mod load;
mod load_union;
mod merge;
mod model;
mod names;
mod overrides;
mod stale;

use crate::error::Result;
use crate::generated::Folder;
use model::Model;
use std::path::Path;

/// Writes the generated files.
pub(crate) fn write(protocol: &Path) -> Result<()> {
    folder(protocol).write(&emit::files(&model(protocol)?)?)
}

/// Fails when the generated files are not what would be written now.
pub(crate) fn check(protocol: &Path) -> Result<()> {
    folder(protocol).check(&emit::files(&model(protocol)?)?)
}

fn folder(protocol: &Path) -> Folder<'_> {
    Folder { root: protocol, generated: &["src/generated", "tests/generated"] }
}

fn model(protocol: &Path) -> Result<Model> {
    let folder = protocol.join("schema");
    let overrides = overrides::Overrides::load(&folder.join("overrides.toml"))?;
    let history = history::History::load(&folder.join("history.json"))?;
    let oldest = load::load(&folder.join("oldest.json"), &overrides)?;
    let newest = load::load(&folder.join("newest.json"), &overrides)?;
    let mut schema = merge::merge(&oldest, &newest)?;
    merge::weaken_in_between(&mut schema, &history.optional_in_between, |union, tag| {
        overrides.payload(union, tag)
    });
    stale::check(&overrides, &schema)?;
    Model::new(schema, overrides, history)
}

#[cfg(test)]
mod tests {
    use coverage::covers;
    use std::path::Path;

    #[test]
    fn the_committed_files_are_up_to_date() {
        covers!["000-064", "001-077"];
        super::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/protocol")).unwrap();
    }
}
