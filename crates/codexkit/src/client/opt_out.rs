//! Notifications that a program does not want to hear of.

use crate::error::{Error, ErrorKind, Result};

/// What this SDK itself cannot do without: its waits, its clocks, and its budgets.
const NEEDED: [&str; 16] = [
    "account/login/completed",
    "command/exec/outputDelta",
    "error",
    "fs/changed",
    "item/completed",
    "item/started",
    "process/exited",
    "process/outputDelta",
    "serverRequest/resolved",
    "thread/goal/cleared",
    "thread/goal/updated",
    "thread/started",
    "thread/status/changed",
    "thread/tokenUsage/updated",
    "turn/completed",
    "turn/started",
];

/// Refuses to leave out what is needed.
pub(crate) fn check(methods: &[String]) -> Result<()> {
    let needed = methods.iter().find(|method| NEEDED.contains(&method.as_str()));
    needed.map_or(Ok(()), |method| {
        let text = format!(
            "`{method}` cannot be left out: this SDK needs it for its waits, clocks and budgets; take it from `opt_out`"
        );
        Err(Error::new(ErrorKind::Usage, text))
    })
}
