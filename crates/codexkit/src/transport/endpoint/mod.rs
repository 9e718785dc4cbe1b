//! Where a server listens, and how to get in.

mod address;
mod dial;
mod health;
mod listen;
mod secret;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use listen::ListenAt;

use super::websocket::{Request, WebSocket, upgrade};
use crate::error::{Clock, Error, ErrorKind, Result};
use crate::limits::Limits;
use address::Address;
use secret::{Secret, is_header_name, is_header_value};
use std::fmt;
use std::path::PathBuf;
use tokio::time::timeout;

/// Where a server listens, and how to get in: an address with a token and headers.
///
/// | address | means |
/// |---|---|
/// | `ws://host:port` | WebSocket, as `codex app-server --listen ws://127.0.0.1:8765` offers it |
/// | `wss://host:port/path` | WebSocket within TLS, as a proxy in front of a server offers it; needs the feature `tls` |
/// | `unix:///path` | a unix socket, as `--listen unix:///path` offers it |
/// | `unix://` | the control socket of the codex in `CODEX_HOME`, or else in `~/.codex` |
///
/// Texts are made into endpoints where one is wanted. What is wrong with an address is told when it is used.
///
/// ```no_run
/// # async fn example(token: String) -> codexkit::Result<()> {
/// use codexkit::{Codex, Endpoint};
///
/// let nearby = Codex::connect("ws://127.0.0.1:8765").await?;
/// let remote = Codex::connect(Endpoint::new("wss://codex.example.com/agents").bearer_token(token)).await?;
/// # Ok(())
/// # }
/// ```
///
/// Neither `Debug` nor errors nor traces show a token, the value of a header, or what stands behind the `?` of an address.
#[derive(Clone)]
#[must_use = "an endpoint is given to `connect` or `listen`"]
pub struct Endpoint {
    address: std::result::Result<Address, &'static str>,
    token: Option<Secret>,
    headers: Vec<(String, Secret)>,
    plaintext_secrets: bool,
    roots: Vec<PathBuf>,
}

/// Names the address that [`Endpoint::from_env`] takes.
const URL_VARIABLE: &str = "CODEX_APP_SERVER_WS_URL";

/// Names the token that [`Endpoint::from_env`] takes.
const TOKEN_VARIABLE: &str = "CODEX_APP_SERVER_TOKEN";

/// The address without that variable.
const DEFAULT_URL: &str = "ws://127.0.0.1:8765";

/// The headers that the handshake itself is made of.
const RESERVED: [&str; 5] = ["host", "connection", "upgrade", "content-length", "transfer-encoding"];

impl Endpoint {
    /// The endpoint at an address, as the table above shows them.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self::at(Address::parse(url.as_ref()))
    }

    /// The endpoint at a unix socket. A relative path is meant from the program's own working directory.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::at(Ok(Address::Unix(path.into())))
    }

    /// The control socket of the codex that works in this home.
    pub fn control_socket(codex_home: impl Into<PathBuf>) -> Self {
        Self::at(Ok(Address::control_socket(&codex_home.into())))
    }

    /// The endpoint that the environment names: its address in `CODEX_APP_SERVER_WS_URL`, by default
    /// `ws://127.0.0.1:8765`, and a bearer token in `CODEX_APP_SERVER_TOKEN`, by default none. Empty ones count as not set.
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        let mut endpoint = Self::new(given(URL_VARIABLE).as_deref().unwrap_or(DEFAULT_URL));
        endpoint.token = given(TOKEN_VARIABLE).map(Secret::new);
        endpoint
    }

    fn at(address: std::result::Result<Address, &'static str>) -> Self {
        Self { address, token: None, headers: Vec::new(), plaintext_secrets: false, roots: Vec::new() }
    }

    /// The token by which the server knows who may come in, sent as it is. Codex takes one that it was started with
    /// (`--ws-auth capability-token`), or one that is signed (`--ws-auth signed-bearer-token`).
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token));
        self
    }

    /// Adds a header to the handshake, for what stands before the server. Codex itself refuses an `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value)));
        self
    }

    /// Whether tokens and headers may go over a network without encryption. Default: no; then they go to `wss://`, to unix
    /// sockets and to this machine only, and anything else is refused before a connection is made.
    pub fn plaintext_secrets(mut self, allowed: bool) -> Self {
        self.plaintext_secrets = allowed;
        self
    }

    /// Trusts the certificates in a PEM file, too, beside those that the system trusts. For `wss://`.
    #[cfg(feature = "tls")]
    pub fn root_certificates(mut self, pem_file: impl Into<PathBuf>) -> Self {
        self.roots.push(pem_file.into());
        self
    }

    /// The address, without what stands behind a `?`. None if it is no address at all.
    pub fn address(&self) -> Option<String> {
        self.address.as_ref().ok().map(ToString::to_string)
    }

    /// The address, once all that goes there is known to be fit for it.
    fn checked(&self) -> Result<Address> {
        let usage = |text: String| Error::new(ErrorKind::Usage, text);
        let address = self.address.as_ref().map_err(|problem| *problem).and_then(Address::resolved);
        let address = address.map_err(|problem| usage(format!("the address of a server {problem}")))?;
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            if RESERVED.contains(&&*lower) || lower.starts_with("sec-websocket-") {
                return Err(usage(format!(
                    "the header `{name}` belongs to the handshake itself; leave it out"
                )));
            }
            if !is_header_name(name) || !is_header_value(value.reveal()) {
                return Err(usage(format!(
                    "the header `{name}` cannot be sent: its name or value is no valid one"
                )));
            }
        }
        if self.token.as_ref().is_some_and(|token| token.is_empty() || !is_header_value(token.reveal())) {
            return Err(usage(
                "the bearer token cannot be sent: it is empty, or has a line break in it".into(),
            ));
        }
        let has_secrets = self.token.is_some() || !self.headers.is_empty();
        if has_secrets && !self.plaintext_secrets && !address.is_private() {
            return Err(usage(format!(
                "a token or header would go to {address} without encryption, for all on the way to read; use `wss://`, or an \
                 SSH tunnel to this machine, or allow it by `Endpoint::plaintext_secrets`"
            )));
        }
        Ok(address)
    }

    /// Connects and shakes hands.
    pub(crate) async fn open(&self, limits: &Limits) -> Result<WebSocket> {
        let address = &self.checked()?;
        let deadline = limits.connect;
        let opening = async {
            let stream = dial::dial(address, &self.roots).await?;
            upgrade(stream, self.request(address), &address.to_string(), limits).await
        };
        timeout(deadline, opening).await.unwrap_or_else(|_| Err(late(address, deadline)))
    }

    fn request(&self, address: &Address) -> Request {
        let mut request = Request::get(address.path(), &address.host_header());
        if let Some(token) = &self.token {
            request = request.header("Authorization", &format!("Bearer {}", token.reveal()));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value.reveal());
        }
        request
    }
}

fn late(address: &Address, deadline: std::time::Duration) -> Error {
    let text = format!(
        "{address} took the connection, or did not even do that, and said nothing within {deadline:?}; is a codex \
         app-server there? `Limits::connect` can be raised"
    );
    Error::new(ErrorKind::Timeout(Clock::Connect), text)
}

impl From<&str> for Endpoint {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for Endpoint {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&String> for Endpoint {
    fn from(url: &String) -> Self {
        Self::new(url)
    }
}

impl From<&Endpoint> for Endpoint {
    fn from(endpoint: &Endpoint) -> Self {
        endpoint.clone()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.as_ref().map_or_else(ToString::to_string, ToString::to_string);
        f.debug_struct("Endpoint")
            .field("address", &address)
            .field("token", &self.token)
            .field("headers", &self.headers)
            .field("plaintext_secrets", &self.plaintext_secrets)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coverage::covers;

    fn usage(endpoint: Endpoint) -> String {
        let error = endpoint.checked().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Usage);
        error.to_string()
    }

    #[test]
    fn the_environment_names_the_address_and_the_token() {
        covers!["003-160", "003-161"];
        let nothing = Endpoint::from_variables(|_| None);
        assert_eq!(nothing.address().as_deref(), Some("ws://127.0.0.1:8765"));
        assert!(nothing.token.is_none());
        let empty = Endpoint::from_variables(|_| Some(String::new()));
        assert_eq!((empty.address(), empty.token.is_none()), (nothing.address(), true));
        let both = Endpoint::from_variables(|name| match name {
            URL_VARIABLE => Some("ws://[::1]:4000/x".into()),
            TOKEN_VARIABLE => Some("secret".into()),
            _ => None,
        });
        assert_eq!(both.address().as_deref(), Some("ws://[::1]:4000/x"));
        assert_eq!(both.token.unwrap().reveal(), "secret");
    }

    #[test]
    fn secrets_go_where_nobody_listens() {
        for private in
            ["wss://codex.example", "ws://127.0.0.1:1", "ws://[::1]:1", "ws://localhost:1", "unix:///s"]
        {
            assert!(Endpoint::new(private).bearer_token("t").checked().is_ok(), "{private}");
        }
        for public in ["ws://codex.example", "ws://192.168.0.1:1", "ws://localhost.example", "ws://0.0.0.0:1"]
        {
            assert!(usage(Endpoint::new(public).bearer_token("t")).contains("encryption"), "{public}");
            assert!(usage(Endpoint::new(public).header("Cookie", "c")).contains("encryption"), "{public}");
            assert!(Endpoint::new(public).bearer_token("t").plaintext_secrets(true).checked().is_ok());
            assert!(Endpoint::new(public).checked().is_ok());
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let endpoint = || Endpoint::new("ws://127.0.0.1:1");
        assert!(usage(endpoint().bearer_token("a\r\nX: y")).contains("token"));
        assert!(usage(endpoint().bearer_token("")).contains("token"));
        assert!(usage(endpoint().header("X", "a\nb")).contains("`X`"));
        assert!(usage(endpoint().header("X:", "a")).contains("`X:`"));
        assert!(usage(endpoint().header("Sec-WebSocket-Key", "a")).contains("handshake"));
        assert!(usage(endpoint().header("HOST", "a")).contains("handshake"));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let endpoint = Endpoint::new("ws://127.0.0.1:1/path?key=canary1").bearer_token("canary2");
        let shown = format!("{:?}", endpoint.header("X-Key", "canary3"));
        assert!(shown.contains("ws://127.0.0.1:1/path") && shown.contains("X-Key"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
        for wrong in ["http://canary", "ws://user:canary@host", "canary", "ws://host:canary"] {
            let endpoint = Endpoint::new(wrong);
            assert!(!format!("{endpoint:?} {}", usage(endpoint.clone())).contains("canary"));
        }
    }
}
