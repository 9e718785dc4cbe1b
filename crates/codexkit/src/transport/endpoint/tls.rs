//! Encryption, for `wss://`.

use super::address::TcpAddress;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::websocket::BoxStream;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Shakes hands with a server that has a certificate which the system trusts, or one of the PEM files.
pub(super) async fn encrypt(stream: TcpStream, tcp: &TcpAddress, files: Vec<PathBuf>) -> Result<BoxStream> {
    let name = ServerName::try_from(tcp.host.clone()).map_err(|error| {
        Error::new(ErrorKind::Usage, "no certificate can be for this host").with_source(error)
    })?;
    // Files are read there.
    let config = spawn_blocking(move || config(&files)).await;
    let config = config.map_err(|error| {
        Error::new(ErrorKind::Connect, "the certificates could not be loaded").with_source(error)
    })??;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
        let text = format!(
            "{} did not shake hands for TLS; if its certificate is of your own making, name it by \
             `Endpoint::root_certificates`",
            tcp.host_and_port()
        );
        Error::new(ErrorKind::Handshake, text).with_source(error)
    })?;
    Ok(Box::new(stream))
}

fn config(files: &[PathBuf]) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // A system without certificates is told by the handshake, unless those of the files do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in files {
        let unusable = || {
            let text = format!("no certificates can be read from {}", file.display());
            Error::new(ErrorKind::Usage, text)
        };
        let certificates =
            CertificateDer::pem_file_iter(file).map_err(|error| unusable().with_source(error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unusable().with_source(error))?;
            roots.add(certificate).map_err(|error| unusable().with_source(error))?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Connect, "TLS cannot be used").with_source(error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
