//! What codexkit can do, row by row, and the tests that show it.
//!
//! `rows.md` beside this crate lists what other SDKs for codex can do, and what codexkit has for it. A test that shows a row
//! names it in its first line, `covers!["000-014"];`. When it has passed, it is on record; [`document`] puts rows and records
//! together. Only tests that were run count: what is written down by hand is just what a row is.

mod document;
mod record;
mod rows;

pub use document::document;
pub use record::{Covers, RECORDS, Record, Server, read_records};
pub use rows::{Group, Row, Status, groups};

/// Says which rows a test shows. It is the test's first line; the rows count when the test has passed.
///
/// # Panics
///
/// When there is no such row.
#[macro_export]
macro_rules! covers {
    ($($row:literal),+ $(,)?) => {
        $crate::covers!(@ || Some($crate::Server::None); $($row),+);
    };
    (@ $server:expr; $($row:literal),+) => {
        let _covers = $crate::Covers::new(file!(), $crate::function_name!(), &[$($row),+], $server);
    };
}

/// The path of the function that this stands in.
#[doc(hidden)]
#[macro_export]
macro_rules! function_name {
    () => {{
        fn here() {}
        std::any::type_name_of_val(&here)
    }};
}
