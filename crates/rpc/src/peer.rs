//! Who is at the other end of a connection: an address, and a certificate if one was shown.

mod subject;

pub use subject::distinguished_name;

use axum::extract::OptionalFromRequestParts;
use http::Extensions;
use http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The other end of the connection a request came by. In the extensions of every request of a listener, and an axum
/// extractor as `Option<Peer>`.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address: that of the last proxy, where there is one.
    pub address: SocketAddr,
    /// The certificate it has proven to hold the key of. None over plaintext.
    pub certificate: Option<PeerCertificate>,
}

impl Peer {
    /// The peer of a gRPC request. None if the request came by no listener.
    pub fn of<T>(request: &tonic::Request<T>) -> Option<&Self> {
        request.extensions().get()
    }

    /// The peer of an HTTP request, by the request's extensions. None if the request came by no listener.
    pub fn among(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::among(&parts.extensions).cloned())
    }
}

/// Whether a client's certificate leads to the listener's `client_ca`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It does, and is valid now, and for clients. Its names are what the authority vouches for.
    Trusted,
    /// It does not, or there is no `client_ca`. Nothing in it is to be believed but the key: it counts by thumbprint alone
    /// (RFC 8705 §2.2).
    Untrusted,
}

/// A client certificate whose key the peer has proven to hold.
#[derive(Clone, Debug)]
pub struct PeerCertificate {
    der: Arc<[u8]>,
    chain: Chain,
}

/// The subject alternative names of a certificate by which RFC 8705 §2.1.2 registers clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlternativeNames {
    /// `tls_client_auth_san_dns`.
    pub dns: Vec<String>,
    /// `tls_client_auth_san_uri`.
    pub uri: Vec<String>,
    /// `tls_client_auth_san_ip`.
    pub ip: Vec<IpAddr>,
    /// `tls_client_auth_san_email`.
    pub email: Vec<String>,
}

impl PeerCertificate {
    /// The certificate with these DER bytes (end entity).
    pub fn new(der: &[u8], chain: Chain) -> Self {
        Self { der: der.into(), chain }
    }

    /// Its DER bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether its names may be believed.
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// Its subject as a string (RFC 4514): last name first, `CN=backend,O=Acme`. Types are in capitals, values as they
    /// stand in the certificate. None if the certificate cannot be read.
    pub fn subject(&self) -> Option<String> {
        self.read().map(|it| it.tbs_certificate().subject().to_string())
    }

    /// Its subject in the form in which two are compared, that of [`distinguished_name`]. None if the certificate cannot be
    /// read.
    pub fn distinguished_name(&self) -> Option<String> {
        self.read().map(|it| subject::normal_form(it.tbs_certificate().subject()))
    }

    /// Its alternative names. None of any kind if the certificate has none or cannot be read.
    pub fn alternative_names(&self) -> AlternativeNames {
        let mut names = AlternativeNames::default();
        let certificate = self.read();
        let extension = certificate
            .as_ref()
            .and_then(|it| it.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten());
        for name in extension.into_iter().flat_map(|(_, names)| names.0) {
            match name {
                GeneralName::DnsName(name) => names.dns.push(name.to_string()),
                GeneralName::UniformResourceIdentifier(name) => names.uri.push(name.to_string()),
                GeneralName::Rfc822Name(name) => names.email.push(name.to_string()),
                GeneralName::IpAddress(octets) => names.ip.extend(address(octets.as_bytes())),
                _ => {}
            }
        }
        names
    }

    fn read(&self) -> Option<Certificate> {
        Certificate::from_der(&self.der).ok()
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}
