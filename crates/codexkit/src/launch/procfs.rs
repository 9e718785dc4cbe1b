//! What Linux tells about other processes. Whatever cannot be read (ended, not ours) is left out.

use rustix::process::Pid;

/// The ids of all processes that can be seen.
pub(super) fn processes() -> impl Iterator<Item = Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

/// The environment that a process was started with. Empty for one that has ended and was not reaped.
pub(super) fn environ(pid: Pid) -> Option<Vec<u8>> {
    std::fs::read(format!("/proc/{pid}/environ")).ok()
}

/// Whether a process lives (is not just waiting to be reaped) and belongs to the process group `group`.
pub(super) fn lives_in_group(pid: Pid, group: Pid) -> bool {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    state_and_group(&stat)
        .is_some_and(|(state, of)| of == group.as_raw_pid() && !matches!(state, b'Z' | b'X'))
}

/// Out of `pid (name) state parent group ..`. The name may hold anything, brackets and spaces too.
fn state_and_group(stat: &[u8]) -> Option<(u8, i32)> {
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = std::str::from_utf8(stat.get(after_name..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = *fields.next()?.as_bytes().first()?;
    let group = fields.nth(1)?.parse().ok()?;
    Some((state, group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        assert_eq!(state_and_group(b"12 (a) Z 1 (b)) S 3 44 5 6"), Some((b'S', 44)));
        assert_eq!(state_and_group(b"12 (sh) Z 3 44 5"), Some((b'Z', 44)));
        assert_eq!(state_and_group(b"rubbish"), None);
        assert_eq!(state_and_group(b""), None);
    }

    #[test]
    fn this_process_is_seen_in_its_group() {
        let me = rustix::process::getpid();
        assert!(processes().any(|pid| pid == me));
        assert!(lives_in_group(me, rustix::process::getpgrp()));
        assert!(!environ(me).unwrap().is_empty());
    }
}
