//! Connections within TLS, to a proxy that stands before a codex server.

use codexkit::{Codex, Endpoint, ErrorKind};
use e2e::model::Model;
use e2e::{Stage, covers, skipped, soon};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A proxy whose certificate for `localhost` is of its own making: its port, and the certificate.
async fn proxy(stage: &Stage, server: &Endpoint) -> (u16, PathBuf) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = stage.fixture.home().join("certificate.pem");
    std::fs::write(&pem, certified.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    let server = server.address().unwrap().strip_prefix("ws://").unwrap().to_owned();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            // Those who do not trust the certificate hang up.
            let Ok(mut client) = acceptor.accept(client).await else { continue };
            let mut server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move { drop(copy_bidirectional(&mut client, &mut server).await) });
        }
    });
    (port, pem)
}

#[tokio::test]
async fn a_server_behind_tls_is_reached_when_its_certificate_is_trusted() {
    covers!["003-159"];
    if skipped() {
        return;
    }
    // Given a server with a token, behind a proxy with a certificate
    let token = "a-token";
    let stage = Stage::new(Model::script().text("Hello.")).await;
    let at = Endpoint::new("ws://127.0.0.1:0").bearer_token(token);
    let owner = stage.codex().await.listen(at).start().await.unwrap();
    let (port, pem) = proxy(&stage, owner.endpoint().unwrap()).await;
    let endpoint = Endpoint::new(format!("wss://localhost:{port}/codex")).bearer_token(token);

    // When the certificate is named, then there is a connection
    let trusting = endpoint.clone().root_certificates(&pem);
    let codex = soon("the connection", Codex::connect(&trusting)).await.unwrap();
    assert_eq!(soon("the answer", codex.ask("Hi")).await.unwrap().text(), "Hello.");
    soon("readiness", trusting.check_ready()).await.unwrap();
    codex.close().await;

    // When it is not, or is for another name, then there is none
    let error = soon("the refusal", Codex::connect(endpoint)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handshake);
    let other = Endpoint::new(format!("wss://127.0.0.1:{port}")).bearer_token(token);
    let error = soon("the refusal", Codex::connect(other.root_certificates(pem))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handshake);
}

#[tokio::test]
async fn a_file_without_certificates_is_told() {
    covers!["003-159"];
    let stage = Stage::new(Model::script()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(format!("wss://{}", listener.local_addr().unwrap()));
    let missing = endpoint.root_certificates(stage.fixture.home().join("missing.pem"));
    let error = soon("the refusal", Codex::connect(missing)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}
