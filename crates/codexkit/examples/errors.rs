//! Tell what has gone wrong, keep what was there before, and try again where that helps.
//!
//! ```text
//! cargo run --example errors
//! ```

mod support;

use codexkit::{ErrorKind, RetryPolicy, retry_on_overload};
use codexkit_testkit::model::{HttpError, Model, Response};
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let overloaded = || Response::new().failed("server_is_overloaded", "try again later");
    let offline = support::offline(
        Model::script()
            .respond(Response::new().text("I have begun.").failed("invalid_prompt", "that will not do"))
            .fail(HttpError::new(429).code("usage_limit_reached"))
            .respond(overloaded())
            .respond(overloaded())
            .text("Here I am."),
    )
    .await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    for prompt in ["Begin", "Go on"] {
        // Decide by the kind, never by the text.
        let Err(error) = thread.run(prompt).await else { return Err("it was to fail".into()) };
        match error.kind() {
            ErrorKind::UsageLimit => println!("used up; it begins anew at {:?}", error.resets_at()),
            ErrorKind::TurnFailed => {
                let before = error.output().map(|output| output.streamed_text.as_str()).unwrap_or_default();
                println!("{error}\nbefore that it said: {before}");
            }
            kind => println!("{kind:?}: {error}"),
        }
    }

    // Where the model has no time, the turn can be tried again, after growing pauses.
    let patient = RetryPolicy::default().tries(5).first_pause(Duration::from_millis(20));
    let output = retry_on_overload(&patient, || thread.run("Are you there?").into_future()).await?;
    println!("agent: {}", output.text());

    // A connection that has ended says why; only a new one helps.
    codex.close().await;
    let Err(error) = thread.run("And now?").await else { return Err("it was to fail".into()) };
    println!("closed: {}, retryable: {}", error.is_closed(), error.is_retryable());
    Ok(())
}
