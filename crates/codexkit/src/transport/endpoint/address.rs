//! Addresses of servers, read from URLs.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where a server listens.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(TcpAddress),
    Unix(PathBuf),
    /// The socket of the codex that works in the home which is usual where the address is used.
    ControlSocket,
}

/// A place on a network.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TcpAddress {
    pub(super) tls: bool,
    /// A name or an IP address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Begins with `/`. A query behind it may be secret.
    path: String,
}

/// Where codex puts its control socket, below its home.
const CONTROL_SOCKET: &str = "app-server-control/app-server-control.sock";

const FORMS: &str = "has to look like ws://host:port, wss://host:port, unix:///path or unix://";

impl Address {
    /// Reads a URL. An error says what is wrong with it, without a word of it: it may hold secrets.
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or(FORMS)?;
        let tls = match &*scheme.to_ascii_lowercase() {
            "unix" if rest.is_empty() => return Ok(Self::ControlSocket),
            "unix" => return Ok(Self::Unix(rest.into())),
            "ws" => false,
            "wss" => true,
            _ => return Err(FORMS),
        };
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a space or a character in it that has to be written with `%`");
        }
        if rest.contains('#') {
            return Err("has a fragment (`#`), which means nothing here");
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("has a name or password in it; give a token by `Endpoint::bearer_token` instead");
        }
        let (host, port) = host_and_port(authority)?;
        let port = match port {
            None => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(port) => port.parse().map_err(|_| "has a port that is none")?,
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self::Tcp(TcpAddress { tls, host: host.to_ascii_lowercase(), port, path }))
    }

    pub(super) fn control_socket(home: &Path) -> Self {
        Self::Unix(home.join(CONTROL_SOCKET))
    }

    /// The address with the usual home put in.
    pub(super) fn resolved(&self) -> Result<Self, &'static str> {
        match self {
            Self::ControlSocket => own_control_socket(),
            other => Ok(other.clone()),
        }
    }

    /// Whether nobody but this machine, or the one who has the key, sees what goes there.
    pub(super) fn is_private(&self) -> bool {
        match self {
            Self::Unix(_) | Self::ControlSocket => true,
            Self::Tcp(tcp) => tcp.tls || tcp.is_loopback(),
        }
    }

    pub(super) fn path(&self) -> &str {
        match self {
            Self::Unix(_) | Self::ControlSocket => "/",
            Self::Tcp(tcp) => &tcp.path,
        }
    }

    pub(super) fn host_header(&self) -> String {
        match self {
            Self::Unix(_) | Self::ControlSocket => "localhost".into(),
            Self::Tcp(tcp) => tcp.host_and_port(),
        }
    }
}

impl TcpAddress {
    fn is_loopback(&self) -> bool {
        let ip = self.host.parse::<IpAddr>();
        ip.map_or(self.host == "localhost", |ip| ip.is_loopback())
    }

    pub(super) fn host_and_port(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Whether it is given as an IP address: codex listens at nothing else.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(super) fn has_path(&self) -> bool {
        self.path != "/"
    }

    /// Where to connect to what listens here: at the port that was chosen for it, and on this machine if it listens on
    /// all addresses.
    pub(super) fn reached_at(&self, port: u16) -> Self {
        let host = match self.ip() {
            Some(IpAddr::V4(ip)) if ip.is_unspecified() => "127.0.0.1".into(),
            Some(IpAddr::V6(ip)) if ip.is_unspecified() => "::1".into(),
            _ => self.host.clone(),
        };
        Self { host, port, ..self.clone() }
    }

    /// The same server, asked for another path.
    pub(super) fn with_path(&self, path: &str) -> Self {
        Self { path: path.into(), ..self.clone() }
    }
}

fn host_and_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    const BAD_HOST: &str = "has no host, or one that is none";
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']').ok_or(BAD_HOST)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| BAD_HOST)?;
            match port {
                "" => (host, None),
                port => (host, Some(port.strip_prefix(':').ok_or(BAD_HOST)?)),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:%".contains(&byte);
    match !host.is_empty() && host.bytes().all(allowed) {
        true => Ok((host, port)),
        false => Err(BAD_HOST),
    }
}

fn own_control_socket() -> Result<Address, &'static str> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = variable("CODEX_HOME").or_else(|| Some(variable("HOME")?.join(".codex")));
    let home = home.ok_or("means the control socket of CODEX_HOME, which is not set, and neither is HOME")?;
    Ok(Address::control_socket(&home))
}

/// The URL without its query, which may be secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlSocket => f.write_str("unix://"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(tcp) => {
                let scheme = if tcp.tls { "wss" } else { "ws" };
                let path = tcp.path.split('?').next().filter(|path| *path != "/").unwrap_or_default();
                write!(f, "{scheme}://{}{path}", tcp.host_and_port())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Option<String> {
        Address::parse(url).ok().map(|address| address.to_string())
    }

    #[test]
    fn urls_are_read() {
        let cases = [
            ("ws://127.0.0.1:8765", "ws://127.0.0.1:8765"),
            ("WS://Host", "ws://host:80"),
            ("wss://host/a/b?token=x", "wss://host:443/a/b"),
            ("wss://host?token=x", "wss://host:443"),
            ("ws://[::1]:9/", "ws://[::1]:9"),
            ("ws://[fe80::1]", "ws://[fe80::1]:80"),
            ("unix:///run/a b.sock", "unix:///run/a b.sock"),
            ("unix://relative.sock", "unix://relative.sock"),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url).as_deref(), Some(expected), "{url}");
        }
        let Ok(address) = Address::parse("wss://host/a?token=x") else { panic!("an address") };
        assert_eq!((address.path(), address.host_header()), ("/a?token=x", "host:443".into()));
        assert_eq!(shown("unix://").as_deref(), Some("unix://"));
        let in_home = Address::control_socket(Path::new("/h")).to_string();
        assert_eq!(in_home, "unix:///h/app-server-control/app-server-control.sock");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let wrong = [
            "",
            "127.0.0.1:8765",
            "http://host",
            "ws:/host",
            "ws://",
            "ws://:80",
            "ws://host:",
            "ws://host:70000",
            "ws://[::1",
            "ws://[::1]x",
            "ws://[nonsense]:1",
            "ws://a b",
            "ws://host/\r\nX: y",
            "ws://u:p@host",
            "ws://host/#part",
            "ws://ho\"st",
        ];
        for url in wrong {
            assert_eq!(shown(url), None, "{url}");
        }
    }
}
