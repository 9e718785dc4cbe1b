//! A program that runs a turn and does not end by itself, for tests that end it.
//!
//! `hold CODEX PROMPT [SANDBOX] [ENDING]`: prints the process id of its server when the turn has started, and then ends as
//! `ENDING` says: `never`, or with a `panic` or an `abort` once a line comes in, or in good order on an `interrupt`
//! (SIGINT), when it prints how its server has ended.

use codexkit::{Approvals, Codex, Sandbox, Turn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> codexkit::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    let (binary, prompt, sandbox, ending) = (next(), next(), next(), next());
    let codex = Codex::builder().codex_bin(binary).start().await?;
    let sandbox = if sandbox == "sandboxed" { Sandbox::WorkspaceWrite } else { Sandbox::FullAccess };
    let thread = codex.start_thread().sandbox(sandbox).approvals(Approvals::Deny).await?;
    let turn = thread.run(prompt).stream().await?;
    match ending.as_str() {
        "panic" => {
            tell(&codex, turn);
            line();
            panic!("this panic belongs to the test")
        }
        "abort" => {
            tell(&codex, turn);
            line();
            std::process::abort()
        }
        "interrupt" => {
            let interrupted = tokio::signal::ctrl_c();
            tell(&codex, turn);
            interrupted.await.expect("a handler for SIGINT");
            let closed = codex.close().await;
            println!("{:?} {:?}", closed.reason, closed.exit);
            Ok(())
        }
        _ => {
            println!("{}", codex.pid().unwrap_or_default());
            turn.finish().await.map(drop)
        }
    }
}

/// Says which process the server is; the turn is to run on whatever becomes of us.
fn tell(codex: &Codex, turn: Turn) {
    turn.detach();
    println!("{}", codex.pid().unwrap_or_default());
}

/// Waits for a line. Meanwhile nothing else happens.
fn line() {
    std::io::stdin().read_line(&mut String::new()).expect("a line");
}
