//! What an allow rule says about one thing that is asked for.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permit {
    Yes,
    No,
    /// It is about this, but something is missing.
    Almost(String),
}

impl From<bool> for Permit {
    fn from(permits: bool) -> Self {
        if permits { Self::Yes } else { Self::No }
    }
}
