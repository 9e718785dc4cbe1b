//! Commands that the program has the server run, with the agent out of the game.

mod builder;
mod control;
mod output;
mod process;
mod running;

pub use builder::Exec;
pub use control::ExecControl;
pub use output::{ExecEvent, ExecOutput, OutputStream};
pub use process::SpawnProcess;
pub use running::RunningExec;
