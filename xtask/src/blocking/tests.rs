use super::imports::Imports;
use super::prose::{self, Context};
use super::source::Half;
use coverage::covers;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/codexkit")
}

/// Docs as they become those of a twin.
fn adapted(docs: &str) -> String {
    let exports = syn::parse_file("pub use limits::Limits;").unwrap();
    let imports = syn::parse_file("use std::ops::ControlFlow;").unwrap();
    prose::adapt(
        docs,
        &Context {
            imports: &Imports::of(&imports.items, &[], false),
            exported: &Imports::of(&exports.items, &[], true),
            awaited: &BTreeSet::from(["stream".to_owned(), "try_next".to_owned()]),
        },
    )
}

#[test]
fn the_committed_files_are_up_to_date() {
    covers!["001-089"];
    super::check(&sdk()).unwrap();
}

#[test]
fn what_users_await_has_a_twin_or_is_named() {
    let error = Half::read(&sdk().join("src"), &["Turn"]).err().unwrap();
    // Everything that users await has to be named, or the generator says so.
    assert!(error.to_string().contains("has no twin"), "{error}");
}

#[test]
fn what_only_matters_to_futures_is_left_out() {
    let docs = "The next event. Cancel safe.\n\nCancel safe: dropped before, nothing\nis sent; later, it is.\n\nReads on. \
                Dropping the future stops it.";
    assert_eq!(adapted(docs), "The next event.\n\nReads on.");
}

#[test]
fn points_of_a_list_stay_points() {
    let docs = "# Errors\n\n- `Closed`: at the end,\n  as always.\n- `Usage`: else.\n\nThat is all.";
    assert_eq!(
        adapted(docs),
        "# Errors\n\n- `Closed`: at the end, as always.\n- `Usage`: else.\n\nThat is all."
    );
}

#[test]
fn links_lead_to_the_twin_or_to_what_both_halves_share() {
    let links = [
        ("[`Turn::finish`]", "[`Turn::finish`](crate::blocking::Turn::finish)"),
        ("[it](super::Run::on_idle)", "[it](crate::blocking::Run::on_idle)"),
        ("[`Limits`]", "[`Limits`](crate::Limits)"),
        ("[`ControlFlow::Break`]", "[`ControlFlow::Break`](std::ops::ControlFlow::Break)"),
        ("[`stream`](Self::stream)", "[`stream`](Self::stream)"),
        ("[rules](crate::rules)", "[rules](crate::rules)"),
    ];
    for (before, after) in links {
        assert_eq!(adapted(before), after);
    }
}

#[test]
fn examples_wait_for_builders_and_call_methods() {
    let code = "```no_run\n# async fn example(thread: codexkit::Thread) -> codexkit::Result<()> {\nuse codexkit::{Event, Turn};\n\
                let output = thread.run(\"Go\").await?;\nlet mut turn: Turn = thread.run(\"Go\").stream().await?;\n\
                while let Some(event) = turn.try_next().await? {}\n# Ok(())\n# }\n```";
    let without = "```no_run\n# fn example(thread: codexkit::blocking::Thread) -> codexkit::Result<()> {\n\
                   use codexkit::blocking::Turn;\nuse codexkit::Event;\nlet output = thread.run(\"Go\").wait()?;\n\
                   let mut turn: Turn = thread.run(\"Go\").stream()?;\nwhile let Some(event) = turn.try_next()? {}\n# Ok(())\n# }\n```";
    assert_eq!(adapted(code), without);
}
