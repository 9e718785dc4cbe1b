//! A command that the model runs.

use std::time::Duration;

use serde_json::{Map, Value};

use super::call::Call;

/// A call of `exec_command`. A plain string is a command without options.
///
/// ```
/// use codexkit_testkit::model::{Exec, Model};
///
/// let script = Model::script()
///     .exec("ls")
///     .exec(Exec::new("touch /etc/x").escalated("needs to write outside the workspace"))
///     .text("Done");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Exec {
    arguments: Map<String, Value>,
    id: Option<String>,
}

impl Exec {
    /// Runs this shell command.
    pub fn new(command: impl Into<String>) -> Self {
        let command = Value::from(command.into());
        Self { arguments: Map::from_iter([("cmd".to_owned(), command)]), id: None }
    }

    /// Asks to run outside the sandbox, for this reason. Under `on-request` this leads to an approval.
    pub fn escalated(self, justification: impl Into<String>) -> Self {
        self.argument("sandbox_permissions", "require_escalated")
            .argument("justification", justification.into())
    }

    /// Sets the folder to run in.
    pub fn workdir(self, path: impl Into<String>) -> Self {
        self.argument("workdir", path.into())
    }

    /// How long codex waits for the command before it goes on without it.
    pub fn yield_time(self, time: Duration) -> Self {
        self.argument("yield_time_ms", u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Runs in a terminal, so that `write_stdin` can type into it.
    pub fn tty(self) -> Self {
        self.argument("tty", true)
    }

    /// The rule that codex proposes to remember for commands of this kind.
    pub fn prefix_rule<W: Into<String>>(self, words: impl IntoIterator<Item = W>) -> Self {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        self.argument("prefix_rule", words)
    }

    /// Sets any other argument of the tool.
    pub fn argument(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.arguments.insert(name.into(), value.into());
        self
    }

    /// Sets the call id, which is also the item id that clients see. By default the model makes one up.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

impl From<Exec> for Call {
    fn from(exec: Exec) -> Self {
        let call = Self::function("exec_command", exec.arguments);
        match exec.id {
            Some(id) => call.id(id),
            None => call,
        }
    }
}

impl From<&str> for Exec {
    fn from(command: &str) -> Self {
        Self::new(command)
    }
}

impl From<String> for Exec {
    fn from(command: String) -> Self {
        Self::new(command)
    }
}
