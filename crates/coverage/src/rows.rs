//! The rows: `rows.md`, taken apart.

use std::sync::LazyLock;

/// Rows of one origin.
#[derive(Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// Its rows, in order.
    pub rows: Vec<Row>,
}

/// Something that an SDK for codex can do.
#[derive(Debug)]
pub struct Row {
    /// Its name, for ever.
    pub id: &'static str,
    /// What it is, in a sentence.
    pub what: &'static str,
    /// What codexkit has for it.
    pub api: &'static str,
    /// How one knows.
    pub status: Status,
}

/// How one knows that a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// By tests.
    Shown,
    /// It is about documents or packages, which are to be read: where.
    Documented(&'static str),
    /// It holds nowhere: the reason.
    NotApplicable(&'static str),
    /// Something is missing.
    Open(&'static str),
}

/// All rows.
///
/// # Panics
///
/// When `rows.md` is not of its form.
#[must_use]
pub fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| parse(include_str!("../rows.md")));
    &GROUPS
}

fn parse(text: &'static str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            groups.push(Group { title, rows: Vec::new() });
        } else if let Some(row) = line.strip_prefix("- ") {
            let row = parse_row(row).unwrap_or_else(|| panic!("rows.md: no row: {line}"));
            groups
                .last_mut()
                .unwrap_or_else(|| panic!("rows.md: a row without heading: {line}"))
                .rows
                .push(row);
        }
    }
    groups
}

/// `id | what | api`, and perhaps ` | status`.
fn parse_row(line: &'static str) -> Option<Row> {
    let mut fields = line.split(" | ").map(str::trim);
    let (id, what, api) = (fields.next()?, fields.next()?, fields.next()?);
    let status = match fields.next() {
        None => Status::Shown,
        Some(status) => match status.split_once(": ")? {
            ("documented", place) => Status::Documented(place),
            ("not applicable", reason) => Status::NotApplicable(reason),
            ("open", missing) => Status::Open(missing),
            _ => return None,
        },
    };
    fields.next().is_none().then_some(Row { id, what, api, status })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn ids() -> Vec<&'static str> {
        groups().iter().flat_map(|group| &group.rows).map(|row| row.id).collect()
    }

    #[test]
    fn all_390_rows_are_there_once_and_in_order() {
        let mut wanted: Vec<String> = Vec::new();
        for (seed, first, last) in [("000", 1, 70), ("001", 71, 97), ("002", 98, 147), ("003", 148, 279)] {
            wanted.extend((first..=last).map(|number| format!("{seed}-{number:03}")));
        }
        for (letter, last) in [("O", 47), ("T", 28), ("D", 36)] {
            wanted.extend((1..=last).map(|number| format!("{letter}{number:02}")));
        }
        assert_eq!(wanted.len(), 390);
        assert_eq!(ids(), wanted);
        assert_eq!(ids().into_iter().collect::<BTreeSet<_>>().len(), 390);
    }

    #[test]
    fn each_row_is_a_sentence_and_says_what_there_is_for_it_unless_there_is_nothing() {
        for row in groups().iter().flat_map(|group| &group.rows) {
            assert!(row.what.ends_with('.') && row.what.len() > 15, "{row:?}");
            assert_eq!(row.what.matches('`').count() % 2, 0, "{row:?}");
            let nothing =
                matches!(row.status, Status::NotApplicable(_) | Status::Open(_) | Status::Documented(_));
            assert!(nothing || row.api.contains('`'), "{row:?}");
        }
    }
}
