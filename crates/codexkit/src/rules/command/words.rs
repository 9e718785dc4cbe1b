//! Cuts a command line into words as a shell does, and gives up where a shell would do more than that.

use std::fmt;

/// What has a meaning of its own to one of the shells. Outside of quotes it is never a part of a word here, and an
/// allow rule takes it nowhere: see [`super::simple`].
pub(super) const SPECIAL: &[char] =
    &[';', '&', '|', '<', '>', '(', ')', '{', '}', '$', '`', '\n', '#', '!', '*', '?', '[', ']', '~', '^'];

/// Why a text is not one plain command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Empty,
    TooLong,
    Special(char),
    Unprintable(char),
    OpenQuote,
    LoneBackslash,
    Assignment,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong => f.write_str("it is too long"),
            Self::Special(found) => write!(f, "it contains {found:?}, which means something to a shell"),
            Self::Unprintable(found) => write!(f, "it contains {found:?}, which is not printable ASCII"),
            Self::OpenQuote => f.write_str("a quote stays open"),
            Self::LoneBackslash => f.write_str("a backslash stands at the end of a line"),
            Self::Assignment => f.write_str("it assigns or expands by an equals sign"),
        }
    }
}

/// The words after the removal of quotes.
pub(super) fn split(text: &str) -> Result<Vec<String>, Refusal> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => match rest.next() {
                None | Some('\n') => return Err(Refusal::LoneBackslash),
                // A shell takes a letter of several bytes apart here when its locale is another.
                Some(escaped) => word.get_or_insert_default().push(bare(escaped)?),
            },
            special if SPECIAL.contains(&special) => return Err(Refusal::Special(special)),
            other => word.get_or_insert_default().push(bare(other)?),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Printable ASCII. Which other characters part words depends on the shell and its locale.
fn bare(character: char) -> Result<char, Refusal> {
    match character {
        ' '..='~' => Ok(character),
        other => Err(Refusal::Unprintable(other)),
    }
}

fn single_quoted(rest: &mut impl Iterator<Item = char>, word: &mut String) -> Result<(), Refusal> {
    for next in rest {
        match next {
            '\'' => return Ok(()),
            '\0' => return Err(Refusal::Unprintable('\0')),
            other => word.push(other),
        }
    }
    Err(Refusal::OpenQuote)
}

fn double_quoted(rest: &mut impl Iterator<Item = char>, word: &mut String) -> Result<(), Refusal> {
    while let Some(next) = rest.next() {
        match next {
            '"' => return Ok(()),
            '$' | '`' => return Err(Refusal::Special(next)),
            '\0' => return Err(Refusal::Unprintable('\0')),
            '\\' => match rest.next() {
                None => return Err(Refusal::OpenQuote),
                Some('\0') => return Err(Refusal::Unprintable('\0')),
                Some('\n') => {}
                Some(escaped @ ('$' | '`' | '"' | '\\')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
    Err(Refusal::OpenQuote)
}
