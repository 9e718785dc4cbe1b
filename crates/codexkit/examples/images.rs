//! Show the agent pictures: from a file, or from an address.
//!
//! ```text
//! cargo run --example images
//! ```

mod support;

use codexkit::protocol::types::UserInput;
use codexkit_testkit::model::Model;
use std::error::Error;

/// A red square.
const PICTURE: &[u8] = include_bytes!("support/red.png");

/// The smallest picture there is, as an address that holds it.
const ADDRESS: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::script().text("A red square, and a dot.")).await?;
    offline.fixture.write("red.png", PICTURE)?;
    let file = offline.fixture.workspace().join("red.png");
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    // Texts and pictures in the order in which the model is to see them. The server reads the file.
    let input = [
        UserInput::text("What is in these pictures?"),
        UserInput::local_image(file.display().to_string()),
        UserInput::image_url(ADDRESS),
    ];
    println!("agent: {}", thread.run(input).await?.text());
    codex.close().await;
    Ok(())
}
