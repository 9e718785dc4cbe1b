//! Installs a codex for tests and prints where its binary is. `provision VERSION`

use codexkit::Provision;
use codexkit::protocol::Version;

#[tokio::main(flavor = "current_thread")]
async fn main() -> codexkit::Result<()> {
    let version: Version = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("a version");
    let provision = Provision::pinned().version(version).on_progress(|progress| eprintln!("{progress}"));
    println!("{}", provision.install().await?.display());
    Ok(())
}
