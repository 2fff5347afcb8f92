//! Private keys: made, kept, and used to sign access tokens and client assertions.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::access_token::{AccessClaims, TYPE, WireClaims};
use crate::algorithm::Algorithm;
use crate::assertion::{AssertionClaims, WireAssertion};
use crate::fault::TokenFault;
use crate::jwk::PublicKey;
use crate::key_id::KeyId;

/// A private key could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningFault {
    /// The operating system gave no randomness.
    #[error("no key could be generated")]
    NotGenerated,
    /// Not an unencrypted PKCS#8 document with an Ed25519 or P-256 key.
    #[error("the private key is not an unencrypted PKCS#8 document with an Ed25519 or P-256 key")]
    NotAKey,
    /// Only Ed25519 and P-256 keys sign here.
    #[error("keys of this algorithm do not sign here")]
    WrongAlgorithm,
    /// The library refused to sign.
    #[error("the text could not be signed")]
    NotSigned,
}

/// Why no token was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueFault {
    /// Our own verifier would refuse these claims.
    #[error("the claims would not be accepted: {0}")]
    Claims(#[from] TokenFault),
    /// The key did not sign.
    #[error(transparent)]
    Signing(#[from] SigningFault),
}

/// A private key, Ed25519 or P-256, and its public half. Wiped from memory when dropped, and never printed.
pub struct SigningKey {
    encoding: EncodingKey,
    public: PublicKey,
}

impl SigningKey {
    /// Makes a key. Returns it and its PKCS#8 document, to be stored encrypted: it is the only copy.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<Vec<u8>>), SigningFault> {
        let random = SystemRandom::new();
        let document = match algorithm {
            // Version 1 of the format: OpenSSL and most libraries do not read version 2.
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8v1(&random),
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
            Algorithm::Rs256 | Algorithm::Ps256 => return Err(SigningFault::WrongAlgorithm),
        };
        let document = document.map_err(|_| SigningFault::NotGenerated)?;
        Ok((Self::from_pkcs8(document.as_ref())?, Zeroizing::new(document.as_ref().to_vec())))
    }

    /// Reads an unencrypted PKCS#8 document (DER). The key says itself which of the two algorithms it is for. Its id is
    /// the thumbprint of its public half.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningFault> {
        let not_a_key = |_| SigningFault::NotAKey;
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
            let public = PublicKey::from_pair_bytes(Algorithm::EdDsa, pair.public_key().as_ref());
            return Ok(Self { encoding: EncodingKey::from_ed_der(der), public: public.map_err(not_a_key)? });
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_| SigningFault::NotAKey)?;
        let public = PublicKey::from_pair_bytes(Algorithm::Es256, pair.public_key().as_ref());
        Ok(Self { encoding: EncodingKey::from_ec_der(der), public: public.map_err(not_a_key)? })
    }

    /// The same key under another name, for clients whose keys are named elsewhere.
    #[must_use]
    pub fn with_id(self, id: KeyId) -> Self {
        Self { public: self.public.with_id(id), ..self }
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs an access token (RFC 9068). Refuses claims that [`Verifier`](crate::Verifier) would refuse at once.
    ///
    /// Times are written in whole seconds: a fraction of `exp` is lost, so that no token lives longer than asked.
    pub fn issue(&self, claims: &AccessClaims) -> Result<String, IssueFault> {
        let written = WireClaims::from(claims);
        written.check()?;
        Ok(self.sign(TYPE, &written)?)
    }

    /// Signs a client assertion (RFC 7523 §2.2), by which a client proves to the token endpoint who it is.
    pub fn sign_assertion(&self, claims: &AssertionClaims) -> Result<String, SigningFault> {
        self.sign("JWT", &WireAssertion::from(claims))
    }

    fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SigningFault> {
        let mut header = Header::new(self.public.algorithm().library());
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.public.id().as_str().to_owned());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| SigningFault::NotSigned)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
