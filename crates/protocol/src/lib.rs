//! Every wire type of `codex app-server`, without any I/O.
