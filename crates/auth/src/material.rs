//! The numbers of a public key, by key type.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url::{self, encode};
use crate::jwk::{JwkFault, KeyPurpose};
use crate::weak_key;

/// The numbers of a public key, in the lengths their type demands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Material {
    Ed25519 { x: [u8; 32] },
    P256 { x: [u8; 32], y: [u8; 32] },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Material {
    pub(crate) fn from_members(members: &Map<String, Value>, purpose: KeyPurpose) -> Result<Self, JwkFault> {
        match (text(members, "kty")?, purpose) {
            ("OKP", _) if text(members, "crv")? == "Ed25519" => {
                Ok(Self::Ed25519 { x: number32(members, "x")? })
            }
            ("EC", _) if text(members, "crv")? == "P-256" => {
                Ok(Self::P256 { x: number32(members, "x")?, y: number32(members, "y")? })
            }
            ("RSA", KeyPurpose::ClientAssertion) => {
                Ok(Self::Rsa { n: minimal_number(members, "n")?, e: minimal_number(members, "e")? })
            }
            _ => Err(JwkFault::UnknownKind),
        }
    }

    /// The library's form of the key, once the numbers are known to be a key that means something.
    pub(crate) fn validated(&self, algorithm: Algorithm) -> Result<DecodingKey, JwkFault> {
        match self {
            Self::Ed25519 { x } => {
                let parsed = ParsedPublicKey::new(&signature::ED25519, x).map_err(|_| JwkFault::Invalid);
                weak_key::refuse_weak_ed25519(x).and(parsed)?;
                Ok(DecodingKey::from_ed_der(x))
            }
            Self::P256 { x, y } => {
                let point: Vec<u8> = [4].iter().chain(x).chain(y).copied().collect();
                ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, &point)
                    .map_err(|_| JwkFault::Invalid)?;
                Ok(DecodingKey::from_ec_der(&point))
            }
            Self::Rsa { n, e } => {
                weak_key::refuse_weak_rsa(n, e)?;
                let parameters = match algorithm {
                    Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                let components = RsaPublicKeyComponents { n, e };
                components.to_parsed_public_key(parameters).map_err(|_| JwkFault::Invalid)?;
                Ok(DecodingKey::from_rsa_raw_components(n, e))
            }
        }
    }

    /// The required members in the order RFC 7638 §3 hashes them. base64url needs no escaping.
    pub(crate) fn canonical_json(&self) -> String {
        match self {
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(x)),
            Self::P256 { x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, encode(x), encode(y))
            }
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(e), encode(n)),
        }
    }

    /// The one algorithm of the key. An RSA key has two and must say which (RFC 8725 §3.1).
    pub(crate) fn algorithm(&self, members: &Map<String, Value>) -> Result<Algorithm, JwkFault> {
        let stated = match members.get("alg") {
            None => None,
            Some(_) => Some(Algorithm::from_name(text(members, "alg")?).ok_or(JwkFault::WrongAlgorithm)?),
        };
        match (self, stated) {
            (Self::Ed25519 { .. }, None | Some(Algorithm::EdDsa)) => Ok(Algorithm::EdDsa),
            (Self::P256 { .. }, None | Some(Algorithm::Es256)) => Ok(Algorithm::Es256),
            (Self::Rsa { .. }, Some(stated @ (Algorithm::Rs256 | Algorithm::Ps256))) => Ok(stated),
            (Self::Rsa { .. }, None) => Err(JwkFault::MemberMissing { member: "alg" }),
            _ => Err(JwkFault::WrongAlgorithm),
        }
    }
}

fn text<'a>(members: &'a Map<String, Value>, member: &'static str) -> Result<&'a str, JwkFault> {
    let value = members.get(member).ok_or(JwkFault::MemberMissing { member })?;
    value.as_str().ok_or(JwkFault::MemberMalformed { member })
}

fn bytes(members: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, JwkFault> {
    base64url::decode(text(members, member)?).ok_or(JwkFault::MemberMalformed { member })
}

/// A coordinate: always the full 32 bytes (RFC 7518 §6.2.1.2, RFC 8037 §2).
fn number32(members: &Map<String, Value>, member: &'static str) -> Result<[u8; 32], JwkFault> {
    bytes(members, member)?.try_into().map_err(|_| JwkFault::MemberMalformed { member })
}

/// A number without leading zero octets (RFC 7518 §2, `Base64urlUInt`).
fn minimal_number(members: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, JwkFault> {
    match bytes(members, member)? {
        number if matches!(number.first(), None | Some(0)) => Err(JwkFault::MemberMalformed { member }),
        number => Ok(number),
    }
}
