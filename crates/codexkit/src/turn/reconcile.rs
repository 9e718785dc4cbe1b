//! Asking the server about a turn that has gone silent: its end may have been lost on the way.

use crate::client::Client;
use crate::protocol::types::{ThreadTurnsListParams, Turn, TurnItemsView, TurnStatus};
use crate::protocol::{ThreadId, TurnId};
use std::time::Duration;

/// A server was seen to show a running turn as interrupted, without a time of completion. So such a word counts only if it
/// is the same after this long, without any event of the turn in between.
const CONFIRM_AFTER: Duration = Duration::from_secs(5);

/// How many of a thread's latest turns are looked at.
const LATEST: u32 = 10;

/// What the server knows about a turn.
#[derive(Debug)]
pub(super) enum Known {
    /// It has ended; this is how.
    Ended(Box<Turn>),
    /// It runs on.
    Running,
    /// The server does not say, or does not say for certain.
    Unclear,
}

/// Asks the server about a turn. Uses `thread/turns/list`.
pub(super) async fn ask(client: Client, thread: ThreadId, turn: TurnId) -> Known {
    let Some(first) = read(&client, &thread, &turn).await else { return Known::Unclear };
    if !is_terminal(&first.status) {
        return Known::Running;
    }
    if first.completed_at.is_some() {
        return Known::Ended(Box::new(first));
    }
    tokio::time::sleep(CONFIRM_AFTER).await;
    match read(&client, &thread, &turn).await {
        Some(second) if second.status == first.status => Known::Ended(Box::new(second)),
        Some(second) if !is_terminal(&second.status) => Known::Running,
        _ => Known::Unclear,
    }
}

async fn read(client: &Client, thread: &ThreadId, turn: &TurnId) -> Option<Turn> {
    let params = ThreadTurnsListParams::new(thread).limit(LATEST).items_view(TurnItemsView::Full);
    match client.call(&params).await {
        Ok(page) => page.data.into_iter().find(|listed| listed.id == *turn),
        Err(error) => {
            // An ephemeral thread is not stored, and a dead server says nothing.
            tracing::debug!(%thread, %turn, %error, "the server could not be asked about a silent turn");
            None
        }
    }
}

fn is_terminal(status: &TurnStatus) -> bool {
    matches!(status, TurnStatus::Completed | TurnStatus::Failed | TurnStatus::Interrupted)
}
