//! Answers in a form that the program has asked for.

mod fits;
mod limits;
mod rewrite;
mod run;
mod strict;
#[cfg(test)]
mod tests;
mod walk;

pub use run::{Structured, StructuredRun};
pub use strict::{SchemaChange, StrictSchema};
