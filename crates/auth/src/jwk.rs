//! Public keys, read strictly from JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037).

use std::fmt;

use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value, json};

use crate::algorithm::{Algorithm, sha256};
use crate::base64url::{self, encode};
use crate::json::{JsonFault, parse_object};
use crate::key_id::KeyId;
use crate::material::Material;

/// The longest JWK read: an RSA-4096 key with a certificate chain beside it fits.
const MAX_JWK_BYTES: usize = 16 * 1024;

/// Members that only a private or a shared-secret key has (RFC 7518 §6.2.2, §6.3.2, §6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What a key is for, which decides what may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Keys that sign access tokens: Ed25519 and P-256. A set may hold keys of kinds invented later; they are skipped.
    TokenSigning,
    /// Keys that a client registers to sign its assertions: these, and RSA. Whatever cannot be used is refused, so that
    /// the client learns it when it registers the key and not when it needs it.
    ClientAssertion,
}

/// Why a JWK or a set of them was refused. Values are never repeated: one of them might be a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkFault {
    /// Not one JSON object, or far too long.
    #[error("the key is not a JSON object of reasonable size")]
    NotJson,
    /// A member occurs twice.
    #[error("the key names a member twice")]
    DuplicateMember,
    /// The key is a private or shared one. It must be considered disclosed.
    #[error("the key has the private member `{member}`: it is no longer secret, replace it")]
    PrivateMember {
        /// The member.
        member: &'static str,
    },
    /// A member is missing.
    #[error("the key lacks the member `{member}`")]
    MemberMissing {
        /// The member.
        member: &'static str,
    },
    /// A member is not text, not base64url, or not of the length its key type has.
    #[error("the member `{member}` of the key is malformed")]
    MemberMalformed {
        /// The member.
        member: &'static str,
    },
    /// `kty` or `crv` is none of those read here for this purpose.
    #[error("keys of this type or curve are not accepted here")]
    UnknownKind,
    /// `alg` is an algorithm not accepted here, or does not fit the key.
    #[error("the `alg` of the key is not accepted for a key of this type")]
    WrongAlgorithm,
    /// `use` is not `sig`.
    #[error("the `use` of the key is not `sig`")]
    WrongUse,
    /// `key_ops` is not exactly `["verify"]`.
    #[error("the `key_ops` of the key are not exactly `verify`")]
    WrongKeyOperations,
    /// An RSA modulus outside 2048 to 4096 bits.
    #[error("the RSA modulus has {bits} bits; 2048 to 4096 are accepted")]
    ModulusSize {
        /// Its length in bits.
        bits: usize,
    },
    /// The numbers are no public key, or one that verifies signatures anybody can make.
    #[error("the key is not a valid public key")]
    Invalid,
    /// A set is not an object with a list of 1 to 32 `keys`.
    #[error("the key set is not a list of 1 to 32 keys")]
    WrongSet,
    /// A set has two keys of one id.
    #[error("two keys of the set have the same `kid`")]
    DuplicateKeyId,
}

impl From<JsonFault> for JwkFault {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Malformed => Self::NotJson,
            JsonFault::DuplicateMember => Self::DuplicateMember,
        }
    }
}

/// A public key that verifies signatures of exactly one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    id: KeyId,
    algorithm: Algorithm,
    material: Material,
    thumbprint: [u8; 32],
    decoding: DecodingKey,
}

impl PublicKey {
    /// Reads one JWK. A key without `kid` is named by its RFC 7638 thumbprint.
    pub fn from_jwk(json: &str, purpose: KeyPurpose) -> Result<Self, JwkFault> {
        if json.len() > MAX_JWK_BYTES {
            return Err(JwkFault::NotJson);
        }
        Self::from_members(&parse_object(json.as_bytes())?, purpose)
    }

    pub(crate) fn from_members(members: &Map<String, Value>, purpose: KeyPurpose) -> Result<Self, JwkFault> {
        refuse_private(members)?;
        check_use(members)?;
        let material = Material::from_members(members, purpose)?;
        let algorithm = material.algorithm(members)?;
        let id = members.get("kid").map(|kid| {
            let id = kid.as_str().and_then(KeyId::parse);
            id.ok_or(JwkFault::MemberMalformed { member: "kid" })
        });
        Self::try_new(id.transpose()?, algorithm, material)
    }

    /// The key of a P-256 or Ed25519 pair, from the bytes aws-lc-rs hands out.
    pub(crate) fn from_pair_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, JwkFault> {
        let material = match (algorithm, bytes) {
            (Algorithm::EdDsa, x) => Material::Ed25519 { x: x.try_into().map_err(|_| JwkFault::Invalid)? },
            (Algorithm::Es256, [4, point @ ..]) => {
                let (x, y) = point.split_at_checked(32).ok_or(JwkFault::Invalid)?;
                let (x, y) = (x.try_into(), y.try_into());
                Material::P256 { x: x.map_err(|_| JwkFault::Invalid)?, y: y.map_err(|_| JwkFault::Invalid)? }
            }
            _ => return Err(JwkFault::Invalid),
        };
        Self::try_new(None, algorithm, material)
    }

    pub(crate) fn try_new(
        id: Option<KeyId>,
        algorithm: Algorithm,
        material: Material,
    ) -> Result<Self, JwkFault> {
        let decoding = material.validated(algorithm)?;
        let thumbprint = sha256(material.canonical_json().as_bytes());
        let id = id.or_else(|| KeyId::parse(&base64url::encode(&thumbprint))).ok_or(JwkFault::Invalid)?;
        Ok(Self { id, algorithm, material, thumbprint, decoding })
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_id(self, id: KeyId) -> Self {
        Self { id, ..self }
    }

    /// Its name.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The one algorithm it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many bytes every signature of this key has.
    pub(crate) fn signature_length(&self) -> usize {
        match &self.material {
            Material::Ed25519 { .. } | Material::P256 { .. } => 64,
            Material::Rsa { n, .. } => n.len(),
        }
    }

    /// The SHA-256 thumbprint of RFC 7638: the same for the same numbers, whatever the key is called.
    pub fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// The public JWK with `kid`, `alg` and `use`, as a JSON text.
    pub fn to_jwk_json(&self) -> String {
        self.to_value().to_string()
    }

    pub(crate) fn to_value(&self) -> Value {
        let (kid, alg) = (self.id.as_str(), self.algorithm.name());
        match &self.material {
            Material::Ed25519 { x } => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(x), "kid": kid, "alg": alg, "use": "sig"})
            }
            Material::P256 { x, y } => {
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y), "kid": kid, "alg": alg, "use": "sig"})
            }
            Material::Rsa { n, e } => {
                json!({"kty": "RSA", "n": encode(n), "e": encode(e), "kid": kid, "alg": alg, "use": "sig"})
            }
        }
    }

    /// Whether `signature` (base64url) is this key's over `signed`.
    pub(crate) fn verifies(&self, signed: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.decoding, self.algorithm.library())
            .unwrap_or(false)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.algorithm, &self.material) == (&other.id, other.algorithm, &other.material)
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, algorithm) = (&self.id, self.algorithm);
        formatter
            .debug_struct("PublicKey")
            .field("id", id)
            .field("algorithm", &algorithm)
            .finish_non_exhaustive()
    }
}

fn refuse_private(members: &Map<String, Value>) -> Result<(), JwkFault> {
    match PRIVATE_MEMBERS.into_iter().find(|member| members.contains_key(*member)) {
        Some(member) => Err(JwkFault::PrivateMember { member }),
        None => Ok(()),
    }
}

fn check_use(members: &Map<String, Value>) -> Result<(), JwkFault> {
    if members.get("use").is_some_and(|value| value != "sig") {
        return Err(JwkFault::WrongUse);
    }
    if members.get("key_ops").is_some_and(|value| *value != json!(["verify"])) {
        return Err(JwkFault::WrongKeyOperations);
    }
    Ok(())
}
