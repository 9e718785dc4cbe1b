//! Rules as values: what the agent may do, decided by code that can be read and tested.
//!
//! [`Rules`] decide about a [`Subject`] and say why. They know nothing of connections, and nothing of what the server
//! thinks of a command. Whatever they cannot tell for sure is asked about, never allowed.
//!
//! An allow rule is narrow, a deny or an ask rule is wide; the types see to it that "any" and "this program" can be
//! denied and asked about but not allowed. [`Command`] says what exactly matches.
//!
//! An [`AuditRecord`] tells who asked for what, and how it was decided.

mod anything;
mod audit;
mod command;
mod decision;
mod file_system;
mod files;
mod glob;
mod ground;
mod mcp;
mod network;
mod paths;
mod pattern;
mod permissions;
mod permit;
mod set;
mod subject;
#[cfg(test)]
mod tests;

pub use anything::Anything;
pub use audit::{Asker, Audit, AuditRecord, AuditSink, DecidedBy};
pub use command::{Args, Command, Program};
pub use decision::{Decision, RuleName, Verdict};
pub use file_system::{FileSystem, Found, LocalFiles};
pub use files::{Files, FilesMatching};
pub use mcp::McpTool;
pub use network::Network;
pub use pattern::{Grant, Pattern};
pub use permissions::Permissions;
pub use set::Rules;
pub use subject::Subject;
