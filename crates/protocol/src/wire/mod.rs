//! The macros that the generated files are written with.

mod messages;
mod setters;
mod structs;
mod unions;

pub(crate) use messages::*;
pub(crate) use setters::*;
pub(crate) use structs::*;
pub(crate) use unions::*;
