//! What this program holds of the system: descriptors, threads, children, memory (Linux).

use crate::processes;
use std::fs;

/// What this program holds at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Living processes that descend from this one.
    pub children: usize,
    /// Memory that is in use, in KiB.
    pub memory: usize,
}

impl Resources {
    /// What it holds now.
    pub fn now() -> Self {
        Self {
            // The listing itself needs one.
            descriptors: entries("/proc/self/fd") - 1,
            threads: entries("/proc/self/task"),
            children: processes::family(std::process::id()).len() - 1,
            memory: resident(),
        }
    }

    /// Whether it holds no more than then, memory left out.
    pub fn within(&self, then: &Self) -> bool {
        self.descriptors <= then.descriptors && self.threads <= then.threads && self.children <= then.children
    }
}

/// Waits until this program holds no more than `before`, memory left out: what is on its way out needs a moment.
///
/// # Panics
/// When that does not come to pass.
pub async fn back_to(before: &Resources) -> Resources {
    let begun = std::time::Instant::now();
    loop {
        let now = Resources::now();
        if now.within(before) {
            return now;
        }
        assert!(begun.elapsed() < crate::PATIENCE, "before: {before:?}, and still: {now:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).expect("Linux has /proc").count()
}

fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it tells the memory in use");
    line.trim().trim_end_matches(" kB").parse().expect("in KiB")
}
