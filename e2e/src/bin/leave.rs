//! A program that starts a turn on a server that is not its own, and leaves it behind, for tests that pick it up.
//!
//! `leave ADDRESS TOKEN PROMPT FILE`: connects to the server, waits for the turn until it has been silent for a moment,
//! writes where it broke off to the file, and dies in the hard way: nothing of it is left that could say anything more.

use codexkit::{Codex, Endpoint, Idle};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("four arguments");
    let (address, token, prompt, file) = (next(), next(), next(), next());
    let mut endpoint = Endpoint::new(address);
    if !token.is_empty() {
        endpoint = endpoint.bearer_token(token);
    }
    let codex = Codex::connect(endpoint).await.expect("the server is there");
    let thread = codex.start_thread().await.expect("a thread starts");

    let run = thread.run(prompt).idle(Duration::from_millis(300)).on_idle(Idle::Report);
    let error = run.await.expect_err("the model waits");

    let continuation = error.continuation().expect("the turn runs on");
    std::fs::write(file, serde_json::to_vec(continuation).expect("JSON")).expect("a file");
    std::process::abort();
}
