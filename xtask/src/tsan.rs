//! Runs the tests of the connection under ThreadSanitizer.

use crate::error::{Error, Result};
use crate::tool;
use std::path::Path;
use std::process::Command;

/// Runs the tests of the connection, and those of its consumers, side by side as always.
///
/// The standard library is compiled with the sanitizer too: without its marks, what is synchronised inside of it would
/// be taken for races. The compiler is the stable one, with the word that lets it do so; its sources are a component of
/// rustup, which is added if it is missing.
pub(crate) fn run(workspace: &Path) -> Result<()> {
    let host = tool::host()?;
    if !host.starts_with("x86_64-unknown-linux") {
        return Err(Error::new(format!("ThreadSanitizer is set up for x86_64 Linux, not for {host}")));
    }
    tool::run(Command::new("rustup").args(["component", "add", "rust-src"]))?;
    // A million frames take ten minutes under the sanitizer and show it nothing that fewer do not.
    let consumers = ["--test", "consumers", "--", "--skip", "a_million"];
    let tests: [&[&str]; 2] = [&["--lib", "client::"], &consumers];
    for tests in tests {
        let mut test = Command::new("cargo");
        test.current_dir(workspace).args(["test", "--locked", "--package", "codexkit", "--target", &host]);
        test.arg("-Zbuild-std").arg("--target-dir").arg(workspace.join("target/tsan")).args(tests);
        test.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", "-Zsanitizer=thread");
        // The first report ends the tests.
        test.env("TSAN_OPTIONS", "halt_on_error=1");
        tool::run(&mut test)?;
    }
    Ok(())
}
