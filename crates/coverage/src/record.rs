//! What tests leave behind when they have passed.

use crate::rows;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The environment variable that names the file of the records. Without it nothing is recorded.
pub const RECORDS: &str = "CODEXKIT_COVERAGE";

/// The server that a test has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// The real codex.
    Real,
    /// A simulated one.
    Simulator,
    /// Parts of codexkit by themselves.
    None,
}

impl Server {
    const ALL: [Self; 3] = [Self::Real, Self::Simulator, Self::None];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Simulator => "simulator",
            Self::None => "unit",
        }
    }
}

/// A test that has passed, and a row that it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// The id of the row.
    pub row: String,
    /// What the test has used.
    pub server: Server,
    /// Its file, seen from the workspace.
    pub file: String,
    /// Its path within its crate.
    pub test: String,
}

/// The record of a test that is running. It is written when the test ends well.
#[derive(Debug)]
#[must_use = "it has to live as long as the test"]
pub struct Covers {
    file: String,
    test: String,
    rows: &'static [&'static str],
    server: fn() -> Option<Server>,
}

impl Covers {
    /// For `covers!`. `function` is the path of a function within the test; `server` says at its end what it has used, or
    /// nothing if the test was left out.
    ///
    /// # Panics
    ///
    /// When there is no such row.
    pub fn new(
        file: &'static str,
        function: &str,
        rows: &'static [&'static str],
        server: fn() -> Option<Server>,
    ) -> Self {
        for id in rows {
            assert!(
                rows::groups().iter().flat_map(|group| &group.rows).any(|row| row.id == *id),
                "no row {id}"
            );
        }
        Self { file: file_name(file), test: test_name(function), rows, server }
    }

    fn write(&self, server: Server, path: &OsStr) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        // Many tests write at once, each in one piece.
        let lines =
            self.rows.iter().map(|row| format!("{row}\t{}\t{}\t{}\n", server.word(), self.file, self.test));
        file.write_all(lines.collect::<String>().as_bytes())
    }
}

impl Drop for Covers {
    fn drop(&mut self) {
        let Some(path) = std::env::var_os(RECORDS) else { return };
        if std::thread::panicking() {
            return;
        }
        if let Some(server) = (self.server)()
            && let Err(error) = self.write(server, &path)
        {
            // Then the row is missing, which the command that reads the records tells.
            eprintln!("no record of {}: {error}", self.test);
        }
    }
}

/// A file that several modules share is named by the way to it: `a/b/../c.rs` is `a/c.rs`.
fn file_name(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `crate::module::test::{{closure}}::here` is the function `here` in the asynchronous test `module::test`.
fn test_name(function: &str) -> String {
    let parts = function.split("::").filter(|part| !part.starts_with('{'));
    let parts: Vec<&str> = parts.collect();
    parts[1..parts.len() - 1].join("::")
}

/// The records of a file, sorted, each once.
///
/// # Errors
///
/// When the file cannot be read, or holds something else.
pub fn read_records(path: &Path) -> io::Result<Vec<Record>> {
    let text = fs::read_to_string(path)?;
    let records: Option<Vec<Record>> = text.lines().map(parse).collect();
    let mut records = records.ok_or_else(|| io::Error::other("a line is no record"))?;
    records.sort();
    records.dedup();
    Ok(records)
}

fn parse(line: &str) -> Option<Record> {
    let mut fields = line.split('\t').map(str::to_owned);
    let (row, server, file, test) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let server = Server::ALL.into_iter().find(|known| known.word() == server)?;
    Some(Record { row, server, file, test })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_test_is_its_path_within_its_crate() {
        assert_eq!(test_name("threads::a_test::{{closure}}::here"), "a_test");
        assert_eq!(test_name("codexkit::client::tests::a_test::here"), "client::tests::a_test");
    }

    #[test]
    fn the_name_of_a_file_has_no_detours() {
        assert_eq!(file_name("e2e/tests/a/one/../both/t.rs"), "e2e/tests/a/both/t.rs");
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let folder = std::env::temp_dir().join(format!("codexkit-coverage-{}", std::process::id()));
        let covers = Covers::new("f.rs", "c::a::here", &["000-014"], || None);
        covers.write(Server::Real, folder.as_os_str()).unwrap();
        covers.write(Server::Real, folder.as_os_str()).unwrap();

        let records = read_records(&folder);
        fs::remove_file(&folder).unwrap();

        let (row, file, test) = ("000-014".to_owned(), "f.rs".to_owned(), "a".to_owned());
        assert_eq!(records.unwrap(), [Record { row, server: Server::Real, file, test }]);
    }

    #[test]
    #[should_panic(expected = "no row 999-999")]
    fn a_row_that_does_not_exist_stops_the_test() {
        crate::covers!["999-999"];
    }
}
