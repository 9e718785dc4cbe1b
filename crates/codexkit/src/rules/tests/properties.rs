//! What holds for every text.

use super::{rendered, rendered_double, rules};
use crate::rules::{Args, Command, Rules, Subject, Verdict};
use proptest::prelude::*;

const SPECIAL: &[char] = &[
    ';', '&', '|', '<', '>', '(', ')', '{', '}', '$', '`', '\n', '#', '!', '*', '?', '[', ']', '~', '^',
    '\0', '\r', '\t', '\u{a0}', '\u{200b}', '\u{2028}', '\u{1b}',
];

/// Rules that allow whatever begins with these programs, by any argument and by any check.
fn widest() -> Rules {
    let programs = ["ls", "cat", "git", "env", "find", "awk", "bash"];
    programs.into_iter().fold(rules(), |rules, program| {
        let all = Args::checked(|_| true);
        rules.allow(Command::starting_with([program]).with_arguments(all))
    })
}

fn allows(rules: &Rules, line: &str) -> bool {
    let subject = Subject::Command { line, cwd: Some("/workspace"), beyond: None };
    rules.decide(&subject).verdict == Verdict::Allow
}

/// Texts that are close to commands.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["ls", "cat", "git", "log", "x", "-a", "rm", "/usr/bin/ls", "env", "bash", "-lc", "a.b"])
            .prop_map(str::to_owned),
        3 => Just(" ".to_owned()),
        1 => prop::sample::select(vec!["'", "\"", "\\", "=", ",", ":", "%", "@"]).prop_map(str::to_owned),
        1 => "[ -~]",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_with_a_metacharacter_is_ever_allowed(
        before in pieces(),
        special in prop::sample::select(SPECIAL),
        after in pieces(),
    ) {
        let rules = widest();
        let start = ["", "ls ", "/usr/bin/git log "];
        for start in start {
            let text = format!("{start}{before}{special}{after}");
            for line in [rendered(&text), rendered_double(&text), text.clone()] {
                prop_assert!(!allows(&rules, &line), "{line:?}");
            }
        }
    }

    #[test]
    fn no_quotes_make_a_metacharacter_allowed(word in pieces(), special in prop::sample::select(SPECIAL)) {
        let rules = widest();
        for text in [
            format!("ls '{}'", format!("{word}{special}").replace('\'', r"'\''")),
            format!("ls \"{special}{}\"", word.replace(['"', '\\'], "")),
            format!("ls \\{special}{word}"),
        ] {
            prop_assert!(!allows(&rules, &rendered(&text)), "{text:?}");
            prop_assert!(!allows(&rules, &text), "{text:?}");
        }
    }

    /// What is allowed has the words of the rule, and all else that the rule says.
    #[test]
    fn only_the_words_of_a_rule_are_allowed(text in pieces()) {
        let rules = rules().allow(Command::exactly(["git", "log", "-a"]));
        let words: String = text.chars().filter(|next| !"'\"\\ ".contains(*next)).collect();
        let same = words.strip_prefix("/usr/bin/").unwrap_or(&words) == "gitlog-a";
        prop_assert!(same || !allows(&rules, &rendered(&text)), "{text:?}");
    }

    #[test]
    fn a_denied_program_never_gets_through(before in pieces(), after in pieces()) {
        let rules = widest().deny(Command::program("rm"));
        for between in [";", "|", "&&", "\n", "$(", "`", "("] {
            let text = format!("{before}{between}rm {after}");
            let subject = rendered(&text);
            prop_assert_eq!(rules.decide(&Subject::command(&subject)).verdict, Verdict::Deny, "{:?}", text);
        }
    }

    #[test]
    fn no_text_is_too_much(text in any::<String>()) {
        let rules = widest().deny(Command::starting_with(["rm", "x"])).deny(Command::program("git"));
        for line in [rendered(&text), rendered_double(&text), text] {
            let subject = Subject::command(&line);
            let decision = rules.decide(&subject);
            prop_assert!(decision.verdict != Verdict::Allow || line.is_ascii());
            let _ = subject.to_string();
        }
    }
}
