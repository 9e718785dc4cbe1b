//! Test tools for codexkit.
