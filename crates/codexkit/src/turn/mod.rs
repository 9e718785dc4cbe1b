//! Turns: from the input to the output.

mod clocks;
mod control;
mod ending;
mod fold;
mod interrupt;
mod reconcile;
mod run;
mod stall;
mod stream;
#[cfg(test)]
mod tests;

pub use clocks::Idle;
pub use control::TurnControl;
pub(crate) use fold::SharedUsage;
pub use run::{Outcome, Run};
pub use stream::Turn;
