//! Test tools for codexkit, for its users' tests and its own.
//!
//! - [`model`]: a model that follows a script, for the real codex to talk to
//! - [`fixture`]: a private place to run codex in
//! - [`simulator`]: a server that misbehaves as told, in memory or as a program
//!
//! ```no_run
//! use codexkit_testkit::fixture::Fixture;
//! use codexkit_testkit::model::Model;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let model = Model::start(Model::script().exec("ls").text("One file.")).await?;
//! let fixture = Fixture::builder().model(&model).file("hello.txt", "hello\n").build()?;
//! let codex = fixture.codex().start().await?;
//!
//! let output = codex.start_thread().await?.run("What is here?").await?;
//! assert_eq!(output.text(), "One file.");
//! model.assert_finished();
//! # Ok(())
//! # }
//! ```
//!
//! How tests are made of it says [`codexkit::guide::testing`].

pub mod fixture;
pub mod model;
pub mod simulator;
