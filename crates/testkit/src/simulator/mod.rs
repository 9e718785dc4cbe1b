//! An app-server that is only simulated, for what no real one does on demand.
//!
//! A [`Simulator`] is a script: which acts the turns play, how calls are answered, when the server breaks. The server that
//! plays it speaks the protocol like codex 0.169 and misbehaves exactly as told, the same way each time. It runs
//!
//! - in memory, [`connect`](Simulator::connect): no process, and under tokio's paused clock an hour of silence takes no time,
//! - as a program, [`program`](Simulator::program): with a standard error, exit codes, and children that hold pipes open.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codexkit::Result<()> {
//! use codexkit_testkit::simulator::{Act, Simulator};
//!
//! let simulator = Simulator::new()
//!     .turn(Act::new().text("Hello"))
//!     .turn(Act::new().junk("not JSON").partial_text("Hel").closes_output());
//! let (codex, _server) = simulator.connect().await?;
//!
//! let thread = codex.start_thread().await?;
//! assert_eq!(thread.run("Hi").await?.text(), "Hello");
//! let error = thread.run("Hi again").await.unwrap_err();
//! assert_eq!(error.output().unwrap().streamed_text, "Hel");
//! # Ok(()) }
//! ```

mod act;
mod chaos;
mod driver;
mod engine;
mod memory;
#[cfg(unix)]
mod program;
mod reply;
mod rng;
mod script;
mod step;
mod used;
mod wire;

pub use act::{Act, flood_text};
pub use chaos::{Chaos, Ordeal};
pub use memory::SimulatedServer;
#[cfg(unix)]
pub use program::{SCRIPT_VARIABLE, run_if_asked};
pub use reply::Reply;
pub use script::Simulator;
#[doc(hidden)]
pub use used::used_on_this_thread;
