//! The examples do what they say: each is run, and its output and what the model was asked are looked at.
//!
//! `cargo test --workspace --all-features` builds them; for these tests alone, build them before.

mod examples {
    mod asks;
    mod control;
    mod play;
    mod programs;
    mod server;
    mod talking;
}

use std::path::Path;

#[test]
fn each_example_has_its_place_in_the_course_and_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/codexkit/examples");
    let course = std::fs::read_to_string(folder.join("README.md")).expect("the table of the course");
    let tests = [
        include_str!("examples/asks.rs"),
        include_str!("examples/control.rs"),
        include_str!("examples/programs.rs"),
        include_str!("examples/server.rs"),
        include_str!("examples/talking.rs"),
    ]
    .concat();
    for file in std::fs::read_dir(folder).expect("the examples") {
        let file = file.expect("a file").path();
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        assert!(course.contains(&format!("[`{name}`]({name}.rs)")), "{name} is missing in the course");
        assert!(tests.contains(&format!("play(\"{name}\"")), "{name} has no test");
        let text = std::fs::read_to_string(&file).expect("the example");
        assert!(text.contains(&format!("cargo run --example {name}")), "{name} does not say how to run it");
    }
}
