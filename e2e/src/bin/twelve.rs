//! A program that uses twelve methods, to measure what that costs to compile; see CONTRIBUTING.

use codexkit::Codex;
use codexkit::protocol::types::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> codexkit::Result<()> {
    let codex = Codex::start().await?;
    let thread = codex.start_thread().cwd(".").await?;
    let id = thread.id();
    println!("{}", codex.call(&ThreadListParams::new().limit(10)).await?.data.len());
    println!("{}", codex.call(&ThreadReadParams::new(id)).await?.thread.preview);
    println!("{}", codex.call(&ThreadForkParams::new(id)).await?.model);
    println!("{}", codex.call(&ThreadResumeParams::new(id)).await?.model);
    codex.call(&ThreadArchiveParams::new(id)).await?;
    codex.call(&ThreadUnarchiveParams::new(id)).await?;
    codex.call(&ThreadSetNameParams::new(id, "x")).await?;
    println!("{}", codex.call(&ModelListParams::new()).await?.data.len());
    println!("{}", codex.call(&CommandExecParams::new(["ls"])).await?.stdout);
    println!("{}", codex.call(&FsReadFileParams::new("/etc/hosts")).await?.data_base64);
    println!("{}", codex.call(&GetAccountParams::new()).await?.requires_openai_auth);
    println!("{}", codex.call(&ConfigReadParams::new()).await?.origins.len());
    Ok(())
}
