//! codexkit against the real codex app-server.
