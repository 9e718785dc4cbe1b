//! The same for programs without async.

use super::Offline;
use codexkit_testkit::fixture::Fixture;
use codexkit_testkit::model::{Model, Script};
use std::error::Error;

/// Sets a scripted model and a private home up.
pub(crate) fn offline(script: impl Into<Script>) -> Result<Offline, Box<dyn Error>> {
    let model = Model::start_blocking(script)?;
    let fixture = Fixture::new(&model)?;
    Ok(Offline { model, fixture })
}
