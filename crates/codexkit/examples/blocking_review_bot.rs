//! A review bot: a diff goes in, findings come out, each with its place and how bad it is. Without async.
//!
//! ```text
//! git diff | cargo run --example blocking_review_bot --features blocking,schema            a scripted model
//! git diff | cargo run --example blocking_review_bot --features blocking,schema -- --live  your own login and model
//! ```

mod support;

use codexkit::blocking::CodexBuilder;
use codexkit::{Approvals, Sandbox};
use codexkit_testkit::model::Model;
use schemars::JsonSchema;
use serde::Deserialize;
use std::error::Error;

#[derive(Deserialize, JsonSchema)]
struct Review {
    /// All that should be mended before the change is merged, the worst first; empty if nothing.
    findings: Vec<Finding>,
}

#[derive(Deserialize, JsonSchema)]
struct Finding {
    file: String,
    /// In the new version of the file.
    line: u32,
    severity: Severity,
    /// What is wrong and how to mend it, in one sentence.
    problem: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Severity {
    Bug,
    Risk,
    Style,
}

fn main() -> Result<(), Box<dyn Error>> {
    let finding = r#"{"file":"src/mean.rs","line":2,"severity":"Bug","problem":"It divides by zero."}"#;
    let script = Model::script().exec("cat src/mean.rs").text(format!(r#"{{"findings":[{finding}]}}"#));
    let offline = support::blocking::offline(script)?;
    offline.fixture.write("src/mean.rs", "fn mean(sum: u32, count: u32) -> u32 {\n    sum / count\n}\n")?;

    let codex = CodexBuilder::from(offline.codex_or_live()).start()?;
    // It may read the files around the change, and nobody is there to be asked for more.
    let thread = codex.start_thread().sandbox(Sandbox::ReadOnly).approvals(Approvals::Deny).wait()?;
    let diff = std::io::read_to_string(std::io::stdin())?;
    let prompt =
        format!("Review this change. Look at its files where the diff does not tell enough.\n\n{diff}");
    let review = thread.run(prompt).json::<Review>().repair().wait()?.value;

    for Finding { file, line, severity, problem } in &review.findings {
        println!("{file}:{line}: {severity:?}: {problem}");
    }
    println!("{} finding(s)", review.findings.len());
    codex.close()?;
    Ok(())
}
