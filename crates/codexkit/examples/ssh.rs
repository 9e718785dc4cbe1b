//! Work with the codex of another machine, over ssh.
//!
//! ```text
//! cargo run --example ssh                        without ssh: a command on this machine, and a scripted model
//! cargo run --example ssh -- user@host [FOLDER]  the codex there, with the login and configuration there
//! ```

mod support;

use codexkit::transport::Lines;
use codexkit::{Codex, Sandbox};
use codexkit_testkit::model::Model;
use std::error::Error;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if let Some(host) = arguments.next() {
        let mut ssh = Command::new("ssh");
        // No terminal there: it would change line ends and echo what is sent.
        ssh.args(["-T", &host, "codex", "app-server"]);
        return work(ssh, Path::new(arguments.next().as_deref().unwrap_or("."))).await;
    }
    let offline = support::offline(Model::script().exec("ls").text("There is one file, hello.txt.")).await?;
    offline.fixture.write("hello.txt", "hello\n")?;
    work(offline.command().await?.into(), offline.fixture.workspace()).await
}

/// Speaks to the codex that a command starts, wherever that is.
async fn work(mut command: Command, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Ok(()) };
    let codex = Codex::builder().connect_over(Lines::new(output, input)).await?;
    let system = codex.server_info().platform_family.as_deref().unwrap_or("unknown");
    println!("connected to a codex on a {system} system");

    // Folders are those of the machine where the server runs.
    let thread = codex.start_thread().cwd(folder).sandbox(Sandbox::ReadOnly).await?;
    println!("agent: {}", thread.run("What is in this folder?").await?.text());

    // The end of its input is the end of the server, and so of the command.
    codex.close().await;
    println!("the command ended with {}", child.wait().await?);
    Ok(())
}
