//! The HTTP side: accepts connections, reads requests, sends replies.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::outcome::{Answering, Outcome};
use super::response::{Body, Reply};
use super::shared::Shared;
use super::sse::Beat;
use super::stream::Playback;

/// The largest request that is read. Codex sends the whole conversation each time.
const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;

/// The most connections at one time; more wait in the backlog of the listener.
const MAX_CONNECTIONS: usize = 1024;

/// How long to leave the listener alone after it failed.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(10);

/// Serves until it is dropped, and every connection with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&shared)));
                }
                // Most likely out of descriptors: back off instead of spinning.
                Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
            },
        }
    }
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>) {
    // Each event shall leave at once; without this they only leave later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, &shared));
    // A connection that ends in an error ends as the script or the client wanted: the outcome says which.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

type HttpReply = hyper::Response<Playback>;

async fn answer(request: hyper::Request<Incoming>, shared: &Shared) -> Result<HttpReply, HangUp> {
    let (head, body) = request.into_parts();
    match (&head.method, head.uri.path()) {
        (&Method::POST, "/v1/responses") => match read_json(body).await {
            Ok(body) => {
                let (request, answering) = shared.ledger.enter(texts_of(&head.headers), body);
                let reply = shared.respond_to(&request).render(request.number());
                send(reply, answering, shared).await
            }
            Err(reason) => {
                Ok(refuse(StatusCode::BAD_REQUEST, format!("unreadable request: {reason}"), shared))
            }
        },
        (method, path) => {
            Ok(refuse(StatusCode::NOT_FOUND, format!("unknown endpoint {method} {path}"), shared))
        }
    }
}

async fn read_json(body: Incoming) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let body = Limited::new(body, MAX_REQUEST_BYTES).collect().await?;
    Ok(serde_json::from_slice(&body.to_bytes())?)
}

fn texts_of(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

async fn send(reply: Reply, answering: Answering, shared: &Shared) -> Result<HttpReply, HangUp> {
    for pause in reply.lead {
        pause.pass().await;
    }
    let (status, content_type, beats) = match reply.body {
        Body::Stream(beats) => (StatusCode::OK.as_u16(), "text/event-stream", beats),
        Body::Error { status, text } => (status, "application/json", vec![Beat::Send(text.into())]),
        Body::Nothing => {
            answering.end(Outcome::CutByScript);
            return Err(HangUp);
        }
    };
    let mut response = hyper::Response::new(Playback::new(beats, Some(answering)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in reply.headers {
        match (HeaderName::try_from(&name), HeaderValue::try_from(&value)) {
            (Ok(name), Ok(value)) => drop(headers.append(name, value)),
            _ => shared.ledger.complain(format!("cannot send the scripted header `{name}: {value}`")),
        }
    }
    Ok(response)
}

/// Answers what codex never sends; the test hears of it when it checks the script.
fn refuse(status: StatusCode, complaint: String, shared: &Shared) -> HttpReply {
    let beats = vec![Beat::Send(complaint.clone().into())];
    shared.ledger.complain(complaint);
    let mut response = hyper::Response::new(Playback::new(beats, None));
    *response.status_mut() = status;
    response
}

/// The service fails with this to close the connection without an answer.
#[derive(Debug)]
struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the script hangs up")
    }
}

impl std::error::Error for HangUp {}
