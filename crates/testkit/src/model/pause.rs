//! What a response can wait for.

use std::time::Duration;

use super::gate::Gate;

/// A stop inside a response.
#[derive(Clone, Debug)]
pub(super) enum Pause {
    /// Goes on after this time.
    For(Duration),
    /// Goes on when the gate is open.
    At(Gate),
    /// Never goes on; ends when the client gives up or the model is dropped.
    Forever,
}

impl Pause {
    pub(super) async fn pass(self) {
        match self {
            Self::For(time) => tokio::time::sleep(time).await,
            Self::At(gate) => gate.pass().await,
            Self::Forever => std::future::pending().await,
        }
    }
}
