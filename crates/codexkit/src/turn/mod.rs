//! Turns: from the input to the output.

mod control;
mod ending;
mod fold;
mod run;
mod stream;

pub use control::TurnControl;
pub(crate) use fold::SharedUsage;
pub use run::{Outcome, Run};
pub use stream::Turn;
