//! `docs/coverage.md`.

use crate::record::Record;
use crate::rows::{Row, Status, groups};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEAD: &str = "\
# What is covered, and what shows it

What the SDKs for codex that we know of can do, point by point, what codexkit has for each, and the tests that show it. The ids
are those that the tests name: `covers![\"000-014\"]`.

This file is written by `cargo xtask coverage` from the tests that have passed, and CI fails when it says something else than
they do. After a test stands what it ran on: the *real* codex, a *simulator* of it where the real one cannot be made to do what is
looked at, or nothing of the kind, a *unit* test. A row about packages and documents names the document to read.

";

/// The document, made from the tests that have passed.
///
/// # Errors
///
/// What is wrong with rows and records, line by line: a row that nothing shows, a record of an unknown row, or of one that
/// is said to have no test.
pub fn document(records: &[Record]) -> Result<String, String> {
    let mut tests: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        tests.entry(&record.row).or_default().push(record);
    }
    let (mut text, mut wrong) = (String::new(), String::new());
    let mut counts = Counts::default();
    for group in groups() {
        let _ =
            write!(text, "\n## {}\n\n| row | what | codexkit | shown by |\n|---|---|---|---|\n", group.title);
        for row in &group.rows {
            let shown = tests.remove(row.id).unwrap_or_default();
            match how(row, &shown) {
                Ok(how) => {
                    counts.add(row);
                    let api = row.api.replace("[`", "`").replace("`]", "`");
                    let _ = writeln!(text, "| {} | {} | {api} | {how} |", row.id, row.what);
                }
                Err(problem) => {
                    let _ = writeln!(wrong, "{}: {problem}", row.id);
                }
            }
        }
    }
    for record in tests.into_values().flatten() {
        let _ = writeln!(wrong, "{}: no such row, and yet {} names it", record.row, record.test);
    }
    match wrong.is_empty() {
        true => Ok(format!("{HEAD}{counts}\n{text}")),
        false => Err(wrong),
    }
}

/// The last column.
fn how(row: &Row, shown: &[&Record]) -> Result<String, String> {
    let (word, text) = match (row.status, shown) {
        (Status::Shown, []) => {
            return Err("no passed test shows it, and it has no reason for that".to_owned());
        }
        (Status::Shown, shown) => {
            return Ok(shown.iter().map(|record| link(record)).collect::<Vec<_>>().join("<br>"));
        }
        (Status::Documented(place), []) => ("documented", place),
        (Status::NotApplicable(reason), []) => ("not applicable", reason),
        (Status::Open(missing), []) => ("**open**", missing),
        (_, [record, ..]) => {
            return Err(format!("rows.md says that no test shows it, and yet {} does", record.test));
        }
    };
    Ok(format!("{word}: {text}"))
}

fn link(record: &Record) -> String {
    let Record { file, test, server, .. } = record;
    let short = file.strip_prefix("e2e/tests/").unwrap_or(file);
    format!("[{short}](../{file}) `{test}` ({})", server.word())
}

#[derive(Default)]
struct Counts {
    shown: usize,
    documented: usize,
    not_applicable: usize,
    open: usize,
}

impl Counts {
    fn add(&mut self, row: &Row) {
        *match row.status {
            Status::Shown => &mut self.shown,
            Status::Documented(_) => &mut self.documented,
            Status::NotApplicable(_) => &mut self.not_applicable,
            Status::Open(_) => &mut self.open,
        } += 1;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { shown, documented, not_applicable, open } = self;
        write!(
            f,
            "{shown} rows are shown by tests, {documented} are documents, {not_applicable} do not apply, {open} are open."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Server;

    fn record(row: &str, test: &str) -> Record {
        let (file, test) = ("e2e/tests/t.rs".to_owned(), test.to_owned());
        Record { row: row.to_owned(), server: Server::Real, file, test }
    }

    /// As if each row that is to be shown were.
    fn complete() -> Vec<Record> {
        let rows = groups().iter().flat_map(|group| &group.rows);
        rows.filter(|row| row.status == Status::Shown).map(|row| record(row.id, "m::a_test")).collect()
    }

    #[test]
    fn a_row_that_is_shown_names_its_tests() {
        let mut records = complete();
        let row = records[0].row.clone();
        records.push(record(&row, "another"));
        let text = document(&records).unwrap();
        let line = text.lines().find(|line| line.starts_with(&format!("| {row} |"))).unwrap();
        let (one, other) =
            ("[t.rs](../e2e/tests/t.rs) `m::a_test` (real)", "[t.rs](../e2e/tests/t.rs) `another` (real)");
        assert!(line.ends_with(&format!("{one}<br>{other} |")), "{line}");
    }

    #[test]
    fn a_row_that_nothing_shows_is_an_error() {
        let records = complete();
        let wrong = document(&records[1..]).unwrap_err();
        assert!(wrong.starts_with(&records[0].row) && wrong.lines().count() == 1, "{wrong}");
    }

    #[test]
    fn a_record_of_an_unknown_row_is_an_error() {
        let mut records = complete();
        records.push(record("999-999", "a_test"));
        assert!(document(&records).unwrap_err().starts_with("999-999: no such row"));
    }

    #[test]
    fn a_row_that_is_said_to_have_no_test_must_have_none() {
        let mut records = complete();
        let rows = groups().iter().flat_map(|group| &group.rows);
        let without = rows.filter(|row| row.status != Status::Shown).map(|row| row.id).next().unwrap();
        records.push(record(without, "a_test"));
        assert!(document(&records).unwrap_err().contains("a_test does"));
    }
}
