//! The handshake that makes a WebSocket of a byte stream.

use super::http::{Head, Request, read_head};
use super::{BoxStream, WebSocket, accept};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;

/// Sends the request, which has all headers but those of WebSocket itself, and takes the answer in.
pub(in crate::transport) async fn upgrade(
    mut stream: BoxStream,
    request: Request,
    server: &str,
    limits: &Limits,
) -> Result<WebSocket> {
    let key = accept::key();
    let request = request
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", &key);
    let broken = |error: std::io::Error| {
        let text = format!("{server} closed the connection instead of answering; is it a codex app-server?");
        Error::new(ErrorKind::Handshake, text).with_source(error)
    };
    request.send(&mut stream).await.map_err(broken)?;
    let Some(head) = read_head(&mut stream).await.map_err(broken)? else {
        let text = format!("{server} is no WebSocket server: what it says is no HTTP");
        return Err(Error::new(ErrorKind::Handshake, text));
    };
    if head.status != 101 {
        return Err(refused(server, head, &mut stream).await);
    }
    if head.header("sec-websocket-accept") != Some(&accept::accept(&key)) {
        let text = format!("{server} took the connection, but did not answer as a WebSocket server does");
        return Err(Error::new(ErrorKind::Handshake, text));
    }
    Ok(WebSocket { stream, beginning: head.rest, limits: limits.clone() })
}

/// Another status than the one that is wanted.
async fn refused(server: &str, head: Head, stream: &mut BoxStream) -> Error {
    let status = head.status;
    let said = match head.explanation(stream).await {
        said if said.is_empty() => String::new(),
        said => format!(", saying: {said}"),
    };
    let (kind, what) = match status {
        401 => (
            ErrorKind::Unauthorized,
            "wants a bearer token that it accepts; give one by `Endpoint::bearer_token`, or a new one if it has expired",
        ),
        403 => (
            ErrorKind::Forbidden,
            "lets nobody in who connects in this way; codex itself does so when there is an `Origin` header",
        ),
        502..=504 => (ErrorKind::Connect, "is there, but the codex server behind it is not"),
        _ => (ErrorKind::Handshake, "did not accept a WebSocket; is it a codex app-server?"),
    };
    Error::new(kind, format!("{server} {what} (it answered with HTTP status {status}{said})"))
}
