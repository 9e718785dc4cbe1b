//! Get the answer as a value of a type, mended once if it does not fit.
//!
//! ```text
//! cargo run --example structured --features schema
//! ```

mod support;

use codexkit_testkit::model::Model;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;

// The doc comments go to the model, with the rest of the schema.
#[derive(Deserialize, JsonSchema)]
struct Dependency {
    /// The name of the crate.
    name: String,
    /// Its newest version, if you know it.
    newest: Option<String>,
    /// Whether it is still looked after.
    maintained: bool,
}

#[derive(Deserialize, JsonSchema)]
struct Report {
    dependencies: Vec<Dependency>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let serde = json!({ "name": "serde", "newest": null, "maintained": true });
    let offline = support::offline(
        Model::script()
            .text("There is only serde.")
            .text(json!({ "dependencies": [serde] }).to_string())
            .text(json!({ "licences": ["MIT"] }).to_string()),
    )
    .await?;
    let codex = offline.codex().start().await?;
    let thread = codex.start_thread().await?;

    let report = thread.run("Look at the dependencies").json::<Report>().repair().await?;
    if let Some(rejected) = &report.rejected {
        println!("rejected: {}", rejected.text());
    }
    for Dependency { name, newest, maintained } in &report.value.dependencies {
        println!("{name}: {}, maintained: {maintained}", newest.as_deref().unwrap_or("version unknown"));
    }

    // Without a type, and without the feature `schema`: any JSON schema.
    let form = json!({ "type": "object", "required": ["licences"], "additionalProperties": false,
        "properties": { "licences": { "type": "array", "items": { "type": "string" } } } });
    let answer = thread.run("Under which licences?").json_schema::<Value>(form).await?;
    println!("licences: {}", answer.value["licences"]);
    codex.close().await;
    Ok(())
}
