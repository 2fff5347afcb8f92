//! Connections to other services.

use super::files::Files;
use super::kept::Kept;
use super::{ClientTls, HTTP2, TlsError, provider};
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use std::error::Error;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::ServiceExt as _;

type Kin = Arc<Kept<Arc<ClientConfig>>>;

/// A lazy connection over TLS. The files are read at once, so that what is wrong with them is told now.
pub(crate) fn dial(endpoint: &Endpoint, section: &ClientTls) -> Result<Channel, TlsError> {
    if section.certificate.is_some() != section.private_key.is_some() {
        return Err(TlsError::HalfAPair);
    }
    let files = [&section.ca, &section.certificate, &section.private_key];
    let files = files.into_iter().flatten().cloned().collect();
    let section = section.clone();
    let kept: Kin = Arc::new(Kept::new(files, move |files| config(&section, files).map(Arc::new))?);
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let connector = tower::service_fn(move |uri: Uri| connect(tcp.clone(), Arc::clone(&kept), uri));
    Ok(endpoint.connect_with_connector_lazy(connector))
}

async fn connect(
    tcp: HttpConnector,
    kept: Kin,
    uri: Uri,
) -> Result<TokioIo<TlsStream<TcpStream>>, Box<dyn Error + Send + Sync>> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    // What is wrong with them is in the log, and those before are used.
    drop(kept.reload());
    let stream = tcp.oneshot(uri).await?.into_inner();
    let stream = TlsConnector::from(kept.get().as_ref().clone()).connect(name, stream).await?;
    if stream.get_ref().1.alpn_protocol() != Some(HTTP2) {
        return Err(io::Error::other("the other side speaks TLS but does not offer HTTP/2").into());
    }
    Ok(TokioIo::new(stream))
}

fn config(section: &ClientTls, files: &Files) -> Result<ClientConfig, TlsError> {
    let provider = provider();
    let roots = match &section.ca {
        Some(path) => files.roots(path)?,
        None => system_roots()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match (&section.certificate, &section.private_key) {
        (Some(certificate), Some(private_key)) => {
            let pair = files.pair(certificate, private_key, &provider)?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(roots) }
}
