//! Certificates of an authority that only one test trusts.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test cannot go on without its certificates"
)]

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use std::path::{Path, PathBuf};

/// A certificate and its private key.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The certificate, PEM.
    pub certificate: String,
    /// The private key, PEM.
    pub private_key: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
}

impl Pair {
    fn new(certificate: &Certificate, key: &KeyPair) -> Self {
        Self {
            certificate: certificate.pem(),
            private_key: key.serialize_pem(),
            der: certificate.der().to_vec(),
        }
    }

    /// A client's certificate that nobody vouches for.
    pub fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = client(name).self_signed(&key).expect("a certificate");
        Self::new(&certificate, &key)
    }

    /// Writes `NAME.pem` and `NAME.key` into a folder, over what is there, and gives their paths.
    pub fn write(&self, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) =
            (folder.join(name).with_extension("pem"), folder.join(name).with_extension("key"));
        std::fs::write(&certificate, &self.certificate).expect("a folder to write to");
        std::fs::write(&key, &self.private_key).expect("a folder to write to");
        (certificate, key)
    }
}

/// An authority that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// An authority with a key of its own.
    pub fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Its own certificate, PEM.
    pub fn certificate(&self) -> String {
        self.0.pem()
    }

    /// Writes its own certificate into a folder, and gives the path.
    pub fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name).with_extension("pem");
        std::fs::write(&path, self.certificate()).expect("a folder to write to");
        path
    }

    /// A certificate for a listener on this machine.
    pub fn server(&self) -> Pair {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(&params)
    }

    /// A certificate for a client whose subject is `CN=name`.
    pub fn client(&self, name: &str) -> Pair {
        self.sign(&client(name))
    }

    /// A certificate as described.
    pub fn sign(&self, params: &CertificateParams) -> Pair {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Pair::new(&certificate, &key)
    }
}

fn client(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
