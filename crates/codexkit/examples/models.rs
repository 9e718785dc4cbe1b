//! Choose the model, and how hard it thinks: for a thread, for a turn, or from now on.
//!
//! ```text
//! cargo run --example models
//! ```

mod support;

use codexkit::Effort;
use codexkit::protocol::types::ModelListParams;
use codexkit_testkit::model::{Model, ModelRequest, Response};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let offline = support::offline(Model::respond_with(says_who_it_is)).await?;
    let codex = offline.codex().start().await?;

    for model in codex.list(ModelListParams::new()).all().await? {
        let efforts: Vec<_> =
            model.supported_reasoning_efforts.iter().map(|option| option.reasoning_effort.as_str()).collect();
        println!("{} thinks {} (or {})", model.id, model.default_reasoning_effort, efforts.join(", "));
    }

    let thread = codex.start_thread().model("gpt-5.4").await?;
    println!("{}", thread.run("Who are you?").effort(Effort::LOW).await?.text());
    // What a turn was given stays in force: this one thinks little, too.
    println!("{}", thread.run("And now?").await?.text());
    // For the turns to come, without starting one.
    thread.update_settings().model("gpt-5.5").effort(Effort::HIGH).await?;
    println!("{}", thread.run("And now?").await?.text());
    println!("the thread is set to {}", thread.settings().model);
    codex.close().await;
    Ok(())
}

/// What the scripted model says: by which name it was asked for, and with which effort.
fn says_who_it_is(request: &ModelRequest) -> Response {
    let effort = request.body()["reasoning"]["effort"].as_str().unwrap_or("as usual");
    Response::new().text(format!("I am {}, and I think {effort}.", request.model()))
}
