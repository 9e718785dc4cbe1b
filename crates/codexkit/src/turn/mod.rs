//! Turns: from the input to the output.

mod catch_up;
mod clocks;
mod control;
mod ending;
mod fold;
mod interrupt;
mod ledger;
mod meter;
mod places;
mod reconcile;
mod recover;
mod run;
mod settings;
mod stall;
mod steps;
mod stream;
#[cfg(test)]
mod tests;

pub use clocks::Idle;
pub use control::TurnControl;
pub(crate) use ledger::ThreadBudget;
pub use recover::Cancelled;
pub(crate) use recover::Parked;
pub(crate) use run::Watch;
pub use run::{Busy, Compaction, Outcome, Review, Run, ShellCommand};
pub(crate) use settings::turn_setting_setters;
pub use steps::{Step, StepKind, Steps};
pub use stream::Turn;
