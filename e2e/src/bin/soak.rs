//! A long run with random load and random faults; `cargo xtask soak --seed N --minutes M` builds and runs it.
//!
//! It prints a line each minute, and fails when something grows, a wait does not end, or an answer is wrong.

use e2e::soak::Soak;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    // The servers that it simulates as programs are this program, too.
    e2e::simulator::run_if_asked();
    let Some((seed, minutes)) = arguments() else {
        eprintln!("soak [--seed N] [--minutes M]");
        return ExitCode::from(2);
    };
    let host = std::env::current_exe().expect("this program has a path");
    let soak = Soak { seed, minutes, host, real: !e2e::skipped() };
    // Threads for blocking work go at once when they have nothing to do, so that those that are left can be counted.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(Duration::from_millis(1))
        .enable_all()
        .build()
        .expect("a runtime");
    println!("seed {seed}, {minutes} minutes");
    match runtime.block_on(soak.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("FAILED: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// Seed and minutes; each is 1 unless it is given.
fn arguments() -> Option<(u64, u64)> {
    let (mut seed, mut minutes) = (1, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?.parse().ok()?;
        match name.as_str() {
            "--seed" => seed = value,
            "--minutes" => minutes = value,
            _ => return None,
        }
    }
    Some((seed, minutes))
}
