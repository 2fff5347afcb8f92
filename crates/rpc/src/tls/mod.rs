//! TLS of listeners and of connections to other services: what their configuration says, and the files it names.
//!
//! TLS 1.3 and 1.2 with the aws-lc provider and nothing else. The files are read again when they change, so that
//! certificates are replaced without a restart: see [`ServerTls`] and [`ClientTls`].

mod client;
mod files;
mod kept;
mod listener;

pub(crate) use client::dial;
pub use kept::Reload;
pub use listener::Certificates;

use rustls::crypto::CryptoProvider;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The `[tls]` section: how a listener proves who it is, and what it asks of its clients.
///
/// The three files are looked at every few seconds. New connections use what is in them; while they cannot be used, the
/// last ones that could stay in use, and the log says so once. Connections already open stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The listener's certificate and the intermediate ones behind it (PEM, the listener's own first).
    pub certificate: PathBuf,
    /// Its private key (PEM: PKCS#8, SEC1 or PKCS#1, not encrypted).
    pub private_key: PathBuf,
    /// Whose client certificates are trusted (PEM, one certificate or many).
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
    /// Whether clients show a certificate.
    #[serde(default)]
    pub client_certificates: ClientCertificates,
}

/// Whether clients show a certificate (`client_certificates`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// They are not asked.
    #[default]
    None,
    /// They are asked. Whoever proves to hold the key of a certificate is let in with it, self-signed ones too, because
    /// RFC 8705 §2.2 registers those by thumbprint. Whether it leads to `client_ca` is told to who asks for it
    /// ([`Chain`](crate::peer::Chain)).
    Optional,
    /// Only clients whose certificate leads to `client_ca` are let in.
    Required,
}

/// The `[client_tls]` section: how a service connects to others under `https://` URLs.
///
/// The files are read again for each new connection. While they cannot be used, the last ones that could stay in use,
/// and the log says so once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// Who may vouch for the services connected to (PEM, one certificate or many); the system's roots if not set.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// The certificate to show, with the intermediate ones behind it (PEM); none if not set.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM: PKCS#8, SEC1 or PKCS#1, not encrypted).
    #[serde(default)]
    pub private_key: Option<PathBuf>,
}

/// Why certificates and keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("cannot use `{}`: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key are not a pair.
    #[error(
        "the private key in `{}` is not that of the certificate in `{}`",
        private_key.display(),
        certificate.display()
    )]
    NotAPair {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        private_key: PathBuf,
    },
    /// Nobody could be let in.
    #[error("`client_certificates = \"required\"` needs `client_ca`")]
    NoClientCa,
    /// One of two that belong together is missing.
    #[error("`certificate` and `private_key` of `[client_tls]` are set together or not at all")]
    HalfAPair,
    /// The system trusts nobody.
    #[error("the system has no root certificates; name those to trust with `ca`")]
    NoSystemRoots,
    /// The library does not do what is asked of it.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl TlsError {
    fn unusable(path: &Path, reason: &(impl ToString + ?Sized)) -> Self {
        Self::Unusable { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// The one cryptographic library. Named wherever one is needed, so that nothing depends on a default of the process.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// HTTP/2 and HTTP/1.1, as RFC 7301 (ALPN) registers them.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";
