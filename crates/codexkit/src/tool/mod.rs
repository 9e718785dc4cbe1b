//! Async Rust functions as the agent's tools.
//!
//! A [`Tool`] is a function with a name, a description and the schema of its arguments. It is given to a thread, alone, in
//! a [`Namespace`], or with others in a [`ToolSet`]. When the model calls it, the function runs in a task of its own, so
//! calls run in parallel, and whatever becomes of it is an answer that the model sees: a [`ToolReply`], or a text that says
//! what went wrong. The turn goes on in any case.

mod arguments;
mod call;
mod check;
mod data_url;
mod definition;
mod namespace;
mod registry;
mod reply;
mod run;
#[cfg(feature = "schema")]
mod schema;
mod set;
#[cfg(test)]
mod tests;

pub use call::ToolCall;
pub use definition::Tool;
pub use namespace::Namespace;
pub(crate) use registry::{ToolClaim, ToolRegistry};
pub use reply::{ToolError, ToolReply};
pub use set::ToolSet;
