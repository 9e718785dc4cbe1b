mod audit;
mod commands;
mod denied;
mod disk;
mod files;
mod others;
mod properties;
mod real_files;

use super::{Rules, Subject, Verdict};
use disk::Disk;

/// No rules yet, on the usual disk.
pub(super) fn rules() -> Rules {
    Rules::new().on(Disk::usual()).trusting(["/usr/bin", "/bin"])
}

/// The way in which the server renders a command: as arguments that are joined with quotes where they need them.
pub(super) fn rendered(script: &str) -> String {
    format!("/bin/bash -lc '{}'", script.replace('\'', r"'\''"))
}

/// As [`rendered`], with double quotes.
pub(super) fn rendered_double(script: &str) -> String {
    let mut quoted = String::new();
    for character in script.chars() {
        if "\"\\$`".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    format!("/bin/bash -lc \"{quoted}\"")
}

/// What becomes of a command of the shell, in the workspace.
pub(super) fn verdict(rules: &Rules, script: &str) -> Verdict {
    let line = rendered(script);
    let subject = Subject::Command { line: &line, cwd: Some("/workspace"), beyond: None };
    rules.decide(&subject).verdict
}
