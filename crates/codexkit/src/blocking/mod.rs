//! The same without async: threads, runs, streams, asks, tools, login and lists for programs with a plain `main`.
//!
//! Needs the feature `blocking`.
//!
//! ```no_run
//! use codexkit::Event;
//! use codexkit::blocking::Codex;
//!
//! fn main() -> codexkit::Result<()> {
//!     let codex = Codex::start()?;
//!     let thread = codex.start_thread().cwd(".").wait()?;
//!     let output = thread.run("Summarise src/ in three sentences").wait()?;
//!     println!("{}", output.text());
//!
//!     for event in thread.run("Fix the failing test").stream()? {
//!         if let Event::TextDelta { text, .. } = event? {
//!             print!("{text}");
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # How it differs
//!
//! - What is awaited in the async half ends with `wait()` here, and async methods are plain ones. All else is the same, and
//!   inputs, outputs, events, errors, rules and limits are the very same types.
//! - Streams are iterators over results. `for event in &mut turn` leaves the turn there, for [`Turn::finish`]; `for event in turn`
//!   drops it at the end of the loop, and so interrupts it if the loop is left early.
//! - Handlers of asks and functions of [tools](Tool) are plain functions. Each call of one runs on a thread of its own, so it
//!   may block, and call the server. Nothing can stop it: when its deadline has passed it runs on, and its answer counts no more.
//!   One that then still waits for the user at the terminal takes the line that the user types next.
//! - A wait cannot be dropped. It ends by what the async half ends it by: clocks, limits, and [`Turn::control`] from another
//!   thread, as that of a handler of Ctrl-C.
//! - What is made for the async half fits, where it is no handle: [`CodexBuilder`] and [`Tool`] are [`From`] those of the async
//!   half, so `fixture.codex().into()` is the builder of a `codexkit-testkit` fixture.
//!
//! # Threads of the program
//!
//! Every handle can be sent to other threads, and those that are [`Clone`] are cheap to clone for it. A connection brings
//! threads of its own, on which it lives, whatever the threads of the program do meanwhile. When the last handle of it is
//! dropped, the connection is closed, and the drop waits for that, as [`Codex::close`] does; but not where nothing can wait, as
//! in a handler or a runtime. A handle that is never dropped, as in a `static`, never closes it; the server then ends soon after
//! the program has.
//!
//! # Inside an async runtime
//!
//! A thread that drives a tokio runtime must not block, so all waits fail there with
//! [`Usage`](crate::ErrorKind::Usage), iterators once, and then they end: use the async half, or a [`std::thread`]. So it is
//! in `spawn_blocking`, too, since it cannot be told apart, and in functions that codexkit calls while it reads, as those of
//! [`Run::on_event`].

mod generated;
mod offload;
mod runtime;
mod wait;
mod wrap;

pub use generated::*;
pub use wait::{retry_on_overload, wait};
