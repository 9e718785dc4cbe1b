//! What came of the tests with one version.

use super::version::Version;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

/// How a test begins what it says when the server lacks what it needs; see `needs.rs` of the end-to-end tests.
const SKIPPED: &str = "SKIPPED: ";

/// What came of the tests with one version.
#[derive(Debug)]
pub(super) struct Outcome {
    version: Version,
    passed: usize,
    pub(super) failed: Vec<String>,
    /// What the server lacks, and the tests that need it.
    lacking: BTreeMap<String, BTreeSet<String>>,
}

impl Outcome {
    pub(super) fn new(version: Version) -> Self {
        Self { version, passed: 0, failed: Vec::new(), lacking: BTreeMap::new() }
    }

    /// Takes in what the tests of one target have printed.
    pub(super) fn take_in(&mut self, target: &str, printed: &str, succeeded: bool) -> Result<()> {
        let (mut ran, mut speaking, failed_before) = (0, "", self.failed.len());
        for line in printed.lines() {
            if let Some((name, result)) =
                line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... "))
            {
                ran += 1;
                match result {
                    "ok" => self.passed += 1,
                    _ => self.failed.push(format!("{target}: {name}")),
                }
            } else if let Some(name) =
                line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----"))
            {
                speaking = name;
            } else if let Some(why) = line.strip_prefix(SKIPPED) {
                let what = why.split_once(": ").map_or(why, |(_, what)| what);
                // The same test over several transports is one.
                let name = speaking.rsplit("::").next().unwrap_or(speaking);
                self.lacking.entry(what.to_owned()).or_default().insert(name.to_owned());
            }
        }
        match succeeded == (self.failed.len() == failed_before) && ran > 0 {
            true => Ok(()),
            false => Err(Error::new(format!("the tests `{target}` ended in an unknown way:\n{printed}"))),
        }
    }

    /// For the document.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("{} tests have passed.", self.passed);
        if self.lacking.is_empty() {
            text.push_str(" It lacks nothing that they need.\n");
            return text;
        }
        text.push_str(" It lacks:\n\n");
        for (what, tests) in &self.lacking {
            let tests: Vec<_> = tests.iter().map(|test| test.replace('_', " ")).collect();
            let _ = writeln!(text, "- {what}: {}", tests.join("; "));
        }
        text
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, passed, failed) = (self.version, self.passed, self.failed.len());
        write!(
            f,
            "codex {version}: {passed} tests passed, {failed} failed, {} needs it lacks",
            self.lacking.len()
        )?;
        self.failed.iter().try_for_each(|failed| write!(f, "\n  failed: {failed}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "
running 3 tests
test over_stdio::one ... ok
test over_memory::one ... ok
test two ... ok

successes:

---- over_memory::one stdout ----
SKIPPED: codex 0.1.2 lacks what this needs: `a/b` (since 0.2.0)

---- over_stdio::one stdout ----
SKIPPED: codex 0.1.2 lacks what this needs: `a/b` (since 0.2.0)


test result: ok. 3 passed; 0 failed; 0 ignored
";

    fn version() -> Version {
        "0.1.2".parse().unwrap()
    }

    #[test]
    fn what_a_version_lacks_is_told_with_the_tests_that_need_it() {
        let mut outcome = Outcome::new(version());
        outcome.take_in("t", PRINTED, true).unwrap();
        assert_eq!(outcome.describe(), "3 tests have passed. It lacks:\n\n- `a/b` (since 0.2.0): one\n");
    }

    #[test]
    fn a_test_that_fails_is_named_and_one_that_cannot_be_told_is_an_error() {
        let mut outcome = Outcome::new(version());
        outcome.take_in("t", "test x::two ... FAILED\n", false).unwrap();
        assert_eq!(outcome.failed, ["t: x::two"]);
        assert!(outcome.take_in("t", "test two ... ok\n", false).is_err());
        assert!(outcome.take_in("t", "", true).is_err());
    }
}
