//! `cnf`: a token bound to the certificate of its client (RFC 8705 §3.1).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::Serialize;
use serde_json::Value;

use crate::algorithm::sha256;
use crate::base64url;
use crate::fault::TokenFault;

/// The SHA-256 of the DER of the client certificate that must be shown with the token (`x5t#S256`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    certificate_sha256: [u8; 32],
}

/// The claim as it stands in the token.
#[derive(Serialize)]
pub(crate) struct WireConfirmation {
    #[serde(rename = "x5t#S256")]
    x5t_s256: String,
}

impl Confirmation {
    /// Binds to the certificate with these DER bytes.
    pub fn to_certificate(der: &[u8]) -> Self {
        Self { certificate_sha256: sha256(der) }
    }

    /// Binds to the certificate whose DER bytes have this SHA-256.
    pub fn from_sha256(certificate_sha256: [u8; 32]) -> Self {
        Self { certificate_sha256 }
    }

    /// Whether `der` is the certificate.
    pub fn matches(&self, der: &[u8]) -> bool {
        verify_slices_are_equal(&self.certificate_sha256, &sha256(der)).is_ok()
    }

    /// The value of `x5t#S256`: the hash in base64url.
    pub fn thumbprint(&self) -> String {
        base64url::encode(&self.certificate_sha256)
    }

    /// Reads the claim. Any other way of confirmation is refused: ignoring it would turn a bound token into a bearer's.
    pub(crate) fn read(claim: &Value) -> Result<Self, TokenFault> {
        let malformed = TokenFault::ClaimMalformed { name: "cnf" };
        let Some(members) = claim.as_object().filter(|members| members.len() == 1) else {
            return Err(malformed);
        };
        let hash = members.get("x5t#S256").and_then(Value::as_str).and_then(base64url::decode);
        let certificate_sha256 = hash.and_then(|bytes| bytes.try_into().ok()).ok_or(malformed)?;
        Ok(Self { certificate_sha256 })
    }
}

impl From<&Confirmation> for WireConfirmation {
    fn from(confirmation: &Confirmation) -> Self {
        Self { x5t_s256: confirmation.thumbprint() }
    }
}
