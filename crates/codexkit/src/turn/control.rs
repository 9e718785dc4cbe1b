//! Steering and stopping a turn, apart from reading it.

use super::interrupt::InterruptWish;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::output::InterruptedBy;
use crate::protocol::types::TurnSteerParams;
use crate::protocol::{ThreadId, TurnId};

/// Steers or stops a running turn, from any task. Cheap to clone; it neither keeps the turn running nor ends it when it
/// is dropped.
#[derive(Clone, Debug)]
pub struct TurnControl {
    client: Client,
    thread: ThreadId,
    turn: TurnId,
    wish: InterruptWish,
}

impl TurnControl {
    pub(super) fn new(client: Client, thread: ThreadId, turn: TurnId, wish: InterruptWish) -> Self {
        Self { client, thread, turn, wish }
    }

    /// The turn.
    pub fn id(&self) -> &TurnId {
        &self.turn
    }

    /// The thread that it runs on.
    pub fn thread(&self) -> &ThreadId {
        &self.thread
    }

    /// Gives the running turn more input. The agent takes it up at its next step. Uses `turn/steer`.
    ///
    /// Cancel safe: dropped before it was written, nothing is sent.
    ///
    /// # Errors
    ///
    /// `NotRunning` when the turn has ended; `Rpc` when it is a review, which takes no input; `InputTooLarge`; `Closed`.
    pub async fn steer(&self, input: impl Into<Input>) -> Result<()> {
        let input = input.into().into_user_inputs().ok_or_else(|| {
            let text = "an external message cannot steer a turn; run it with `on_busy(Busy::Join)`";
            Error::new(ErrorKind::Usage, text)
        })?;
        // The server knows a turn only once it has announced it.
        self.client.announced(&self.turn).await;
        let params = TurnSteerParams::new(&self.thread, &self.turn, input);
        let steered = self.client.call(&params).await;
        steered.map(drop).map_err(|error| error.with_thread(&self.thread).with_turn(&self.turn))
    }

    /// Stops the turn. Uses `turn/interrupt`.
    ///
    /// It returns as soon as the server has been asked, or will be: a turn that was just started can only be stopped once
    /// the server has announced it, and the wish is kept until then. The turn's stream tells when it has ended. A turn
    /// that has ended already is left alone.
    ///
    /// The server lets a command that is running go on in the background.
    ///
    /// Cancel safe: the server is asked at the first poll.
    ///
    /// # Errors
    ///
    /// `Closed` when the connection has ended.
    pub async fn interrupt(&self) -> Result<()> {
        match self.client.closed_error() {
            Some(error) if error.kind() == ErrorKind::Closed => Err(error.with_turn(&self.turn)),
            _ => {
                self.wish.by(InterruptedBy::Program);
                self.client.abandon_turn(&self.turn);
                Ok(())
            }
        }
    }
}
