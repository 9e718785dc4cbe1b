//! Versions of the codex binary.

use std::fmt;
use std::str::FromStr;

/// A version of the codex binary: `major.minor.patch`. Pre-release suffixes are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number, which codex raises with each release.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl Version {
    /// A version from its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is not of the form `major.minor.patch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseVersionError(());

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a version of the form major.minor.patch")
    }
}

impl std::error::Error for ParseVersionError {}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let release = text.split(['-', '+']).next().unwrap_or(text);
        let mut numbers = release.split('.').map(|n| n.parse::<u32>().map_err(|_| ParseVersionError(())));
        let mut next = || numbers.next().ok_or(ParseVersionError(()))?;
        let version = Self::new(next()?, next()?, next()?);
        match numbers.next() {
            None => Ok(version),
            Some(_) => Err(ParseVersionError(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_ignore_suffixes() {
        let parse = |text: &str| text.parse::<Version>().ok();
        assert!(parse("0.133.0") < parse("0.144.4"));
        assert_eq!(parse("0.169.0-alpha.2"), Some(Version::new(0, 169, 0)));
        for bad in ["", "0.1", "0.1.x", "1.2.3.4"] {
            assert!(parse(bad).is_none(), "{bad:?}");
        }
    }
}
