//! What a test needs of the codex that it is run against, which may be an old one.

use crate::{codex_binary, evidence, skipped};
use codexkit::protocol::{Method, Version};
use std::process::Command;

/// Whether the test cannot be run, for the server lacks a method (`thread/delete`) or a parameter of one
/// (`turn/start.toolOutput`). It is then said.
///
/// # Panics
///
/// When no codex has it: then the test has a typo.
pub async fn lacks(feature: &str) -> bool {
    let (since, until) = lifetime(feature).unwrap_or_else(|| panic!("no codex has `{feature}`"));
    if skipped() {
        return true;
    }
    let version = codex_version().await;
    let lacks = version < since || until.is_some_and(|until| version >= until);
    if lacks {
        let until = until.map(|until| format!(", gone in {until}")).unwrap_or_default();
        say(version, &format!("`{feature}` (since {since}{until})"));
    }
    lacks
}

/// Whether the test cannot be run, for servers before a version behave in another way, which no schema tells. It is then
/// said.
pub async fn differs_before(since: Version, what: &str) -> bool {
    if skipped() {
        return true;
    }
    let version = codex_version().await;
    if version < since {
        say(version, &format!("{what} (since {since})"));
    }
    version < since
}

/// `cargo xtask compat` reads this.
fn say(version: Version, needed: &str) {
    evidence::left_out();
    eprintln!("SKIPPED: codex {version} lacks what this needs: {needed}");
}

/// When a method or parameter came, and when it went.
fn lifetime(feature: &str) -> Option<(Version, Option<Version>)> {
    let Some((method, field)) = feature.split_once('.') else {
        return Method::find(feature).map(|method| (method.since, method.until));
    };
    let mut fields = Method::find(method)?.fields.iter();
    fields.find(|known| known.name == field).map(|field| (field.since, field.until))
}

/// The version of the codex that the tests run against, as it says itself.
///
/// # Panics
///
/// When it does not say so.
pub async fn codex_version() -> Version {
    let said = Command::new(codex_binary().await).arg("--version").output().expect("codex runs");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let version = said.split_whitespace().find_map(|word| word.parse().ok());
    version.unwrap_or_else(|| panic!("`codex --version` names no version: {said}"))
}
