//! Have the server run commands of this program, in its sandbox, without the agent.
//!
//! ```text
//! cargo run --example exec
//! ```

mod support;

use codexkit::ExecEvent;
use codexkit_testkit::model::Model;
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::script()).await?;
    offline.fixture.write("names.txt", "Grace\nAda\n")?;
    let codex = offline.codex().start().await?;

    // A program with its arguments; whoever wants a shell names one.
    let sorted = codex.exec(["sort", "names.txt"]).timeout(Duration::from_secs(5)).await?;
    println!("exit code {}:\n{}", sorted.exit_code, sorted.stdout_text());

    // The sandbox is that of the server's configuration, where reading is all that is allowed.
    let refused = codex.exec(["touch", "new.txt"]).await?;
    println!("allowed to write: {}, {}", refused.success(), refused.stderr_text());

    // Streamed, with input while it runs.
    let mut running = codex.exec(["cat"]).open_stdin().no_timeout().stream().await?;
    let control = running.control();
    control.write("Hello?\n").await?;
    while let Some(event) = running.try_next().await? {
        match event {
            ExecEvent::Output { bytes, .. } => {
                print!("it says: {}", String::from_utf8_lossy(&bytes));
                control.close_stdin().await?;
            }
            ExecEvent::Exited { code } => println!("exit code {code}"),
            _ => {}
        }
    }

    // Killed when it has said something; dropping it would do the same.
    let endless = ["sh", "-c", "echo ready; exec sleep 1000"];
    let mut running = codex.exec(endless).no_timeout().stream().await?;
    running.try_next().await?;
    running.control().terminate().await?;
    println!("killed: exit code {}", running.read_to_end().await?.exit_code);
    codex.close().await;
    Ok(())
}
