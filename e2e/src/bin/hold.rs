//! A program that runs a turn and never ends by itself, for tests that kill it.
//!
//! `hold CODEX PROMPT`: prints the process id of its server when the turn has started.

use codexkit::{Approvals, Codex, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> codexkit::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (codex, prompt) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let codex = Codex::builder().codex_bin(codex).start().await?;
    let thread = codex.start_thread().sandbox(Sandbox::FullAccess).approvals(Approvals::Deny).await?;
    let turn = thread.run(prompt).stream().await?;
    println!("{}", codex.pid().unwrap_or_default());
    turn.finish().await.map(drop)
}
