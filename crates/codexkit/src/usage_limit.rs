//! When a usage limit ends.

use crate::protocol::types::RateLimitSnapshot;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When the account can be used again: when the last of the limits that are used up begins anew.
pub(crate) fn resets_at(limits: &RateLimitSnapshot) -> Option<SystemTime> {
    let windows = [&limits.primary, &limits.secondary].into_iter().flatten();
    let full = windows.filter(|window| window.used_percent >= 100).filter_map(|window| window.resets_at);
    let spent = limits.individual_limit.iter().filter(|limit| limit.remaining_percent <= 0);
    let seconds = full.chain(spent.map(|limit| limit.resets_at)).max()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seconds(limits: serde_json::Value) -> Option<u64> {
        let limits: RateLimitSnapshot = serde_json::from_value(limits).unwrap();
        resets_at(&limits).map(|time| time.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn the_last_of_the_full_windows_counts() {
        let window = |used: i32, resets: i64| json!({ "usedPercent": used, "resetsAt": resets });
        assert_eq!(seconds(json!({ "primary": window(100, 50), "secondary": window(30, 900) })), Some(50));
        assert_eq!(seconds(json!({ "primary": window(100, 50), "secondary": window(101, 900) })), Some(900));
        assert_eq!(seconds(json!({ "primary": window(99, 50) })), None);
        assert_eq!(seconds(json!({ "primary": { "usedPercent": 100 } })), None);
        let spent = json!({ "limit": "10", "used": "10", "remainingPercent": 0, "resetsAt": 70 });
        assert_eq!(seconds(json!({ "individualLimit": spent })), Some(70));
    }
}
