//! A listener's certificates, and the certificates of its clients.

use super::files::Files;
use super::kept::Kept;
use super::{ClientCertificates, HTTP1, HTTP2, Reload, ServerTls, TlsError, provider};
use crate::peer::{Chain, PeerCertificate};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The certificates a listener uses at present. Clones are the same.
#[derive(Clone)]
pub struct Certificates(Arc<Kept<Loaded>>);

struct Loaded {
    config: Arc<ServerConfig>,
    /// Tells whether a client's certificate leads to `client_ca`; nobody's does where there is none.
    client_ca: Option<Arc<dyn ClientCertVerifier>>,
}

impl Certificates {
    /// Reads the files of a configuration. Fails with the file and what is wrong with it.
    pub fn read(section: &ServerTls) -> Result<Self, TlsError> {
        if section.client_certificates == ClientCertificates::Required && section.client_ca.is_none() {
            return Err(TlsError::NoClientCa);
        }
        let files = [Some(&section.certificate), Some(&section.private_key), section.client_ca.as_ref()];
        let section = section.clone();
        let files = files.into_iter().flatten().cloned().collect();
        Ok(Self(Arc::new(Kept::new(files, move |files| Loaded::of(&section, files))?)))
    }

    /// Looks at the files now: connections accepted from here on use what is in them. An error is told once for each
    /// state of the files, and the certificates before stay in use.
    pub fn reload(&self) -> Result<Reload, TlsError> {
        self.0.reload()
    }

    /// Looks at the files every few seconds, for as long as it is polled.
    pub(crate) async fn keep_fresh(&self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let kept = Arc::clone(&self.0);
            // What is wrong with them is in the log. A look that panicked is followed by the next.
            drop(tokio::task::spawn_blocking(move || kept.reload()).await);
        }
    }

    /// Shakes hands.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> io::Result<(TlsStream<S>, Option<PeerCertificate>)> {
        let loaded = self.0.get();
        let stream = TlsAcceptor::from(Arc::clone(&loaded.config)).accept(stream).await?;
        let (_, session) = stream.get_ref();
        let shown = session.peer_certificates().and_then(<[_]>::split_first);
        let certificate = shown.map(|(own, behind)| PeerCertificate::new(own, loaded.chain(own, behind)));
        Ok((stream, certificate))
    }
}

impl Loaded {
    fn of(section: &ServerTls, files: &Files) -> Result<Self, TlsError> {
        let provider = provider();
        let pair = files.pair(&section.certificate, &section.private_key, &provider)?;
        let client_ca = section.client_ca.as_deref().map(|path| verifier(files, path)).transpose()?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match (section.client_certificates, &client_ca) {
            (ClientCertificates::None, _) => builder.with_no_client_auth(),
            (ClientCertificates::Optional, _) => {
                let algorithms = provider.signature_verification_algorithms;
                builder.with_client_cert_verifier(Arc::new(AnyHolder { algorithms }))
            }
            (ClientCertificates::Required, Some(verifier)) => {
                builder.with_client_cert_verifier(Arc::clone(verifier))
            }
            (ClientCertificates::Required, None) => return Err(TlsError::NoClientCa),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        if section.client_certificates != ClientCertificates::None {
            // What a client's certificate proves is proven anew for each connection: a resumed session would outlive it.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Self { config: Arc::new(config), client_ca })
    }

    fn chain(&self, own: &CertificateDer<'_>, behind: &[CertificateDer<'_>]) -> Chain {
        let verified = self.client_ca.as_ref().map(|it| it.verify_client_cert(own, behind, UnixTime::now()));
        match verified {
            Some(Ok(_)) => Chain::Trusted,
            Some(Err(_)) | None => Chain::Untrusted,
        }
    }
}

fn verifier(files: &Files, client_ca: &Path) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let roots = Arc::new(files.roots(client_ca)?);
    let built = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
    built.map_err(|error| TlsError::unusable(client_ca, &error))
}

/// Lets everybody in who proves to hold the key of the certificate shown, and those who show none.
#[derive(Debug)]
struct AnyHolder {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyHolder {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: a client that was told names would not show a certificate signed by itself.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        // RFC 8705 §2.2: the chain is not validated. Possession of the key is, by the two methods below.
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
