//! PEM files.

use super::TlsError;
use aws_lc_rs::digest::{SHA256, digest};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use std::io;
use std::path::{Path, PathBuf};
use x509_cert::der::Decode as _;
use zeroize::Zeroizing;

/// Files as they were at one instant, so that what is compared is what is used.
pub(super) struct Files(Vec<(PathBuf, io::Result<Zeroizing<Vec<u8>>>)>);

/// What tells one state of some files from another. Not their content: a private key lies in memory once, where it is
/// used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trace(Vec<Result<Vec<u8>, io::ErrorKind>>);

impl Files {
    pub(super) fn read(paths: &[PathBuf]) -> Self {
        let read = |path: &PathBuf| (path.clone(), std::fs::read(path).map(Zeroizing::new));
        Self(paths.iter().map(read).collect())
    }

    pub(super) fn trace(&self) -> Trace {
        let trace = |read: &io::Result<Zeroizing<Vec<u8>>>| match read {
            Ok(content) => Ok(digest(&SHA256, content).as_ref().to_vec()),
            Err(error) => Err(error.kind()),
        };
        Trace(self.0.iter().map(|(_, read)| trace(read)).collect())
    }

    fn content(&self, path: &Path) -> Result<&[u8], TlsError> {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let unreadable = |cause| TlsError::Unreadable { path: path.to_owned(), cause };
        match self.0.iter().find(|(read, _)| read == path) {
            Some((_, Ok(content))) => Ok(content),
            Some((_, Err(error))) => Err(unreadable(io::Error::new(error.kind(), error.to_string()))),
            None => Err(unreadable(missing)),
        }
    }

    /// The certificates in a file, at least one.
    pub(super) fn certificates(&self, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.content(path)?).collect();
        let found = found.map_err(|error| TlsError::unusable(path, &error))?;
        if found.is_empty() {
            return Err(TlsError::unusable(path, "there is no certificate in it (PEM)"));
        }
        Ok(found)
    }

    /// The certificates in a file, as those that others are trusted by.
    pub(super) fn roots(&self, path: &Path) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates(path)? {
            roots.add(certificate).map_err(|error| TlsError::unusable(path, &error))?;
        }
        Ok(roots)
    }

    /// A certificate with its key. Tells in the log if it is not valid now, which is somebody's mistake but no reason to
    /// keep a service from running.
    pub(super) fn pair(
        &self,
        certificate: &Path,
        private_key: &Path,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, TlsError> {
        let chain = self.certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(self.content(private_key)?).map_err(|_| {
            TlsError::unusable(
                private_key,
                "there is no private key in it (PEM: PKCS#8, SEC1 or PKCS#1, not encrypted)",
            )
        })?;
        let key = provider.key_provider.load_private_key(key);
        let key = key.map_err(|error| TlsError::unusable(private_key, &error))?;
        if let Some(own) = chain.first() {
            tell_of_validity(certificate, own);
        }
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(pair),
            Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::NotAPair {
                certificate: certificate.to_owned(),
                private_key: private_key.to_owned(),
            }),
            Err(error) => Err(TlsError::unusable(certificate, &error)),
        }
    }
}

fn tell_of_validity(path: &Path, certificate: &CertificateDer<'_>) {
    // Certificates are judged by the machine's time, as the library does it.
    let now = UnixTime::now().as_secs();
    // What cannot be read here is refused by the library in better words.
    let Ok(certificate) = x509_cert::Certificate::from_der(certificate) else { return };
    let validity = certificate.tbs_certificate().validity();
    let (from, until) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    if until.as_secs() < now {
        tracing::warn!(file = %path.display(), until = %validity.not_after, "the certificate has expired");
    } else if now < from.as_secs() {
        tracing::warn!(file = %path.display(), from = %validity.not_before, "the certificate is not valid yet");
    }
}
