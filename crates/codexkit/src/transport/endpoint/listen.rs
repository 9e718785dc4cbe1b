//! Endpoints for a server that is yet to be started.

use super::Endpoint;
use super::address::Address;
use super::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where a server is to listen.
#[derive(Debug)]
pub(crate) struct ListenAt {
    /// As codex takes it.
    pub(crate) url: String,
    endpoint: Endpoint,
}

/// What has no room in a pipe before it is read.
const LONGEST_TOKEN: usize = 4096;

/// What codex says when it listens.
const LISTENING: &str = "listening on: ws://";

impl Endpoint {
    /// The place for a server that works in `home`. One on the network gets a token if it has none.
    pub(crate) fn listen_at(&self, home: Option<&Path>) -> Result<ListenAt> {
        let usage = |text: &'static str| Error::new(ErrorKind::Usage, text);
        if !self.headers.is_empty() {
            return Err(usage("codex cannot be told to ask for headers; leave them out to listen"));
        }
        let mut endpoint = self.clone();
        let url = match &self.address {
            Ok(Address::ControlSocket) => {
                let home =
                    home.ok_or_else(|| usage("the home of codex cannot be told; set one by `codex_home`"))?;
                endpoint.address = Ok(Address::control_socket(home));
                "unix://".into()
            }
            Ok(Address::Unix(path)) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                if !path.parent().is_some_and(Path::is_dir) {
                    return Err(usage("the folder of the socket does not exist; create it first"));
                }
                endpoint.address = Ok(Address::Unix(path.clone()));
                format!("unix://{}", path.display())
            }
            Ok(Address::Tcp(tcp)) if tcp.tls || tcp.has_path() || tcp.ip().is_none() => {
                return Err(usage(
                    "codex listens at ws:// with an IP address and nothing behind the port, as in ws://127.0.0.1:0; for TLS put a proxy \
                     before it",
                ));
            }
            Ok(Address::Tcp(_)) => {
                endpoint.token = Some(match endpoint.token.take() {
                    Some(token) => token,
                    None => Secret::new(random_token().map_err(|error| {
                        usage("this system gives no random numbers to make a token of; give one by `Endpoint::bearer_token`")
                            .with_source(error)
                    })?),
                });
                // After the check there is an address.
                endpoint.checked()?.to_string()
            }
            Err(_) => endpoint.checked()?.to_string(),
        };
        match &endpoint.token {
            Some(_) if url.starts_with("unix") => {
                Err(usage("a unix socket is guarded by the rights of its file; leave the token out"))
            }
            Some(token) if token.reveal().len() > LONGEST_TOKEN => {
                Err(usage("the token is longer than 4096 bytes"))
            }
            _ => Ok(ListenAt { url, endpoint }),
        }
    }
}

impl ListenAt {
    /// What clients have to show.
    pub(crate) fn token(&self) -> Option<String> {
        self.endpoint.token.as_ref().map(|token| token.reveal().to_owned())
    }

    /// Where to connect to, if that is known without what the server says.
    pub(crate) fn known(&self) -> Option<Endpoint> {
        matches!(self.endpoint.address, Ok(Address::Unix(_))).then(|| self.endpoint.clone())
    }

    /// Where to connect to, once the server has told it.
    pub(crate) fn told_by(&self, stderr: &str) -> Option<Endpoint> {
        let Ok(Address::Tcp(tcp)) = &self.endpoint.address else { return None };
        let (_, told) = stderr.split_once(LISTENING)?;
        // Only a whole line is sure to have the whole port.
        let (line, _) = told.split_once('\n')?;
        let port = line.trim().rsplit(':').next()?.parse().ok()?;
        Some(Endpoint { address: Ok(Address::Tcp(tcp.reached_at(port))), ..self.endpoint.clone() })
    }
}

/// 256 bits that nobody can guess, in hexadecimal.
fn random_token() -> std::io::Result<String> {
    let mut random = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen_at(url: &str) -> Result<ListenAt> {
        Endpoint::new(url).listen_at(Some(Path::new("/home/u/.codex")))
    }

    #[test]
    fn a_server_on_the_network_always_has_a_token() {
        let (one, two) = (listen_at("ws://127.0.0.1:0").unwrap(), listen_at("ws://127.0.0.1:0").unwrap());
        assert_eq!(one.url, "ws://127.0.0.1:0");
        assert_eq!(one.token().map(|token| token.len()), Some(64));
        assert_ne!(one.token(), two.token());
        let given = Endpoint::new("ws://[::1]:0").bearer_token("mine").listen_at(None).unwrap();
        assert_eq!((given.url.as_str(), given.token().as_deref()), ("ws://[::1]:0", Some("mine")));
    }

    #[test]
    fn the_port_is_taken_from_what_the_server_says() {
        let at = listen_at("ws://127.0.0.1:0").unwrap();
        let banner = "codex app-server (WebSockets)\n  listening on: ws://127.0.0.1:34989\n  readyz: http\n";
        assert_eq!(at.told_by(banner).unwrap().address().as_deref(), Some("ws://127.0.0.1:34989"));
        assert!(at.told_by("listening on: ws://127.0.0.1:34").is_none(), "the line may go on");
        let open = Endpoint::new("ws://0.0.0.0:0").plaintext_secrets(true).listen_at(None).unwrap();
        let told = open.told_by("listening on: ws://0.0.0.0:5\n").unwrap();
        assert_eq!(told.address().as_deref(), Some("ws://127.0.0.1:5"));
    }

    #[test]
    fn sockets_are_known_beforehand() {
        let control = listen_at("unix://").unwrap();
        let expected = "unix:///home/u/.codex/app-server-control/app-server-control.sock";
        assert_eq!(control.known().unwrap().address().as_deref(), Some(expected));
        assert_eq!((control.url.as_str(), control.token()), ("unix://", None));
        assert_eq!(listen_at("unix:///s.sock").unwrap().url, "unix:///s.sock");
    }

    #[test]
    fn what_codex_cannot_do_is_refused() {
        let wrong = [
            "wss://127.0.0.1:0",
            "ws://localhost:0",
            "ws://127.0.0.1:0/x",
            "unix:///no/such/folder/s",
            "nonsense",
        ];
        for url in wrong {
            assert_eq!(listen_at(url).unwrap_err().kind(), ErrorKind::Usage, "{url}");
        }
        let usage =
            |endpoint: Endpoint| assert_eq!(endpoint.listen_at(None).unwrap_err().kind(), ErrorKind::Usage);
        usage(Endpoint::new("ws://0.0.0.0:0"));
        usage(Endpoint::new("unix://"));
        usage(Endpoint::new("unix:///s").bearer_token("t"));
        usage(Endpoint::new("ws://127.0.0.1:0").header("X", "y"));
        usage(Endpoint::new("ws://127.0.0.1:0").bearer_token("t".repeat(5000)));
    }
}
