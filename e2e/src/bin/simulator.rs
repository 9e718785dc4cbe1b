//! The simulated codex of the tests. It follows the script that its environment names.

fn main() {
    e2e::simulator::run_if_asked();
    eprintln!("{} names no script", e2e::simulator::SCRIPT_VARIABLE);
    std::process::exit(2);
}
