//! From the docs of an async item to those of its twin.

use super::imports::Imports;
use super::{TWINS, UNCONNECTED};
use std::collections::BTreeSet;

/// What is said otherwise where nothing is awaited.
const WORDS: [(&str, &str); 17] = [
    (
        "A handler that blocks the thread, rather than awaits, can hold up the runtime that it shares with the connection.",
        "When its time is over, its answer no longer counts, but nothing stops it.",
    ),
    ("; await it for its whole output, or end it", "; [`wait`](Self::wait) for its whole output, or end it"),
    ("; await it for", "; [`wait`](Self::wait) for"),
    ("; await it.", "; end it with [`wait`](Self::wait)."),
    ("; await them.", "; end them with [`wait`](Self::wait)."),
    ("Await it for", "[`wait`](Self::wait) for"),
    ("An awaited run", "A run that is waited for"),
    ("an awaited run", "a run that is waited for"),
    ("is awaited", "is waited for"),
    ("in a task of its own", "on a thread of its own"),
    ("from any task", "from any thread"),
    ("An async function", "A function"),
    ("as a stream of", "as an iterator over"),
    ("a stream of its", "an iterator over its"),
    ("no tokio runtime with I/O and time", "a call from inside an async runtime"),
    ("in this turn as a stream, instead of handlers", "in this turn as an iterator, instead of handlers"),
    (
        "nothing; so do those that are open when the stream of asks is dropped",
        "nothing; so do those that are open when the asks are dropped",
    ),
];

/// What the docs of one item can refer to.
pub(super) struct Context<'a> {
    pub(super) imports: &'a Imports,
    pub(super) exported: &'a Imports,
    /// The methods of the async half that have to be awaited. Builders have to be, too, and have `wait`.
    pub(super) awaited: &'a BTreeSet<String>,
}

/// The docs of the twin.
pub(super) fn adapt(docs: &str, context: &Context<'_>) -> String {
    let mut adapted: Vec<String> = Vec::new();
    for block in blocks(docs) {
        let text = match block {
            Part::Code(code) => example(&code, context.awaited),
            Part::Words(words) => prose(&words, context),
        };
        if !text.is_empty() {
            adapted.push(text);
        }
    }
    let is_point = |text: &str| text.starts_with("- ");
    let gaps = adapted.windows(2).map(|pair| match is_point(&pair[0]) && is_point(&pair[1]) {
        true => "\n",
        false => "\n\n",
    });
    let gaps = gaps.chain([""]);
    adapted.iter().zip(gaps).flat_map(|(text, gap)| [text.as_str(), gap]).collect()
}

/// Single words that an attribute says.
pub(super) fn words(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

enum Part {
    Code(String),
    Words(String),
}

/// Paragraphs, points of lists, and examples.
fn blocks(docs: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let mut code: Option<Vec<&str>> = None;
    let end_words = |words: &mut Vec<&str>, parts: &mut Vec<Part>| {
        if !words.is_empty() {
            parts.push(Part::Words(std::mem::take(words).join(" ")));
        }
    };
    for line in docs.lines() {
        let is_fence = line.trim_start().starts_with("```");
        match &mut code {
            Some(lines) => {
                lines.push(line);
                if is_fence {
                    parts.push(Part::Code(lines.join("\n")));
                    code = None;
                }
            }
            None if is_fence => {
                end_words(&mut words, &mut parts);
                code = Some(vec![line]);
            }
            None if line.trim().is_empty() => end_words(&mut words, &mut parts),
            None => {
                if line.starts_with("- ") {
                    end_words(&mut words, &mut parts);
                }
                words.push(line.trim());
            }
        }
    }
    end_words(&mut words, &mut parts);
    parts
}

/// A paragraph without what matters to futures only.
fn prose(text: &str, context: &Context<'_>) -> String {
    let is_about_futures = |text: &str| {
        text.starts_with("Cancel safe") || text.starts_with("Not cancel safe") || text.contains("the future")
    };
    if text.starts_with("Cancel safe") || text.starts_with("Not cancel safe") {
        return String::new();
    }
    let sentences: Vec<&str> = text.split_inclusive(". ").filter(|said| !is_about_futures(said)).collect();
    wrap(&links(words(sentences.concat().trim()).trim(), context))
}

/// Has each link lead to the blocking half, where there is one.
fn links(text: &str, context: &Context<'_>) -> String {
    let mut linked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let Some(length) = rest[at..].find(']') else { break };
        let (label, after) = (&rest[at + 1..at + length], &rest[at + length + 1..]);
        linked.push_str(&rest[..at]);
        let explicit = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        let (target, after) = match explicit {
            Some((target, after)) => (target, after),
            None => (label.trim_matches('`'), after),
        };
        match path(target, context) {
            Some(path) => linked.push_str(&format!("[{label}]({path})")),
            None if explicit.is_some() => linked.push_str(&format!("[{label}]({target})")),
            None => linked.push_str(&format!("[{label}]")),
        }
        rest = after;
    }
    linked + rest
}

/// The path of an item as it reads in the blocking half.
fn path(target: &str, context: &Context<'_>) -> Option<String> {
    let within = target.trim_start_matches("super::");
    let within = within.strip_prefix("crate::").unwrap_or(within);
    let first = within.split("::").next()?;
    if first == "Self" || within.contains("://") || !first.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    if TWINS.contains(&first) || UNCONNECTED.contains(&first) {
        return Some(format!("crate::blocking::{within}"));
    }
    if context.exported.path(first).is_some() || within.len() < target.len() {
        return Some(format!("crate::{within}"));
    }
    let imported = context.imports.path(first)?;
    Some(format!("{imported}{}", &within[first.len()..]))
}

/// An example without futures.
fn example(code: &str, awaited: &BTreeSet<String>) -> String {
    let mut waiting = String::new();
    let mut rest = code;
    while let Some(at) = rest.find(".await") {
        waiting.push_str(&rest[..at]);
        if !called_last(&waiting).is_some_and(|name| awaited.contains(name)) {
            waiting.push_str(".wait()");
        }
        rest = &rest[at + ".await".len()..];
    }
    waiting.push_str(rest);
    let waiting = waiting.replace("async fn", "fn").replace("async move {", "{").replace("async {", "{");
    let lines = waiting.lines().flat_map(import);
    let lines: Vec<String> = lines.map(|line| TWINS.iter().chain(&UNCONNECTED).fold(line, to_twin)).collect();
    lines.join("\n")
}

/// The method whose call an expression ends with.
fn called_last(code: &str) -> Option<&str> {
    let mut depth = 0;
    let open = code.char_indices().rev().find_map(|(at, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ if depth == 0 => return Some(None),
            _ => {}
        }
        (depth == 0).then_some(Some(at))
    })??;
    let name = code[..open].trim_end();
    let start = name.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    Some(&name[start..])
}

/// A line of an example; where it imports from both halves, two.
fn import(line: &str) -> Vec<String> {
    let Some((indent, names)) = line
        .split_once("use codexkit::{")
        .and_then(|(indent, rest)| Some((indent, rest.strip_suffix("};")?)))
    else {
        return vec![line.to_owned()];
    };
    let (twins, others): (Vec<&str>, Vec<&str>) =
        names.split(", ").partition(|name| TWINS.contains(name) || UNCONNECTED.contains(name));
    let group = |of: &str, names: Vec<&str>| match names.as_slice() {
        [] => None,
        [one] => Some(format!("{indent}use {of}::{one};")),
        several => Some(format!("{indent}use {of}::{{{}}};", several.join(", "))),
    };
    group("codexkit::blocking", twins).into_iter().chain(group("codexkit", others)).collect()
}

fn to_twin(line: String, name: &&str) -> String {
    let (from, to) = (format!("codexkit::{name}"), format!("codexkit::blocking::{name}"));
    let mut replaced = String::new();
    let mut rest = line.as_str();
    while let Some(at) = rest.find(&from) {
        let after = &rest[at + from.len()..];
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        replaced.push_str(&rest[..at]);
        replaced.push_str(if is_whole { &to } else { &from });
        rest = after;
    }
    replaced + rest
}

/// Lines of a width at which they are comfortable to read.
fn wrap(text: &str) -> String {
    let indent = if text.starts_with("- ") { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line == indent || line.len() + word.len() < 112 => {
                if !line.is_empty() && line != indent {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines.join("\n")
}
