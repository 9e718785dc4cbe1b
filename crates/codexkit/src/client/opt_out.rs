//! Notifications that a program does not want to hear of.

use crate::error::{Error, ErrorKind, Result};

/// What this SDK itself cannot do without.
const NEEDED: [&str; 12] = [
    "account/login/completed",
    "command/exec/outputDelta",
    "error",
    "fs/changed",
    "item/completed",
    "item/started",
    "process/exited",
    "process/outputDelta",
    "serverRequest/resolved",
    "thread/started",
    "turn/completed",
    "turn/started",
];

/// Refuses to leave out what would never be heard of and yet is waited for.
pub(crate) fn check(methods: &[String]) -> Result<()> {
    let needed = methods.iter().find(|method| NEEDED.contains(&method.as_str()));
    needed.map_or(Ok(()), |method| {
        let text = format!(
            "`{method}` cannot be left out: without it, this SDK would wait for ever; take it from `opt_out`"
        );
        Err(Error::new(ErrorKind::Usage, text))
    })
}
