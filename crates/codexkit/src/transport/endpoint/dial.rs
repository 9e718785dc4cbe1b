//! Getting to the server: a byte stream of whatever kind the address asks for.

use super::address::{Address, TcpAddress};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::websocket::BoxStream;
use std::io;
use std::path::{Path, PathBuf};
use tokio::net::TcpStream;

/// Connects. `roots` are files of certificates that are trusted beside those of the system.
pub(super) async fn dial(address: &Address, roots: &[PathBuf]) -> Result<BoxStream> {
    match address {
        // It was put in before.
        Address::ControlSocket => Err(unreachable_at(address, io::ErrorKind::NotFound.into())),
        Address::Unix(path) => unix(path).await.map_err(|error| unreachable_at(address, error)),
        Address::Tcp(tcp) if tcp.tls && cfg!(not(feature = "tls")) => Err(without_tls()),
        Address::Tcp(tcp) => {
            let stream = connect(tcp).await.map_err(|error| unreachable_at(address, error))?;
            if tcp.tls { encrypt(stream, tcp, roots).await } else { Ok(Box::new(stream)) }
        }
    }
}

async fn connect(tcp: &TcpAddress) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((tcp.host.as_str(), tcp.port)).await?;
    // Messages are collected before they are written.
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(unix)]
async fn unix(path: &Path) -> io::Result<BoxStream> {
    use tokio::net::UnixStream;
    let stream = match UnixStream::connect(path).await {
        // The path is too long for a socket. Codex makes it a link to a short one.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            UnixStream::connect(std::fs::read_link(path).map_err(|_| error)?).await?
        }
        stream => stream?,
    };
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
async fn unix(_: &Path) -> io::Result<BoxStream> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no unix sockets"))
}

#[cfg(feature = "tls")]
async fn encrypt(stream: TcpStream, tcp: &TcpAddress, roots: &[PathBuf]) -> Result<BoxStream> {
    super::tls::encrypt(stream, tcp, roots.to_vec()).await
}

#[cfg(not(feature = "tls"))]
async fn encrypt(_: TcpStream, _: &TcpAddress, _: &[PathBuf]) -> Result<BoxStream> {
    Err(without_tls())
}

fn without_tls() -> Error {
    Error::new(ErrorKind::Usage, "`wss://` needs the feature `tls` of codexkit")
}

fn unreachable_at(address: &Address, error: io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there; is `codex app-server --listen` running?",
        io::ErrorKind::NotFound if matches!(address, Address::Unix(_)) => {
            "there is no such socket; is `codex app-server --listen unix://` running?"
        }
        io::ErrorKind::PermissionDenied => "this user may not connect to it",
        io::ErrorKind::InvalidInput if matches!(address, Address::Unix(_)) => {
            "the path is longer than a socket can have; use a shorter one, or a link to it"
        }
        _ => "check the address and the way there",
    };
    Error::new(ErrorKind::Connect, format!("{address} cannot be reached: {what}")).with_source(error)
}
