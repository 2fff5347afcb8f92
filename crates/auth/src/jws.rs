//! The compact form of a JWS (RFC 7515 §7.1), taken apart before anything in it is believed.

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::fault::{Part, TokenFault};
use crate::json::{JsonFault, parse_object};
use crate::jwk::PublicKey;
use crate::key_id::KeyId;

/// The longest token or assertion read, in bytes. Ours have about 700.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Header members that let the sender bring its own key or change the processing. None is needed, all have been used
/// to attack verifiers, so their presence alone refuses the token (RFC 8725 §3.10; RFC 7515 §4.1.11 for `crit`).
const REFUSED_MEMBERS: [&str; 8] = ["crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc"];

/// A compact JWS in its parts, nothing decoded yet.
#[derive(Clone, Copy)]
pub(crate) struct Jws<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    signed: &'a str,
}

/// What of a JOSE header is used.
pub(crate) struct Header {
    members: Map<String, Value>,
}

impl<'a> Jws<'a> {
    /// Bounds the length first, then splits into exactly three non-empty parts.
    pub(crate) fn split(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong { bytes: token.len() });
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::NotThreeParts)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::NotThreeParts)?;
        let parts = [header, claims, signature];
        if parts.iter().any(|part| part.is_empty() || part.contains('.')) {
            return Err(TokenFault::NotThreeParts);
        }
        Ok(Self { header, claims, signature, signed })
    }

    /// The header, without the members that would take the choice of key from us.
    pub(crate) fn header(&self) -> Result<Header, TokenFault> {
        let members = object(self.header, Part::Header)?;
        match REFUSED_MEMBERS.into_iter().find(|name| members.contains_key(*name)) {
            Some(name) => Err(TokenFault::HeaderNotAccepted { name }),
            None => Ok(Header { members }),
        }
    }

    /// The claims, unverified.
    pub(crate) fn claims(&self) -> Result<Map<String, Value>, TokenFault> {
        object(self.claims, Part::Claims)
    }

    /// The length of the signature in bytes, if it can be read.
    pub(crate) fn signature_length(&self) -> Option<usize> {
        base64url::decode(self.signature).map(|signature| signature.len())
    }

    /// Checks the signature: the last and by far the dearest step.
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), TokenFault> {
        base64url::decode(self.signature).ok_or(TokenFault::NotBase64Url { part: Part::Signature })?;
        if key.verifies(self.signed, self.signature) { Ok(()) } else { Err(TokenFault::BadSignature) }
    }
}

impl Header {
    /// `typ`, if there is one.
    pub(crate) fn typ(&self) -> Result<Option<&str>, TokenFault> {
        self.text("typ")
    }

    /// `alg`, if it is one of the accepted signatures. `none` and shared-secret algorithms have no value to return.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, TokenFault> {
        let name = self.text("alg")?.ok_or(TokenFault::HeaderMalformed { name: "alg" })?;
        Algorithm::from_name(name).ok_or(TokenFault::AlgorithmNotAccepted)
    }

    /// `kid`, if there is one.
    pub(crate) fn key_id(&self) -> Result<Option<KeyId>, TokenFault> {
        let id = self.text("kid")?;
        id.map(|text| KeyId::parse(text).ok_or(TokenFault::KeyIdMalformed)).transpose()
    }

    /// A member that, if it is there, must be text.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, TokenFault> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(TokenFault::HeaderMalformed { name }),
        }
    }
}

fn object(text: &str, part: Part) -> Result<Map<String, Value>, TokenFault> {
    let bytes = base64url::decode(text).ok_or(TokenFault::NotBase64Url { part })?;
    parse_object(&bytes).map_err(|fault| match fault {
        JsonFault::Malformed => TokenFault::NotJson { part },
        JsonFault::DuplicateMember => TokenFault::DuplicateMember { part },
    })
}
