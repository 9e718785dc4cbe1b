//! The waits of a test: every one of them ends.

use std::panic::Location;
use std::time::Duration;

/// How long a wait of the testkit lasts before it fails the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `future`, and panics in the name of the caller when it takes too long.
///
/// A test that waits for something that never happens shall say what, and not hang.
pub(super) async fn patiently<T>(
    caller: &Location<'_>,
    what: impl FnOnce() -> String,
    future: impl Future<Output = T>,
) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{caller}: waited {} s for {}", PATIENCE.as_secs(), what()),
    }
}
