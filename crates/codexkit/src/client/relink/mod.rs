//! Making a broken connection anew: another link under the same state.
//!
//! While there is no link, the state stays as it is: what nobody has written yet waits in the outbox, and what was written
//! and not answered is known to be lost. On the new link the handshake and the resuming of threads come first, before the
//! reader and the writer take over; what the server says meanwhile is kept and taken in afterwards, in its order.

mod resync;

pub(crate) use resync::RECONNECTED;
pub(super) use resync::{Resynced, ThreadState};

use super::Hello;
use super::core::Core;
use crate::error::{CloseReason, Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::launch::jittered;
use crate::reconnect::Reconnect;
use crate::transport::Link;
use std::fmt;
use std::sync::Arc;
use tokio::time::{Instant, sleep, timeout_at};

/// Opens another link to the same server.
pub(crate) type Dial = Arc<dyn Fn() -> BoxFuture<'static, Result<Link>> + Send + Sync>;

/// How a connection is made anew.
#[derive(Clone)]
pub(crate) struct Redial {
    pub(crate) dial: Dial,
    pub(crate) policy: Reconnect,
    pub(crate) hello: Hello,
}

impl Redial {
    /// Makes the connection anew, and returns the link with all that was resumed on it. An error says why there is none.
    pub(super) async fn link(&self, core: &Core) -> Result<(Link, Resynced)> {
        let begun = Instant::now();
        let give_up = begun.checked_add(self.policy.give_up_after).unwrap_or(begun);
        let mut tries = 0;
        loop {
            let pause = jittered(self.policy.pause(tries));
            let attempt = async {
                sleep(pause).await;
                let mut link = (self.dial)().await?;
                let resynced = resync::resync(core, &mut link, &self.hello, begun).await?;
                Ok((link, resynced))
            };
            let error = match timeout_at(give_up, attempt).await {
                Ok(Ok(linked)) => return Ok(linked),
                Ok(Err(error)) => error,
                Err(_) => {
                    let text =
                        format!("the server was not reached again within {:?}", self.policy.give_up_after);
                    return Err(Error::new(ErrorKind::Connect, text));
                }
            };
            tracing::warn!(%error, tries, "the connection could not be made anew");
            if is_final(&error) {
                return Err(error);
            }
            tries += 1;
        }
    }
}

/// Whether another try would only give the same answer.
fn is_final(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Incompatible | ErrorKind::Usage
    )
}

/// Whether a new link may mend what has ended the old one.
pub(super) fn can_mend(reason: &CloseReason) -> bool {
    matches!(reason, CloseReason::Eof | CloseReason::Io(_) | CloseReason::Silent)
}

impl fmt::Debug for Redial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redial").field("policy", &self.policy).finish_non_exhaustive()
    }
}
