//! As much of HTTP/1.1 as is needed to ask a server one thing.

use super::BoxStream;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// The longest head of a response.
const LONGEST_HEAD: usize = 16 * 1024;

/// As much of the body of a response as is worth telling.
const LONGEST_BODY: usize = 512;

/// How long the body of a response is waited for.
const BODY_WAIT: Duration = Duration::from_secs(1);

/// A `GET`, before it is sent.
pub(in crate::transport) struct Request {
    text: String,
}

impl Request {
    /// The path and the host have no line break in them.
    pub(in crate::transport) fn get(path: &str, host: &str) -> Self {
        Self { text: format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n") }
    }

    /// Adds a header. Neither name nor value has a line break in it.
    pub(in crate::transport) fn header(mut self, name: &str, value: &str) -> Self {
        for part in [name, ": ", value, "\r\n"] {
            self.text.push_str(part);
        }
        self
    }

    pub(in crate::transport) async fn send(mut self, stream: &mut BoxStream) -> io::Result<()> {
        self.text.push_str("\r\n");
        stream.write_all(self.text.as_bytes()).await?;
        stream.flush().await
    }
}

/// The head of a response.
#[derive(Debug)]
pub(in crate::transport) struct Head {
    pub(in crate::transport) status: u16,
    headers: Vec<(String, String)>,
    /// What came behind the head.
    pub(in crate::transport) rest: Vec<u8>,
}

impl Head {
    /// The value of a header, whose name is given in small letters.
    pub(in crate::transport) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// What the server says about its status, on one line for people to read. Only a body that tells its length is waited
    /// for, and not for long.
    pub(in crate::transport) async fn explanation(mut self, stream: &mut BoxStream) -> String {
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        let wanted = length.unwrap_or(self.rest.len()).min(LONGEST_BODY);
        let reading = async {
            while self.rest.len() < wanted && matches!(stream.read_buf(&mut self.rest).await, Ok(1..)) {}
        };
        // What has come until then will do.
        let _ = timeout(BODY_WAIT, reading).await;
        self.rest.truncate(wanted);
        let text = String::from_utf8_lossy(&self.rest);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Reads the head of a response; none if this is no HTTP.
pub(in crate::transport) async fn read_head(stream: &mut BoxStream) -> io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok(parse(&bytes, rest));
        }
        let is_http = bytes.iter().zip(b"HTTP/1.").all(|(one, other)| one == other);
        if !is_http || bytes.len() > LONGEST_HEAD {
            return Ok(None);
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn parse(head: &[u8], rest: Vec<u8>) -> Option<Head> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Head { status, headers: headers.collect(), rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn head_of(bytes: &'static [u8]) -> io::Result<Option<Head>> {
        let (mut server, client) = tokio::io::duplex(64 * 1024);
        server.write_all(bytes).await.unwrap();
        drop(server);
        read_head(&mut (Box::new(client) as BoxStream)).await
    }

    #[tokio::test]
    async fn a_head_is_read_and_what_follows_is_kept() {
        let head = head_of(b"HTTP/1.1 401 Unauthorized\r\nContent-Length:  4\r\nX-y: z\r\n\r\nbody").await;
        let head = head.unwrap().unwrap();
        assert_eq!(
            (head.status, head.header("content-length"), head.header("x-y")),
            (401, Some("4"), Some("z"))
        );
        assert_eq!(head.rest, b"body");
    }

    #[tokio::test]
    async fn what_is_no_http_is_told_at_once() {
        assert!(head_of(b"SSH-2.0-OpenSSH_9.9\r\n").await.unwrap().is_none());
        assert!(head_of(b"HTTP/1.1 no\r\n\r\n").await.unwrap().is_none());
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\n").await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(head_of(b"").await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
