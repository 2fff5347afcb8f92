//! Credential files: what a service or an operator's tool keeps to prove who it is.

use crate::client::Credential;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenroom_auth::SigningKey;
use greenroom_domain::kernel::ClientId;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// Why a credential file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file cannot be read or written.
    #[error("cannot open the credential file `{}`: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not a credential.
    #[error("`{}` is not a credential file: {cause}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
}

/// The file's form: JSON, readable by its owner only.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialFile {
    /// The OAuth `client_id`.
    client_id: String,
    /// The issuer the client is registered with.
    issuer: String,
    /// The private key as PKCS#8, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
    /// Or the client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Or that the certificate of the connection is the proof. It is named where the connection is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
}

/// `true`. There is no other value: a credential file that says it is none says nothing.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
struct Certificate;

impl TryFrom<bool> for Certificate {
    type Error = &'static str;

    fn try_from(told: bool) -> Result<Self, Self::Error> {
        if told { Ok(Self) } else { Err("`certificate` is `true` or left out") }
    }
}

impl From<Certificate> for bool {
    fn from(_: Certificate) -> Self {
        true
    }
}

impl Drop for CredentialFile {
    fn drop(&mut self) {
        self.private_key.zeroize();
        self.client_secret.zeroize();
    }
}

/// Reads a credential.
pub fn read(path: &Path) -> Result<Credential, CredentialError> {
    let io = |cause| CredentialError::Io { path: path.to_owned(), cause };
    let malformed = |cause: String| CredentialError::Malformed { path: path.to_owned(), cause };
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(io)?);
    let file: CredentialFile = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let client = ClientId::try_new(&file.client_id).map_err(|fault| malformed(fault.to_string()))?;
    match (&file.private_key, &file.client_secret, file.certificate) {
        (Some(key), None, None) => {
            let der = Zeroizing::new(STANDARD.decode(key).map_err(|error| malformed(error.to_string()))?);
            let key = SigningKey::from_pkcs8(&der).map_err(|fault| malformed(fault.to_string()))?;
            Ok(Credential::Key { client, key: Box::new(key), issuer: file.issuer.clone() })
        }
        (None, None, Some(Certificate)) => Ok(Credential::Certificate { client }),
        (None, Some(secret), None) => {
            Ok(Credential::Secret { client, secret: Zeroizing::new(secret.clone()) })
        }
        _ => {
            Err(malformed("needs exactly one of `private_key`, `client_secret` and `certificate`".to_owned()))
        }
    }
}

/// Writes a credential with a private key: whole or not at all, readable by its owner only.
pub fn write_key(path: &Path, client: &ClientId, issuer: &str, pkcs8: &[u8]) -> Result<(), CredentialError> {
    write(
        path,
        &CredentialFile {
            client_id: client.as_str().to_owned(),
            issuer: issuer.to_owned(),
            private_key: Some(STANDARD.encode(pkcs8)),
            client_secret: None,
            certificate: None,
        },
    )
}

/// Writes a credential with a secret: whole or not at all, readable by its owner only.
pub fn write_secret(
    path: &Path,
    client: &ClientId,
    issuer: &str,
    secret: &str,
) -> Result<(), CredentialError> {
    write(
        path,
        &CredentialFile {
            client_id: client.as_str().to_owned(),
            issuer: issuer.to_owned(),
            private_key: None,
            client_secret: Some(secret.to_owned()),
            certificate: None,
        },
    )
}

fn write(path: &Path, file: &CredentialFile) -> Result<(), CredentialError> {
    let malformed = |error: serde_json::Error| CredentialError::Malformed {
        path: path.to_owned(),
        cause: error.to_string(),
    };
    let text = Zeroizing::new(serde_json::to_vec_pretty(file).map_err(malformed)?);
    write_private(path, &text).map_err(|cause| CredentialError::Io { path: path.to_owned(), cause })
}

/// Writes a file only its owner can read (mode 0600): to the side first, then renamed, so that it is whole or absent.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = path.with_extension("new");
    // A left-over of a crash; its content was never relied on.
    drop(std::fs::remove_file(&aside));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    // The name has to be on disk as well as the bytes, before anything relies on them.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Credential, CredentialError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.json");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_file_names_one_way_to_prove_who_a_client_is() {
        let file = |rest: &str| format!(r#"{{"client_id": "till", "issuer": "http://i.test"{rest}}}"#);
        let certificate = parsed(&file(r#", "certificate": true"#)).unwrap();
        assert!(matches!(certificate, Credential::Certificate { client } if client.as_str() == "till"));
        let secret = parsed(&file(r#", "client_secret": "gr_x""#)).unwrap();
        assert!(matches!(secret, Credential::Secret { .. }));
        for wrong in ["", r#", "certificate": false"#, r#", "certificate": true, "client_secret": "gr_x""#] {
            assert!(parsed(&file(wrong)).is_err(), "{wrong}");
        }
    }
}
