//! The words that a real shell makes of a text are the words that we make of it.

use super::words::split;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::process::Command;

/// The words that bash makes of each text. Fails where there is no bash: nothing is skipped in silence.
fn words_of_bash(texts: &[String]) -> Vec<Vec<String>> {
    let lines = texts.iter().map(|text| format!("set -- {text}\nprintf '%s\\0' \"$#\" \"$@\"\n"));
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", &lines.collect::<String>()])
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("these tests need bash");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut fields = text.split_terminator('\0').map(str::to_owned);
    texts
        .iter()
        .map(|_| {
            let count: usize = fields.next().unwrap().parse().unwrap();
            fields.by_ref().take(count).collect()
        })
        .collect()
}

fn agree(texts: &[String]) {
    for (text, theirs) in texts.iter().zip(words_of_bash(texts)) {
        assert_eq!(split(text).as_ref(), Ok(&theirs), "{text:?}");
    }
}

#[test]
fn every_form_of_quotes_is_read_as_bash_reads_it() {
    let texts = [
        "",
        "a",
        "  a  b\t c ",
        "'a b'",
        "\"a b\"",
        r"a\ b",
        "''",
        "\"\"",
        "'' a ''",
        "a''b",
        "a\"\"b",
        "'a'\"b\"c",
        r"\a\'\b",
        r"a\\b",
        r#""a\"b""#,
        r#""a\\b""#,
        r#""a\$b\`c""#,
        r#""a\bc\'d""#,
        "\"a\\\nb\"",
        "'a\nb'",
        "\"a\nb\"",
        "'a;b|c&d'",
        "\"a;b|c&d#!*?\"",
        r"\;\&\|\<\>\(\)\{\}\$\`\#\!\*\?\[\]\~\^",
        r"'it'\''s'",
        "'$x `y` \\'",
        "a=b",
        "'caf\u{e9} \u{200b}'",
        "\"\u{a0}\"",
        "\"'\" '\"'",
        "-a --b=c",
        "%1 @x a,b a:b +x",
        "'\u{1}'",
        "'''a'",
        "\"\"\"a\"",
        r#""\\\"""#,
        r"'\'",
        r#"'a'"b"\c"#,
    ];
    agree(&texts.map(str::to_owned));
}

#[test]
fn what_a_shell_might_read_otherwise_is_not_read() {
    for text in [
        "caf\u{e9}",
        "a\u{a0}b",
        "\\\u{e9}",
        "\\\t",
        "a\r",
        "'\0'",
        "\"\0\"",
        "\"\\\0\"",
        "a\nb",
        "a\\\nb",
        "'",
        "\"",
        "\\",
        "\"\\",
    ] {
        assert!(split(text).is_err(), "{text:?}");
    }
}

/// A text, and how the words of it are quoted, at random but the same each time.
#[test]
fn random_words_in_random_quotes_are_read_as_bash_reads_them() {
    let character = prop_oneof![
        3 => prop::char::range(' ', '~'),
        1 => prop::sample::select(vec!['\'', '"', '\\', '$', '`', '!', '\n', '\t', ' ', '#', '~', '=', '*', '{', '}']),
        1 => prop::sample::select(vec!['\u{e9}', '\u{a0}', '\u{200b}', '\u{4e16}', '\u{1f600}', '\r', '\u{1}', '\u{7f}']),
    ];
    let part = (prop::collection::vec(character, 0..6), 0..3usize)
        .prop_map(|(characters, form)| quoted(&characters.into_iter().collect::<String>(), form));
    let word = prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat());
    let text = prop::collection::vec(word, 0..5).prop_map(|words| words.join(" "));
    let texts = prop::collection::vec(text, 200);

    let config = ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&texts, |texts| {
            for (text, theirs) in texts.iter().zip(words_of_bash(&texts)) {
                prop_assert_eq!(split(text), Ok(theirs), "{:?}", text);
            }
            Ok(())
        })
        .unwrap();
}

fn quoted(text: &str, form: usize) -> String {
    match form {
        0 => format!("'{}'", text.replace('\'', r"'\''")),
        1 => {
            let escape =
                |next: char| if "\"\\$`".contains(next) { format!("\\{next}") } else { next.to_string() };
            format!("\"{}\"", text.chars().map(escape).collect::<String>())
        }
        // A backslash before each, but for what is not a character of ASCII or is taken out after a backslash.
        _ => text.chars().filter(|next| (' '..='~').contains(next)).map(|next| format!("\\{next}")).collect(),
    }
}

/// Texts that we read at all are read as bash reads them, be they quoted well or not.
#[test]
fn random_texts_are_read_as_bash_reads_them_or_not_at_all() {
    let text = prop::collection::vec(
        prop::sample::select(vec![
            "a", "b", "-", " ", "'", "\"", "\\", "\\\\", "=", ",", "/", "\t", ";", "$", "\n", "#", "{", "%",
        ]),
        0..10,
    )
    .prop_map(|pieces| pieces.concat())
    .prop_filter("what has no words for us", |text| split(text).is_ok());
    let texts = prop::collection::vec(text, 200);
    let config = ProptestConfig {
        cases: 5,
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&texts, |texts| {
            for (text, theirs) in texts.iter().zip(words_of_bash(&texts)) {
                prop_assert_eq!(split(text), Ok(theirs), "{:?}", text);
            }
            Ok(())
        })
        .unwrap();
}
