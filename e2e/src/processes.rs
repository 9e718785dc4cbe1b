//! Looking at processes, and killing them (Linux).

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::HashSet;
use std::fs;

/// All descendants of a process, itself included, that are alive.
pub fn family(root: u32) -> Vec<u32> {
    let mut family = vec![root];
    let mut known = HashSet::from([root]);
    let parents: Vec<(u32, u32)> =
        all().into_iter().filter_map(|pid| Some((pid, stat(pid)?.parent))).collect();
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(
            parents.iter().filter(|(pid, of)| *of == parent && known.insert(*pid)).map(|(pid, _)| *pid),
        );
        at += 1;
    }
    family.retain(|pid| is_alive(*pid));
    family
}

/// The processes whose command line contains a text.
pub fn running(text: &str) -> Vec<u32> {
    all().into_iter().filter(|pid| is_alive(*pid) && command_line(*pid).contains(text)).collect()
}

/// Whether a process runs; one that only waits to be reaped does not.
pub fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| stat.state != 'Z' && stat.state != 'X')
}

/// Kills a process the hard way.
pub fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(pid, Signal::KILL).expect("the process can be killed");
}

/// The words of a process's command line.
pub fn command_line(pid: u32) -> String {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).replace('\0', " ")
}

struct Stat {
    state: char,
    parent: u32,
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("Linux has /proc");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in parentheses and may contain anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some(Stat { state: fields.next()?.chars().next()?, parent: fields.next()?.parse().ok()? })
}

/// The name of the program that a process runs.
pub fn program(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

/// Waits until a process whose command line contains a text is there.
pub async fn started(text: &str) -> Vec<u32> {
    loop {
        match running(text) {
            none if none.is_empty() => look_again().await,
            found => return found,
        }
    }
}

/// Waits until all these processes have ended.
pub async fn gone(processes: &[u32]) {
    while processes.iter().any(|pid| is_alive(*pid)) {
        look_again().await;
    }
}

/// Nothing tells when a process of somebody else has started or ended, so one has to look now and then.
async fn look_again() {
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
}

/// Stops a process, as if the machine had lost all interest in it.
pub fn pause(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    rustix::process::kill_process(pid, Signal::STOP).expect("the process can be stopped");
}

/// Interrupts a process group, as Ctrl-C in its terminal does.
pub fn interrupt_group(leader: u32) {
    let leader = i32::try_from(leader).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process_group(leader, Signal::INT).expect("the group can be interrupted");
}
