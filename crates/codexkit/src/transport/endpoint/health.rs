//! Whether a server is there and ready, without a connection to it.

use super::address::Address;
use super::{Endpoint, dial, late};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::transport::websocket::{Request, read_head};
use tokio::time::timeout;

impl Endpoint {
    /// Asks whether the server is ready for connections: `GET /readyz`. No token is needed, and none is sent.
    ///
    /// Takes at most 10 s, the default of [`Limits::connect`]. Cancel safe.
    ///
    /// # Errors
    ///
    /// `Connect` when nobody listens there or the server is not ready, `Timeout` when nothing is said, `Handshake` when
    /// something else answers, `Usage` for unix sockets, on which codex does not answer such questions.
    pub async fn check_ready(&self) -> Result<()> {
        self.check("/readyz").await
    }

    /// Asks whether the server is well: `GET /healthz`. As [`check_ready`](Self::check_ready) in all else. Cancel safe.
    ///
    /// # Errors
    ///
    /// As for [`check_ready`](Self::check_ready).
    pub async fn check_health(&self) -> Result<()> {
        self.check("/healthz").await
    }

    async fn check(&self, path: &str) -> Result<()> {
        let address = match self.without_secrets().checked()? {
            Address::Tcp(tcp) => Address::Tcp(tcp.with_path(path)),
            _ => {
                let text = "codex answers `readyz` and `healthz` over `ws://` only; connect to a unix socket instead";
                return Err(Error::new(ErrorKind::Usage, text));
            }
        };
        let deadline = Limits::default().connect;
        let asking = async {
            let mut stream = dial::dial(&address, &self.roots).await?;
            let silent = |error: std::io::Error| {
                let text = format!("{address} closed the connection instead of answering");
                Error::new(ErrorKind::Handshake, text).with_source(error)
            };
            let request = Request::get(address.path(), &address.host_header()).header("Connection", "close");
            request.send(&mut stream).await.map_err(silent)?;
            match read_head(&mut stream).await.map_err(silent)?.map(|head| head.status) {
                Some(200..=299) => Ok(()),
                Some(status @ 500..=599) => {
                    let text = format!("{address} is not ready (HTTP status {status})");
                    Err(Error::new(ErrorKind::Connect, text))
                }
                Some(status) => {
                    let text = format!("{address} does not know such questions (HTTP status {status})");
                    Err(Error::new(ErrorKind::Handshake, text))
                }
                None => Err(Error::new(ErrorKind::Handshake, format!("{address} says what is no HTTP"))),
            }
        };
        timeout(deadline, asking).await.unwrap_or_else(|_| Err(late(&address, deadline)))
    }

    fn without_secrets(&self) -> Self {
        Self { token: None, headers: Vec::new(), ..self.clone() }
    }
}
