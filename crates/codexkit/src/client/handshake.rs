//! The first exchange of a connection.

use super::Client;
use crate::error::{Clock, Error, ErrorKind, Result};
use crate::launch::{check_version, server_version};
use crate::protocol::Version;
use crate::protocol::types::{ClientInfo, InitializeCapabilities, InitializeParams, InitializeResponse};
use tokio::time::timeout;

/// How we introduce ourselves.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) version: String,
    pub(crate) experimental_api: bool,
    /// Notifications that are not wanted.
    pub(crate) opt_out: Vec<String>,
}

impl Default for Hello {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            title: None,
            version: env!("CARGO_PKG_VERSION").into(),
            experimental_api: true,
            opt_out: Vec::new(),
        }
    }
}

/// What the server said about itself in the handshake.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The name that the server goes by towards the model provider. It begins with the name of this program.
    pub user_agent: String,
    /// The version of codex, taken from the user agent; none if that has a form that we do not know.
    pub version: Option<Version>,
    /// The folder of codex on the server's machine: configuration, login, sessions.
    pub codex_home: Option<String>,
    /// The family of the server's operating system, as in `unix`.
    pub platform_family: Option<String>,
    /// The server's operating system, as in `linux`.
    pub platform_os: Option<String>,
}

/// Introduces us and learns who the server is.
pub(super) async fn shake_hands(client: &Client, hello: Hello) -> Result<ServerInfo> {
    let limit = client.limits().initialize;
    let info = match timeout(limit, initialize(client, &hello)).await {
        Ok(info) => info?,
        Err(_) => {
            let text =
                format!("the server said nothing within {limit:?} of its start; is it `codex app-server`?");
            return Err(Error::new(ErrorKind::Timeout(Clock::Initialize), text));
        }
    };
    client.core.learn(info.version, hello.experimental_api);
    client.notify("initialized", None).await?;
    Ok(info)
}

async fn initialize(client: &Client, hello: &Hello) -> Result<ServerInfo> {
    info(client.call(&greeting(hello)).await?, hello)
}

/// The first request.
pub(super) fn greeting(hello: &Hello) -> InitializeParams {
    let mut program = ClientInfo::new(&*hello.name, &*hello.version);
    program.title = hello.title.clone();
    let mut capabilities = InitializeCapabilities::new().experimental_api(hello.experimental_api);
    if !hello.opt_out.is_empty() {
        capabilities = capabilities.opt_out_notification_methods(&hello.opt_out);
    }
    InitializeParams::new(program).capabilities(capabilities)
}

/// What the answer says about the server. Fails if it is too old.
pub(super) fn info(response: InitializeResponse, hello: &Hello) -> Result<ServerInfo> {
    let version = server_version(&response.user_agent, &hello.name);
    if let Some(version) = version {
        check_version(version)?;
    }
    Ok(ServerInfo {
        version,
        user_agent: response.user_agent,
        codex_home: Some(response.codex_home),
        platform_family: Some(response.platform_family),
        platform_os: Some(response.platform_os),
    })
}
