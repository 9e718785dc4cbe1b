//! Which codex versions this SDK works with, and telling them apart.

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Version;

/// The oldest codex that is accepted.
pub const MINIMUM_CODEX: Version = Version::new(0, 133, 0);

/// The codex versions that the tests of this release ran against, newest first. The first one is what
/// [`Provision::pinned`](crate::Provision::pinned) installs.
pub const TESTED_CODEX: &[Version] = &[
    PINNED_CODEX,
    Version::new(0, 163, 0),
    Version::new(0, 154, 0),
    Version::new(0, 144, 4),
    Version::new(0, 133, 0),
];

/// The codex that this release is made for.
pub(super) const PINNED_CODEX: Version = Version::new(0, 169, 0);

/// Reads the server's version out of the `userAgent` of its first answer: `<client name>/<version> (<system>) ..`.
///
/// The client name is ours and may hold anything, slashes and versions too. The environment can make the server use another
/// one; then the first thing that looks like a version counts.
pub(crate) fn server_version(user_agent: &str, client_name: &str) -> Option<Version> {
    let after_our_name = user_agent.strip_prefix(client_name).and_then(|rest| rest.strip_prefix('/'));
    let after_slashes = || user_agent.match_indices('/').map(|(at, slash)| &user_agent[at + slash.len()..]);
    after_our_name.and_then(leading_version).or_else(|| after_slashes().find_map(leading_version))
}

fn leading_version(text: &str) -> Option<Version> {
    text.split_once(" (").map_or(text, |(version, _)| version).parse().ok()
}

/// Refuses a server that is too old.
///
/// # Errors
/// `Incompatible`, with both versions and what to do.
pub(crate) fn check_version(server: Version) -> Result<()> {
    if server >= MINIMUM_CODEX {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Incompatible,
        format!(
            "this codex is version {server}; version {MINIMUM_CODEX} or newer is needed: update it (npm install -g \
             @openai/codex) or let codexkit install its own"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    #[test]
    fn the_version_stands_behind_the_client_name_whatever_that_is() {
        covers!["O06", "D15"];
        let cases = [
            ("proto", "proto/0.169.0 (Debian 12.0.0; x86_64) xterm (proto; 0.1)"),
            ("a/0.1.2 (x)", "a/0.1.2 (x)/0.169.0 (Debian 12.0.0; x86_64) xterm (a/0.1.2 (x); 1.0)"),
            ("my app", "my app/0.169.0 (Mac OS 15.1.0; arm64) unknown (my app; 1.0)"),
            ("", "/0.169.0 (Debian 12.0.0; x86_64) xterm (; 1.0)"),
            ("ä", "ä/0.169.0-alpha.3 (Debian 12.0.0; x86_64) xterm (ä; 1.0)"),
            ("proto", "another/name/0.169.0 (Debian 12.0.0; x86_64) xterm (proto; 0.1)"),
            ("proto", "proto/0.169.0"),
        ];
        for (client, user_agent) in cases {
            assert_eq!(server_version(user_agent, client), Some(Version::new(0, 169, 0)), "{user_agent}");
        }
        for no_codex in ["", "proto", "proto/", "proto/x (y)", "nginx"] {
            assert_eq!(server_version(no_codex, "proto"), None, "{no_codex}");
        }
    }

    #[test]
    fn a_server_that_is_too_old_is_refused_with_both_versions() {
        covers!["002-102"];
        assert!(check_version(MINIMUM_CODEX).is_ok() && check_version(Version::new(1, 0, 0)).is_ok());
        let error = check_version(Version::new(0, 132, 9)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incompatible);
        let text = error.to_string();
        assert!(text.contains("0.132.9") && text.contains(&MINIMUM_CODEX.to_string()), "{text}");
    }

    #[test]
    fn what_was_tested_is_accepted() {
        covers!["002-101"];
        assert!(TESTED_CODEX.iter().all(|version| check_version(*version).is_ok()));
        assert_eq!(TESTED_CODEX.first(), Some(&PINNED_CODEX));
    }
}
