//! `docs/compatibility.md`, whose text is written by hand up to a mark, and by `cargo xtask compat` behind it.

use super::version::Version;
use crate::error::{Error, Result};
use std::collections::BTreeMap;

const MARK: &str = "<!-- What follows is written by `cargo xtask compat`. -->\n";
const TESTS: &str = "\n## What the tests say\n";
const FEATURES: &str = "\n## What came and went\n";
const VERSION: &str = "\n### codex ";

/// The document, taken apart.
#[derive(Debug)]
pub(super) struct Document {
    by_hand: String,
    versions: BTreeMap<Version, String>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (by_hand, generated) = text
            .split_once(MARK)
            .ok_or_else(|| Error::new(format!("docs/compatibility.md lacks its mark: {MARK}")))?;
        let tests = generated.split_once(FEATURES).map_or("", |(tests, _)| tests);
        let sections = tests.split(VERSION).skip(1).filter_map(|section| {
            let (version, text) = section.split_once('\n')?;
            Some((version.parse().ok()?, text.trim().to_owned() + "\n"))
        });
        Ok(Self { by_hand: by_hand.to_owned(), versions: sections.collect() })
    }

    /// Says something else about a version.
    pub(super) fn put(&mut self, version: Version, text: String) {
        self.versions.insert(version, text);
    }

    /// The text, with the newest version first.
    pub(super) fn render(&self, features: &str) -> String {
        let mut text = format!("{}{MARK}{TESTS}", self.by_hand);
        for (version, about) in self.versions.iter().rev() {
            text.push_str(&format!("{VERSION}{version}\n\n{about}"));
        }
        text + FEATURES + "\n" + features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_by_hand_and_about_other_versions_stays() {
        let mut document = Document::parse(&format!("# By hand\n\n{MARK}rubbish\n")).unwrap();
        document.put("0.1.0".parse().unwrap(), "Old.\n".to_owned());
        document.put("0.2.0".parse().unwrap(), "New.\n\n- x\n".to_owned());
        let text = document.render("Features.\n");
        assert!(text.starts_with("# By hand\n\n") && !text.contains("rubbish"), "{text}");
        assert!(text.find("0.2.0") < text.find("0.1.0"), "{text}");

        let again = Document::parse(&text).unwrap();
        assert_eq!(again.render("Features.\n"), text);
        let mut changed = again;
        changed.put("0.1.0".parse().unwrap(), "Changed.\n".to_owned());
        assert_eq!(changed.render("Features.\n"), text.replace("Old.", "Changed."));
    }

    #[test]
    fn a_document_without_its_mark_is_refused() {
        assert!(Document::parse("# By hand\n").is_err());
    }
}
