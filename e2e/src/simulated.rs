//! A simulated codex that is a program.

use crate::simulator::Simulator;
use codexkit::{Codex, CodexBuilder};
use codexkit_testkit::fixture::Fixture;
use std::path::Path;

/// A simulated codex with a process of its own, and the private home that it runs in.
#[derive(Debug)]
pub struct Simulated {
    /// The private home and workspace.
    pub fixture: Fixture,
    builder: CodexBuilder,
}

impl Simulated {
    /// A codex that follows the script. `host` is a program that calls [`run_if_asked`](crate::simulator::run_if_asked);
    /// for tests it is `env!("CARGO_BIN_EXE_simulator")`.
    pub fn new(host: impl AsRef<Path>, simulator: &Simulator) -> Self {
        let fixture = Fixture::builder().build().expect("a folder can be written");
        let program = simulator.program(host, fixture.workspace()).expect("a script can be written");
        let builder = fixture.codex().codex_bin(program);
        Self { fixture, builder }
    }

    /// Settings for it.
    pub fn codex(&self) -> CodexBuilder {
        self.builder.clone()
    }

    /// Starts it.
    pub async fn start(&self) -> Codex {
        self.codex().start().await.expect("the simulated codex starts")
    }
}
