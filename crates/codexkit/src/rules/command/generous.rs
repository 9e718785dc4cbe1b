//! What a command might run, read generously: for rules that deny or ask.
//!
//! Quotes are ignored, so that what they hide counts as well. The text is cut into segments at everything that may
//! begin another command. In each segment the first word that is no assignment and no word of the shell's grammar is
//! taken for a program; if that one runs what its arguments say, so is every word after it. When the text expands
//! anything, or has several segments of which one runs what it is told, nobody can tell what runs, and every word of it
//! is taken for a program.
//!
//! A program that is spelt by no word of the text is not seen; but no rule allows such a text either.

use super::launchers::{is_launcher, names};
use super::simple::unwrapped;
use super::words::split;
use crate::rules::glob;

const BEGIN_ANOTHER: &[char] =
    &[';', '&', '|', '\n', '\r', '(', ')', '{', '}', '<', '>', '`', '$', '\u{85}', '\u{2028}', '\u{2029}'];
const EXPAND: &[char] = &['$', '`', '{'];
const GRAMMAR: &[&str] = &[
    "!",
    "case",
    "do",
    "elif",
    "else",
    "for",
    "function",
    "if",
    "in",
    "select",
    "then",
    "until",
    "while",
    "noglob",
    "nocorrect",
    "-",
];

/// The places of a command at which a program may stand.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
struct Segment {
    words: Vec<String>,
    /// The places in `words` that are taken for programs, each with all names of the program.
    programs: Vec<(usize, Vec<String>)>,
    /// One of the programs runs what its arguments say.
    launches: bool,
}

impl Reading {
    pub(super) fn of(line: &str) -> Self {
        let words = split(line).unwrap_or_default();
        let script = unwrapped(&words).map_or(line, |(_, script)| script);
        let mut segments = segments(script);
        // Whether a backslash joins two lines depends on the quotes around it.
        if script.contains("\\\n") {
            segments.extend(self::segments(&script.replace("\\\n", "")));
        }
        let launches = segments.len() > 1 && segments.iter().any(|segment| segment.launches);
        if launches || script.contains(EXPAND) {
            segments.push(everything(&segments));
        }
        Self { segments }
    }

    /// Whether one of the programs may be this one.
    pub(super) fn may_run(&self, program: &str) -> bool {
        let wanted = names(program);
        self.segments.iter().any(|segment| segment.first_run(&wanted).is_some())
    }

    /// Whether one of the programs may be the first of these words, with the others after it in this order, whatever
    /// stands between them.
    pub(super) fn may_begin(&self, words: &[String]) -> bool {
        let Some((program, rest)) = words.split_first() else { return false };
        let wanted = names(program);
        self.segments.iter().any(|segment| {
            // A later place of the same program has fewer words after it, so the first decides.
            segment.first_run(&wanted).is_some_and(|at| in_order(rest, &segment.words[at + 1..]))
        })
    }
}

impl Segment {
    fn new(words: Vec<String>, redirected: bool) -> Self {
        let first = words.iter().position(|word| !is_grammar(word)).unwrap_or(words.len());
        // After a redirection comes a file, then perhaps the program.
        let segment = Self::with_programs(words, first, if redirected { 2 } else { 1 });
        if segment.launches { Self::with_programs(segment.words, first, usize::MAX) } else { segment }
    }

    fn with_programs(words: Vec<String>, first: usize, most: usize) -> Self {
        let places = words.iter().enumerate().skip(first).take(most);
        // `=ls` is the path of `ls` to zsh.
        let programs: Vec<_> = places.map(|(at, word)| (at, names(word.trim_start_matches('=')))).collect();
        let launches = programs.iter().any(|(_, names)| is_launcher(names));
        Self { words, programs, launches }
    }

    fn first_run(&self, wanted: &[String]) -> Option<usize> {
        self.programs.iter().find(|(_, names)| may_be(names, wanted)).map(|(at, _)| *at)
    }
}

/// Every word of the command, and every part of it that an expansion may make a word.
fn everything(segments: &[Segment]) -> Segment {
    let words: Vec<String> = segments
        .iter()
        .flat_map(|segment| &segment.words)
        .flat_map(|word| {
            let parts = word.split(['=', ',']).filter(|part| !part.is_empty() && *part != word.as_str());
            std::iter::once(word.clone()).chain(parts.map(str::to_owned))
        })
        .collect();
    Segment::with_programs(words, 0, usize::MAX)
}

fn segments(script: &str) -> Vec<Segment> {
    cut(script).map(|(words, redirected)| Segment::new(words, redirected)).collect()
}

/// The words of each segment, and whether it begins with the file of a redirection.
fn cut(script: &str) -> impl Iterator<Item = (Vec<String>, bool)> {
    script.split_inclusive(BEGIN_ANOTHER).scan(false, |redirected, segment| {
        let was = std::mem::replace(redirected, segment.ends_with(['<', '>']));
        let words = segment
            .trim_end_matches(BEGIN_ANOTHER)
            .split(|between: char| between.is_whitespace() || between.is_control())
            .map(|word| word.replace(['\'', '"'], ""))
            .filter(|word| !word.is_empty())
            .collect();
        Some((words, was))
    })
}

fn is_grammar(word: &str) -> bool {
    let assigns = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && !name.contains('/') && !name.starts_with(|first: char| first.is_ascii_digit())
    });
    assigns || GRAMMAR.contains(&word)
}

fn may_be(names: &[String], wanted: &[String]) -> bool {
    names.iter().any(|name| wanted.iter().any(|wanted| name == wanted || is_pattern(name, wanted)))
}

fn is_pattern(name: &str, wanted: &str) -> bool {
    name.contains(['*', '?', '[']) && glob::part_matches(&without_classes(name), wanted)
}

/// `r[lm]` may become whatever `r?` may.
fn without_classes(pattern: &str) -> String {
    let mut plain = String::new();
    let mut rest = pattern;
    while let Some((before, class)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push('?');
        rest = class.split_once(']').map_or("", |(_, after)| after);
    }
    plain + rest
}

fn in_order(wanted: &[String], words: &[String]) -> bool {
    let mut words = words.iter();
    wanted.iter().map(|wanted| wanted.to_lowercase()).all(|wanted| words.any(|word| may_say(word, &wanted)))
}

/// An option may carry its value: `--output=x` says `--output`.
fn may_say(word: &str, wanted: &str) -> bool {
    let word = word.replace('\\', "").to_lowercase();
    word.strip_prefix(wanted).is_some_and(|after| after.is_empty() || after.starts_with('='))
}
