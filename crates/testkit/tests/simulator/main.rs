//! The simulated server: like the real one where nothing else is scripted, and else as scripted.

#![allow(missing_docs, clippy::unwrap_used)]

mod chaos;
mod likeness;
mod scripted;
