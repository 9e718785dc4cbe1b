//! The whole command of the server, as the user has named it.

use super::environment::{BINARY_VARIABLE, COMMAND_VARIABLE, Environment};
use super::locate::{is_executable, named};
use crate::error::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The command in `CODEX_APP_SERVER_CMD`: its program, found like any other, and its arguments. It yields to a binary that is
/// named.
///
/// # Errors
/// `Usage`: the text is no command. `NotFound`: there is no such program.
pub(super) fn user_command(
    explicit: Option<&Path>,
    environment: &Environment,
) -> Result<Option<(PathBuf, Vec<String>)>> {
    if explicit.is_some() || environment.variable(BINARY_VARIABLE).is_some() {
        return Ok(None);
    }
    let Some(text) = environment.variable(COMMAND_VARIABLE) else { return Ok(None) };
    let words = text.to_str().and_then(split).filter(|words| !words.is_empty());
    let Some(mut words) = words else {
        let text = format!(
            "{COMMAND_VARIABLE} is no command: close its quotes, or name a program, as in `codex app-server`"
        );
        return Err(Error::new(ErrorKind::Usage, text));
    };
    let program = PathBuf::from(words.remove(0));
    let is_plain = program.parent().is_some_and(|folder| folder.as_os_str().is_empty());
    let on_path = || environment.path_folders().into_iter().map(|folder| folder.join(&program));
    let found = if is_plain { on_path().find(|path| is_executable(path)) } else { Some(program.clone()) };
    let Some(found) = found else {
        let text = format!(
            "the program `{}` of {COMMAND_VARIABLE} is not on PATH; install it, or name its path",
            program.display()
        );
        return Err(Error::new(ErrorKind::NotFound, text));
    };
    Ok(Some((named(&found, COMMAND_VARIABLE, environment)?, words)))
}

/// The words of a command, with the quotes and backslashes of a shell, and nothing else of it. None if a quote stays open.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match character {
            '\\' => word.push(characters.next()?),
            '\'' => loop {
                match characters.next()? {
                    '\'' => break,
                    other => word.push(other),
                }
            },
            '"' => loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => match characters.next()? {
                        escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                        other => word.extend(['\\', other]),
                    },
                    other => word.push(other),
                }
            },
            other => word.push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::tests::fixture::Scratch;

    fn environment(scratch: &Scratch, command: &str) -> Environment {
        let path = scratch.path().join("bin").into_os_string();
        Environment::of([(COMMAND_VARIABLE, command.into()), ("PATH", path)])
    }

    #[test]
    fn words_are_split_as_by_a_shell() {
        let words = |text| split(text).unwrap();
        assert_eq!(words("  codex  app-server\t--x=1 "), ["codex", "app-server", "--x=1"]);
        assert_eq!(words(r#"a 'b "c' "d 'e" f\ g "" 'h'i"j""#), ["a", "b \"c", "d 'e", "f g", "", "hij"]);
        assert_eq!(words(r#""a\"b\\c\d$e""#), [r#"a"b\c\d$e"#]);
        assert!(words(" ").is_empty());
        assert_eq!([split("'a"), split("\"a"), split("a\\")], [None, None, None]);
    }

    #[test]
    fn the_command_is_found_on_the_path_or_by_its_own() {
        let scratch = Scratch::new();
        let codex = scratch.executable("bin/codex", "");
        let by_name = user_command(None, &environment(&scratch, "codex -c a=1 app-server")).unwrap();
        let words = ["-c", "a=1", "app-server"].map(str::to_owned).to_vec();
        assert_eq!(by_name, Some((codex.clone(), words)));
        let by_path = user_command(None, &environment(&scratch, codex.to_str().unwrap())).unwrap();
        assert_eq!(by_path, Some((codex, Vec::new())));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        let scratch = Scratch::new();
        let kind = |text: &str| user_command(None, &environment(&scratch, text)).unwrap_err().kind();
        assert_eq!([kind("'open"), kind(" ")], [ErrorKind::Usage; 2]);
        assert_eq!([kind("missing"), kind("/no/such/program app-server")], [ErrorKind::NotFound; 2]);
    }

    #[test]
    fn a_binary_that_is_named_comes_first() {
        let scratch = Scratch::new();
        let environment = environment(&scratch, "missing");
        assert_eq!(user_command(Some(Path::new("/other")), &environment).unwrap(), None);
        let named = Environment::of([(COMMAND_VARIABLE, "missing"), (BINARY_VARIABLE, "/other")]);
        assert_eq!(user_command(None, &named).unwrap(), None);
        assert_eq!(user_command(None, &Environment::of([("PATH", "/bin")])).unwrap(), None);
    }
}
