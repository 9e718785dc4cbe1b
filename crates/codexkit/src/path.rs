//! Paths on their way to the server, which takes text.

use crate::error::{Error, ErrorKind, Result};
use std::path::Path;

/// What is wrong with what a builder was given, kept for the one who awaits it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(Option<Error>);

impl Refused {
    /// The first one counts.
    pub(crate) fn keep(&mut self, error: Error) {
        self.0.get_or_insert(error);
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.0.clone().map_or(Ok(()), Err)
    }
}

/// A path as the server takes it.
///
/// # Errors
///
/// `Usage` for one that is not UTF-8: sent with other letters in their place, it would be another path.
pub(crate) fn text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let text = format!(
            "the path {path:?} is not UTF-8, and the server takes no other; rename it, or use another one"
        );
        Error::new(ErrorKind::Usage, text)
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn only_what_can_be_said_as_it_is_becomes_text() {
        assert_eq!(text(Path::new("/w/ü")).unwrap(), "/w/ü");
        let error = text(Path::new(OsStr::from_bytes(b"/w/\xff"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains(r"/w/\xFF"), "{error}");
    }
}
