//! What the server process is started with.

use super::package;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the server process is started with. The builder collects it; [`spawn`](super::spawn) carries it out.
#[derive(Clone, Default)]
pub(crate) struct Launch {
    /// The binary. A relative path is meant from the program's own working directory.
    pub(crate) program: PathBuf,
    /// Arguments that stand in the place of `app-server`, and before everything else.
    pub(crate) user_command: Option<Vec<String>>,
    /// Arguments that stand first, before the overrides and `app-server`.
    pub(crate) args: Vec<OsString>,
    /// Overrides of the configuration: dotted key and value, the value as TOML text (codex takes what is no TOML as a
    /// plain string). Later ones win.
    pub(crate) config: Vec<(String, String)>,
    /// Variables set (`Some`) or taken away (`None`), over the program's own environment. Later ones win.
    pub(crate) env: Vec<(OsString, Option<OsString>)>,
    /// Whether the program's own environment is kept from the server.
    pub(crate) env_clear: bool,
    /// The working directory of the server; the program's own by default.
    pub(crate) cwd: Option<PathBuf>,
    /// The folder where codex keeps its configuration, login and sessions; wins over a `CODEX_HOME` in `env`.
    pub(crate) codex_home: Option<PathBuf>,
    /// Where the server listens, instead of speaking over its standard streams.
    pub(crate) listen: Option<Listen>,
}

/// Where a server listens.
#[derive(Clone)]
pub(crate) struct Listen {
    /// As `--listen` takes it.
    pub(crate) url: String,
    /// What clients have to show. The server reads it from its standard input, so no other program gets to see it.
    pub(crate) token: Option<String>,
}

impl Launch {
    #[cfg(test)]
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), ..Self::default() }
    }

    /// The command that starts the server: `program args.. -c key=value.. app-server`, or, if the user has named it, `command
    /// args.. -c key=value..`.
    ///
    /// `app-server` speaks over stdin and stdout by default in every version since 0.133, so it gets no `--listen` for that.
    pub(super) fn command(&self) -> Command {
        // A relative program or home would be looked up from the server's working directory instead of ours.
        let mut command = Command::new(absolute(&self.program));
        command.args(self.user_command.iter().flatten());
        command.args(&self.args);
        for (key, value) in &self.config {
            command.arg("-c").arg(format!("{key}={value}"));
        }
        if self.user_command.is_none() {
            command.arg("app-server");
        }
        if let Some(listen) = &self.listen {
            command.args(["--listen", &listen.url]);
            if listen.token.is_some() {
                command.args(["--ws-auth", "capability-token", "--ws-token-file", "/dev/stdin"]);
            }
        }
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        if self.env_clear {
            command.env_clear();
        }
        // The server colours its log even when nobody looks; the log ends up in error texts.
        command.env("NO_COLOR", "1");
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        // As npm's wrapper does for the versions that do not do so themselves.
        if let (Some(tools), Some(path)) = (package::bundled_tools(&self.program), self.effective_env("PATH"))
        {
            let folders = std::iter::once(tools).chain(std::env::split_paths(&path));
            // A folder whose name holds the separator cannot be put on any path.
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
        if let Some(home) = &self.codex_home {
            command.env("CODEX_HOME", absolute(home));
        }
        command
    }

    /// The value that the server will see in an environment variable.
    pub(super) fn effective_env(&self, name: &str) -> Option<OsString> {
        match self.env.iter().rev().find(|(given, _)| given == name) {
            Some((_, value)) => value.clone(),
            None if self.env_clear => None,
            None => std::env::var_os(name),
        }
    }

    /// The home that the server will use, if it can be told.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let in_user_home = || Some(PathBuf::from(self.effective_env("HOME")?).join(".codex"));
        self.effective_home().or_else(in_user_home)
    }

    /// The `CODEX_HOME` that the server will see, from where we are. Codex takes an empty one for none.
    pub(super) fn effective_home(&self) -> Option<PathBuf> {
        let from_env = || {
            let home = self.effective_env("CODEX_HOME").filter(|home| !home.is_empty())?;
            Some(self.cwd.clone().unwrap_or_default().join(home))
        };
        self.codex_home.clone().or_else(from_env)
    }

    /// Values that must not show up in what we hand on of the server's log: those whose name speaks of a secret.
    pub(super) fn secrets(&self) -> Vec<String> {
        let from_env = self.env.iter().filter(|(name, _)| names_a_secret(name));
        let from_env = from_env.filter_map(|(_, value)| value.as_deref()?.to_str());
        let from_config = self.config.iter().filter(|(key, _)| names_a_secret(OsStr::new(key)));
        let from_config = from_config.map(|(_, value)| value.trim_matches(['"', '\'']));
        let token = self.listen.as_ref().and_then(|listen| listen.token.as_deref());
        from_env
            .chain(from_config)
            .chain(token)
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .map(str::to_owned)
            .collect()
    }
}

/// Shorter values are no secrets, and hiding them would only garble the log.
const SHORTEST_SECRET: usize = 6;

fn names_a_secret(name: &OsStr) -> bool {
    const WORDS: [&str; 9] =
        ["key", "token", "secret", "password", "passwd", "auth", "credential", "bearer", "header"];
    let name = name.to_string_lossy().to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Shows names, never values: variables and overrides may carry keys, and so may arguments.
impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch")
            .field("program", &self.program)
            .field("args", &self.args.len())
            .field("config", &self.config.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .field("env", &self.env.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("env_clear", &self.env_clear)
            .field("cwd", &self.cwd)
            .field("codex_home", &self.codex_home)
            .field("listen", &self.listen.as_ref().map(|listen| &listen.url))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    fn args(launch: &Launch) -> Vec<String> {
        let command = launch.command();
        command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    fn env(launch: &Launch, name: &str) -> Option<Option<String>> {
        let command = launch.command();
        let mut all = command.get_envs();
        all.find(|(key, _)| *key == name).map(|(_, value)| value.map(|v| v.to_string_lossy().into_owned()))
    }

    #[test]
    fn a_command_of_the_user_stands_for_the_subcommand() {
        let launch = Launch {
            user_command: Some(vec!["codex".into(), "app-server".into()]),
            args: vec!["--search".into()],
            config: vec![("model".into(), "gpt".into())],
            ..Launch::new("npx")
        };
        assert_eq!(args(&launch), ["codex", "app-server", "--search", "-c", "model=gpt"]);
    }

    #[test]
    fn arguments_stand_first_then_overrides_then_the_subcommand() {
        covers!["000-012", "O03"];
        let launch = Launch {
            args: vec!["--search".into()],
            config: vec![("model".into(), "gpt".into()), ("a.b".into(), "[1]".into())],
            ..Launch::new("codex")
        };
        assert_eq!(args(&launch), ["--search", "-c", "model=gpt", "-c", "a.b=[1]", "app-server"]);
    }

    #[test]
    fn a_token_is_no_argument() {
        let listen = Listen { url: "ws://127.0.0.1:0".into(), token: Some("hidden-token".into()) };
        let launch = Launch { listen: Some(listen), ..Launch::new("codex") };
        let expected = ["app-server", "--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token"];
        assert_eq!(args(&launch)[..5], expected);
        assert!(!args(&launch).concat().contains("hidden") && !format!("{launch:?}").contains("hidden"));
        assert_eq!(launch.secrets(), ["hidden-token"]);
    }

    #[test]
    fn colours_are_off_unless_the_caller_says_otherwise() {
        let mut launch = Launch::new("codex");
        assert_eq!(env(&launch, "NO_COLOR"), Some(Some("1".into())));
        launch.env = vec![("NO_COLOR".into(), None)];
        assert_eq!(env(&launch, "NO_COLOR"), Some(None));
    }

    #[test]
    fn the_home_wins_over_the_variable_and_is_made_absolute() {
        let launch = Launch {
            codex_home: Some("mine".into()),
            env: vec![("CODEX_HOME".into(), Some("/theirs".into()))],
            ..Launch::new("codex")
        };
        let seen = env(&launch, "CODEX_HOME").flatten().unwrap();
        assert!(Path::new(&seen).is_absolute() && seen.ends_with("mine"), "{seen}");
        assert_eq!(launch.effective_home(), Some("mine".into()));
        // A relative one in a variable is meant from where the server runs
        let env = vec![("CODEX_HOME".into(), Some("home".into()))];
        let launch = Launch { cwd: Some("/srv".into()), env, ..Launch::new("codex") };
        assert_eq!(launch.effective_home(), Some("/srv/home".into()));
    }

    #[cfg(unix)]
    #[test]
    fn the_tools_that_come_with_the_binary_are_put_first_on_the_path() {
        covers!["O02"];
        let scratch = crate::launch::tests::fixture::Scratch::new();
        scratch.file("package/codex-package.json", "{}");
        let tools = scratch.folder("package/codex-path");
        let mut launch = Launch::new(scratch.file("package/bin/codex", ""));
        launch.env = vec![("PATH".into(), Some("/a:/b".into()))];
        assert_eq!(env(&launch, "PATH"), Some(Some(format!("{}:/a:/b", tools.display()))));
        launch.program = scratch.file("other/bin/codex", "");
        assert_eq!(env(&launch, "PATH"), Some(Some("/a:/b".into())));
    }

    #[test]
    fn a_cleared_environment_hides_the_programs_own_variables() {
        let launch = Launch { env_clear: true, ..Launch::new("codex") };
        assert_eq!(launch.effective_env("PATH"), None);
        assert!(Launch::new("codex").effective_env("PATH").is_some());
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let launch = Launch {
            args: vec!["hidden-arg".into()],
            config: vec![("model_providers.x.token".into(), "hidden-config".into())],
            env: vec![("OPENAI_API_KEY".into(), Some("hidden-env".into()))],
            ..Launch::new("codex")
        };
        let text = format!("{launch:?}");
        assert!(text.contains("OPENAI_API_KEY") && text.contains("model_providers.x.token"), "{text}");
        assert!(!text.contains("hidden"), "{text}");
    }

    #[test]
    fn secrets_are_told_by_the_name_of_their_variable_or_key() {
        let launch = Launch {
            config: vec![
                ("p.http_headers.x".into(), "\"abcdefgh\"".into()),
                ("model".into(), "gpt-5.5-codex".into()),
            ],
            env: vec![
                ("MY_TOKEN".into(), Some("12345678".into())),
                ("HOME".into(), Some("/home/user".into())),
            ],
            ..Launch::new("codex")
        };
        assert_eq!(launch.secrets(), ["12345678", "abcdefgh"]);
    }
}
