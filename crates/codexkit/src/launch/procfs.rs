//! What Linux tells about other processes. Whatever cannot be read (ended, not ours) is left out.

use rustix::process::Pid;
use std::fs::File;
use std::io::Read as _;

/// The ids of all processes that can be seen.
pub(super) fn processes() -> impl Iterator<Item = Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

/// The environment that a process was started with. Empty for one that has ended and was not reaped, and for one that is
/// being replaced by another program.
pub(super) fn environ(pid: Pid) -> Option<Vec<u8>> {
    let mut file = File::open(format!("/proc/{pid}/environ")).ok()?;
    // All of it at once, if it can be: between two reads, the process may become another program.
    let mut environ = vec![0; LARGEST_ENVIRONMENT];
    match file.read(&mut environ) {
        Ok(length) => environ.truncate(length),
        // It went away while it was read, as it does then, too.
        Err(_) => environ.clear(),
    }
    Some(environ)
}

/// So much of an environment is looked at. In bytes; the most that Linux takes for arguments and environment by default.
const LARGEST_ENVIRONMENT: usize = 2 << 20;

/// Whether a process lives (is not just waiting to be reaped) and belongs to the process group `group`.
pub(super) fn lives_in_group(pid: Pid, group: Pid) -> bool {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    state_and_group(&stat)
        .is_some_and(|(state, of)| of == group.as_raw_pid() && !matches!(state, b'Z' | b'X'))
}

/// Whether a process has an environment, even if none can be seen: while it is being replaced by another program, it has
/// none for a moment.
pub(super) fn has_environment(pid: Pid) -> bool {
    std::fs::read(format!("/proc/{pid}/stat")).is_ok_and(|stat| places_environment(&stat))
}

/// What has ended, and what is the kernel's own, has no memory. An empty environment has a place there, of no size; one
/// that is about to come has none yet.
fn places_environment(stat: &[u8]) -> bool {
    // By their numbers in `proc(5)`, which counts from 1 and counts the id and the name.
    const MEMORY: usize = 23 - 3;
    const ENVIRONMENT: [usize; 2] = [50 - 3, 51 - 3];
    let Some(fields) = fields(stat).map(|fields| fields.collect::<Vec<_>>()) else { return false };
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let [begin, end] = ENVIRONMENT.map(number);
    number(MEMORY).is_some_and(|bytes| bytes > 0) && end.is_some() && (end == Some(0) || begin != end)
}

/// Out of `pid (name) state parent group ..`. The name may hold anything, brackets and spaces too.
fn state_and_group(stat: &[u8]) -> Option<(u8, i32)> {
    let mut fields = fields(stat)?;
    let state = *fields.next()?.as_bytes().first()?;
    let group = fields.nth(1)?.parse().ok()?;
    Some((state, group))
}

/// What comes after the name, in its order.
fn fields(stat: &[u8]) -> Option<impl Iterator<Item = &str>> {
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    Some(std::str::from_utf8(stat.get(after_name..)?).ok()?.split_ascii_whitespace())
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
    fn an_environment_that_is_about_to_come_counts_and_an_empty_one_does_not() {
        let stat = |memory: u32, begin: u32, end: u32| {
            let fields: Vec<String> = (3..=52)
                .map(|field| match field {
                    23 => memory.to_string(),
                    50 => begin.to_string(),
                    51 => end.to_string(),
                    _ => "1".to_owned(),
                })
                .collect();
            format!("12 (sh) {}", fields.join(" ")).into_bytes()
        };
        assert!(places_environment(&stat(4096, 70, 90)));
        assert!(places_environment(&stat(4096, 0, 0)), "it is between two programs");
        assert!(!places_environment(&stat(4096, 70, 70)), "it is empty");
        assert!(!places_environment(&stat(0, 0, 0)), "it has ended, or is the kernel's");
        assert!(!places_environment(b"12 (sh) R 1"));
        assert!(has_environment(rustix::process::getpid()));
    }

    #[test]
    fn this_process_is_seen_in_its_group() {
        let me = rustix::process::getpid();
        assert!(processes().any(|pid| pid == me));
        assert!(lives_in_group(me, rustix::process::getpgrp()));
        assert!(!environ(me).unwrap().is_empty());
    }
}
