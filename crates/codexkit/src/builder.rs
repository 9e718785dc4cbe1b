//! Settings for a connection.

use crate::asks::{Dispatcher, Handlers, Owners, agent_ask_setters, host_ask_setters};
use crate::client::{Client, Dial, Hello, Redial, opt_out};
use crate::codex::Codex;
use crate::config_value::ConfigValue;
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::launch::{self, Launch, Provision, ServerProcess};
use crate::limits::Limits;
use crate::reconnect::Reconnect;
use crate::rules::Audit;
use crate::tool::ToolRegistry;
use crate::transport::{Endpoint, Lines, Link};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often a server is started that cannot get at its databases because others are starting, too.
const STARTS: u32 = 4;

/// How long the first pause between two starts is, about; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Settings for a connection; begin with [`Codex::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is started before `start` or `connect` is called"]
pub struct CodexBuilder {
    codex_bin: Option<PathBuf>,
    provision: Option<Provision>,
    launch: Launch,
    listen: Option<Endpoint>,
    config: Vec<(String, ConfigValue)>,
    hello: Hello,
    limits: Limits,
    handlers: Handlers,
    audit: Audit,
    reconnect: Option<Reconnect>,
}

impl CodexBuilder {
    /// The codex binary, instead of looking for one.
    ///
    /// Without it, codex is looked for in the environment variable `CODEXKIT_CODEX`, then in `CODEX_APP_SERVER_CMD`, which
    /// holds the whole command of the server, as in `codex app-server`, then in `PATH`, where the wrapper of
    /// the npm package leads to the binary behind it, then among what [`provision`](Self::provision) has installed.
    pub fn codex_bin(mut self, path: impl Into<PathBuf>) -> Self {
        self.codex_bin = Some(path.into());
        self
    }

    /// Installs codex with npm if no binary is found. What was named and is missing is not replaced. Default: nothing
    /// is installed.
    pub fn provision(mut self, provision: Provision) -> Self {
        self.provision = Some(provision);
        self
    }

    /// Adds an argument in front of `app-server`.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.launch.args.push(arg.into());
        self
    }

    /// Overrides a value of the server's configuration, as `-c key=value` does. Later ones win.
    ///
    /// `key` is a dotted path, as in `features.web_search`. A text stays a text: it is quoted as TOML asks for.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    /// Sets an environment variable of the server, over the program's own environment.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.launch.env.push((name.into(), Some(value.into())));
        self
    }

    /// Keeps a variable of the program's environment from the server.
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.launch.env.push((name.into(), None));
        self
    }

    /// Keeps the program's whole environment from the server; what [`env`](Self::env) sets stays.
    pub fn env_clear(mut self) -> Self {
        self.launch.env_clear = true;
        self
    }

    /// The working directory of the server, and so of threads that do not name their own. Default: the program's.
    pub fn cwd(mut self, path: impl Into<PathBuf>) -> Self {
        self.launch.cwd = Some(path.into());
        self
    }

    /// The folder where codex keeps configuration, login and sessions. It must exist. Default: `CODEX_HOME`, then
    /// `~/.codex`.
    pub fn codex_home(mut self, path: impl Into<PathBuf>) -> Self {
        self.launch.codex_home = Some(path.into());
        self
    }

    /// Has the server that is started listen, so that others can connect to it as well, instead of speaking over pipes to
    /// this program alone. [`Codex::endpoint`] tells where, with all that is needed to get in.
    ///
    /// The endpoint is `ws://127.0.0.1:0` or the like, where port 0 stands for any that is free; `unix:///path`; or
    /// `unix://`, the control socket of the home. At `ws://` the server asks for a bearer token: the one of the endpoint,
    /// or a random one, since every program on the machine could connect otherwise.
    ///
    /// The server is still this program's own, and ends with this connection, with the turns of all others. But it does
    /// not notice when this program is killed, as one on pipes does.
    ///
    /// ```no_run
    /// # async fn example() -> codexkit::Result<()> {
    /// use codexkit::Codex;
    ///
    /// let codex = Codex::builder().listen("ws://127.0.0.1:0").start().await?;
    /// if let Some(endpoint) = codex.endpoint() {
    ///     let observer = Codex::connect(endpoint).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen(mut self, at: impl Into<Endpoint>) -> Self {
        self.listen = Some(at.into());
        self
    }

    /// How this program introduces itself. Default: the name and version of this SDK.
    ///
    /// The name begins the user agent that the model provider sees.
    pub fn client_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.hello.name = name.into();
        self.hello.version = version.into();
        self
    }

    /// The name of this program for people to read. Default: none.
    pub fn client_title(mut self, title: impl Into<String>) -> Self {
        self.hello.title = Some(title.into());
        self
    }

    /// Whether to ask for the experimental API. Default: yes. Without it, what belongs to it fails with
    /// `ExperimentalRequired` before it is sent.
    pub fn experimental_api(mut self, on: bool) -> Self {
        self.hello.experimental_api = on;
        self
    }

    /// Notifications that the server need not send, by their exact methods, as in `item/reasoning/textDelta`. A method that the
    /// server does not know does no harm.
    ///
    /// What this SDK itself needs, for its waits, clocks and budgets, cannot be left out: then [`start`](Self::start) fails with
    /// `Usage`. Without `item/agentMessage/delta` no text is streamed, and a turn that is interrupted has none; without
    /// `account/rateLimits/updated` a usage limit does not tell its end.
    pub fn opt_out(mut self, methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hello.opt_out.extend(methods.into_iter().map(Into::into));
        self
    }

    /// The bounds of the connection. Default: those of [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    agent_ask_setters!(handlers);
    host_ask_setters!();

    /// Makes the connection anew when it breaks. Only for [`connect`](Self::connect): a server on pipes ends with them, and one
    /// that this program has started tells by its end what was wrong.
    ///
    /// Threads that somebody listens to are resumed, and their streams show [`Event::Reconnected`](crate::Event::Reconnected)
    /// in its place, followed by what happened meanwhile; nothing comes twice. Calls that only read are repeated, a turn that
    /// may have begun is looked for before it is started again, and other calls that were under way fail with
    /// [`Disconnected`](ErrorKind::Disconnected). What the server still asks is answered by the handler that was asked first.
    pub fn reconnect(mut self, policy: Reconnect) -> Self {
        self.reconnect = Some(policy);
        self
    }

    /// Where each decision about what the server asks is recorded, beside `tracing`, which gets them anyhow.
    pub fn audit(mut self, audit: Audit) -> Self {
        self.audit = audit;
        self
    }

    /// Finds codex, starts `codex app-server`, and shakes hands.
    ///
    /// Cancel safe: dropping the future ends the server that it has started.
    ///
    /// # Errors
    ///
    /// - `NotFound`: no binary, with the places where it was looked for; `Provision`: it could not be installed.
    /// - `Spawn`, `Config`: the server did not start or ended at once, with what it said; a missing working directory.
    /// - `Timeout`, `Handshake`, `Incompatible`: it started, but did not answer, is no codex, or is too old.
    /// - `Usage`: a value that TOML cannot say, a notification that cannot be left out, or no tokio runtime with I/O and time.
    pub async fn start(self) -> Result<Codex> {
        self.start_boxed().await
    }

    fn start_boxed(self) -> BoxFuture<'static, Result<Codex>> {
        Box::pin(self.find_and_start())
    }

    async fn find_and_start(mut self) -> Result<Codex> {
        opt_out::check(&self.hello.opt_out)?;
        for (key, value) in std::mem::take(&mut self.config) {
            let value = value.to_toml().filter(|_| !key.is_empty()).ok_or_else(|| {
                let text =
                    format!("`{key}` cannot be set: a key is wanted, and a value without null and NaN");
                Error::new(ErrorKind::Usage, text)
            })?;
            self.launch.config.push((key, value));
        }
        let found = launch::find(self.codex_bin.as_deref(), self.provision.as_ref()).await?;
        (self.launch.program, self.launch.user_command) = found;

        let mut pause = FIRST_PAUSE;
        for _ in 1..STARTS {
            match self.start_once().await {
                Err(error) if error.kind() == ErrorKind::Overloaded => {
                    tracing::warn!(%error, "codex did not start; trying again");
                    tokio::time::sleep(launch::jittered(pause)).await;
                    pause *= 2;
                }
                outcome => return outcome,
            }
        }
        self.start_once().await
    }

    async fn start_once(&self) -> Result<Codex> {
        if let Some(at) = &self.listen {
            return self.start_listening(at).await;
        }
        let _gate = launch::StartGate::enter(self.launch.home().as_deref()).await;
        let spawned = launch::spawn(&self.launch, &self.limits)?;
        let process = spawned.process.clone();
        let link = Link::new(Lines::new(spawned.stdout, spawned.stdin));
        match self.open(link, Some(spawned.process), None).await {
            Ok(codex) => Ok(codex),
            Err(error) if error.is_closed() => {
                let exit = process.exited().await;
                let stderr = process.settled_stderr().await;
                Err(launch::early_death(&self.launch.program, exit, &stderr).with_source(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Shakes hands over a link that is there.
    pub(crate) async fn open(
        &self,
        link: Link,
        process: Option<ServerProcess>,
        dial: Option<Dial>,
    ) -> Result<Codex> {
        if self.reconnect.is_some() && dial.is_none() {
            let text = "`reconnect` can only be set for a connection to a server that runs; leave it out, or end with `connect`";
            return Err(Error::new(ErrorKind::Usage, text));
        }
        opt_out::check(&self.hello.opt_out)?;
        let tools = ToolRegistry::new(self.limits.ask_deadline);
        let owners = Owners::new(self.handlers.clone(), tools, self.audit.clone());
        let dispatcher = Arc::new(Dispatcher::new(owners.clone(), self.limits.ask_deadline));
        let (limits, hello) = (self.limits.clone(), self.hello.clone());
        let redial =
            self.reconnect.zip(dial).map(|(policy, dial)| Redial { dial, policy, hello: hello.clone() });
        let pid = process.as_ref().map(ServerProcess::pid);
        let client = Client::open(link, process, dispatcher, limits, hello, redial).await?;
        Ok(Codex::new(client, owners, pid))
    }

    pub(crate) fn bounds(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn launch_settings(&self) -> &Launch {
        &self.launch
    }

    /// Fails if something was set that only matters for a server which this program starts.
    pub(crate) fn check_nothing_is_for_starting(&self) -> Result<()> {
        let launch = &self.launch;
        let settings = [
            ("codex_bin", self.codex_bin.is_some()),
            ("provision", self.provision.is_some()),
            ("listen", self.listen.is_some()),
            ("arg", !launch.args.is_empty()),
            ("config", !self.config.is_empty()),
            ("env, env_remove or env_clear", !launch.env.is_empty() || launch.env_clear),
            ("cwd", launch.cwd.is_some()),
            ("codex_home", launch.codex_home.is_some()),
        ];
        let set: Vec<_> = settings.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        match set.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Usage,
                format!(
                    "{} can only be set for a server that this program starts; leave it out to connect to one that runs, or \
                     end with `start`",
                    set.join(", ")
                ),
            )),
        }
    }
}
