//! Finding, checking, installing and owning the codex process.
