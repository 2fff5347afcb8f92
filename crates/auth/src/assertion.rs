//! Client assertions: a client signs who it is (`private_key_jwt`; RFC 7521, RFC 7523 §2.2 and §3).

use std::time::Duration;

use greenroom_domain::kernel::{ClientId, Timestamp};
use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::claims::{Claims, LEEWAY, check_times, to_seconds};
use crate::decoy::Decoys;
use crate::fault::{Part, TokenFault};
use crate::jwk::PublicKey;
use crate::jws::{Header, Jws};
use crate::key_id::KeyId;
use crate::key_set::KeySet;

/// How far ahead an assertion may expire; so long its `jti` must be remembered.
pub const MAX_ASSERTION_LIFETIME: Duration = Duration::from_hours(1);

/// The types an assertion may state, compared without regard to case as RFC 7515 §4.1.9 has it: what libraries write
/// today, and the explicit type of the revision of RFC 7523.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// What a client says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionClaims {
    /// `iss` and `sub`: the client.
    pub client_id: ClientId,
    /// `aud`: the issuer, or its token endpoint.
    pub audience: String,
    /// `jti`: used once. 1 to 128 visible ASCII characters.
    pub assertion_id: String,
    /// `iat`: when it was signed.
    pub issue_time: Timestamp,
    /// `exp`: until when it may be shown. A minute is plenty.
    pub expire_time: Timestamp,
}

/// An assertion whose every check has passed but one: whether its id was used before is for the caller to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The client that signed it.
    pub client_id: ClientId,
    /// `jti`. Refuse the assertion if this client used it before.
    pub assertion_id: String,
    /// `exp`.
    pub expire_time: Timestamp,
    /// The key it was signed with.
    pub key_id: KeyId,
}

impl VerifiedAssertion {
    /// Until when `assertion_id` must be remembered: after that the assertion is refused as expired anyway.
    pub fn remember_until(&self) -> Timestamp {
        self.expire_time.plus(LEEWAY)
    }
}

/// Why an assertion was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    /// Nothing shows that the client signed it.
    #[error("{0}")]
    Unproven(TokenFault),
    /// The client signed it, and it is not accepted all the same. Whoever sent it may be told why: nobody but the client
    /// can have made it, and all that is told stands in it.
    #[error("{0}")]
    Signed(TokenFault),
}

impl AssertionFault {
    /// What is wrong with it.
    pub fn into_fault(self) -> TokenFault {
        match self {
            Self::Unproven(fault) | Self::Signed(fault) => fault,
        }
    }
}

/// The client an assertion claims to come from, **unverified**: good for finding that client's keys, for nothing else.
pub fn peek_client_id(assertion: &str) -> Result<ClientId, TokenFault> {
    client_of(&Claims(Jws::split(assertion)?.claims()?))
}

/// Verifies the assertions of an issuer's clients.
#[derive(Debug, Clone)]
pub struct AssertionVerifier {
    audiences: [String; 2],
    decoys: Decoys,
}

impl AssertionVerifier {
    /// A verifier for the given issuer and its token endpoint: the two audiences an assertion may be addressed to.
    /// The decoys take the place of keys that are not there; what they verify is refused all the same.
    pub fn new(issuer: impl Into<String>, token_endpoint: impl Into<String>, decoys: Decoys) -> Self {
        Self { audiences: [issuer.into(), token_endpoint.into()], decoys }
    }

    /// Verifies `assertion` at `now` as one of `client`, whose registered keys are `keys`.
    ///
    /// The key is chosen by `kid`; without one, the client must have exactly one key. The algorithm is that of the key.
    /// `exp` and `jti` are required, `exp` is at most [`MAX_ASSERTION_LIFETIME`] ahead; `iat` and `nbf` may be missing,
    /// never malformed. One audience, not a list with others in it.
    ///
    /// Whatever the claims say, one signature is verified, of the algorithm and the length that the assertion itself shows,
    /// whether or not there is a key that it could be of: the time this takes does not tell what keys there are, and what is
    /// wrong with the claims is told to whoever could sign them. For a client that does not exist, pass an empty set.
    pub fn verify(
        &self,
        assertion: &str,
        client: &ClientId,
        keys: &KeySet,
        now: Timestamp,
    ) -> Result<VerifiedAssertion, AssertionFault> {
        let read = || -> Result<_, TokenFault> {
            let jws = Jws::split(assertion)?;
            let header = jws.header()?;
            let algorithm = header.algorithm()?;
            let claims = Claims(jws.claims()?);
            let own = client_of(&claims)? == *client;
            if own { Ok((jws, header, algorithm, claims)) } else { Err(TokenFault::SubjectMismatch) }
        };
        let (jws, header, algorithm, claims) = read().map_err(AssertionFault::Unproven)?;
        let judged = self.judge(&header, &claims, now);
        let length = jws.signature_length();
        if keys.is_empty() {
            // The keys of a client that has some were read from their JSON just before.
            std::hint::black_box(self.decoys.read_anew(algorithm));
        }
        let (key, counts) = self.key_to_try(choose(&header, keys), algorithm, length);
        let verified = key.map_or(Err(TokenFault::BadSignature), |key| jws.verify(key));
        let key_id = counts.and_then(|key_id| verified.map(|()| key_id)).map_err(AssertionFault::Unproven)?;
        let (expire_time, assertion_id) = judged.map_err(AssertionFault::Signed)?;
        Ok(VerifiedAssertion { client_id: client.clone(), assertion_id, expire_time, key_id })
    }

    /// Everything that is wrong although the client may have signed it.
    fn judge(
        &self,
        header: &Header,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<(Timestamp, String), TokenFault> {
        if !header.typ()?.is_none_or(|typ| TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ))) {
            return Err(TokenFault::WrongType);
        }
        let expire_time = self.check(claims, now)?;
        Ok((expire_time, claims.identifier("jti")?.to_owned()))
    }

    /// The key to verify with, and its id if the outcome counts: that of a decoy does not.
    fn key_to_try<'a>(
        &'a self,
        chosen: Result<&'a PublicKey, TokenFault>,
        algorithm: Algorithm,
        length: Option<usize>,
    ) -> (Option<&'a PublicKey>, Result<KeyId, TokenFault>) {
        let fits = chosen.and_then(|key| match length {
            _ if key.algorithm() != algorithm => Err(TokenFault::AlgorithmMismatch),
            None => Err(TokenFault::NotBase64Url { part: Part::Signature }),
            Some(length) if length != key.signature_length() => Err(TokenFault::BadSignature),
            Some(_) => Ok(key),
        });
        match fits {
            Ok(key) => (Some(key), Ok(key.id().clone())),
            Err(fault) => (length.and_then(|length| self.decoys.like(algorithm, length)), Err(fault)),
        }
    }

    fn check(&self, claims: &Claims, now: Timestamp) -> Result<Timestamp, TokenFault> {
        let audience = claims.audience()?;
        if !self.audiences.iter().any(|ours| ours == audience) {
            return Err(TokenFault::WrongAudience);
        }
        let expire_time = claims.time("exp")?;
        check_times(expire_time, [claims.optional_time("nbf")?, claims.optional_time("iat")?], now)?;
        if expire_time > now.plus(MAX_ASSERTION_LIFETIME).plus(LEEWAY) {
            return Err(TokenFault::LifetimeNotAccepted);
        }
        Ok(expire_time)
    }
}

/// `iss` and `sub`, which must be the same client (RFC 7523 §3).
fn client_of(claims: &Claims) -> Result<ClientId, TokenFault> {
    let issuer: ClientId = claims.id("iss")?;
    if claims.text("sub")? == issuer.as_str() { Ok(issuer) } else { Err(TokenFault::SubjectMismatch) }
}

fn choose<'a>(header: &Header, keys: &'a KeySet) -> Result<&'a PublicKey, TokenFault> {
    match header.key_id()? {
        Some(id) => keys.get(id.as_str()).ok_or_else(|| TokenFault::UnknownKey { kid: id.to_string() }),
        None => keys.only().ok_or(TokenFault::KeyIdMissing),
    }
}

/// The claims as they stand in the assertion.
#[derive(Serialize)]
pub(crate) struct WireAssertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl<'a> From<&'a AssertionClaims> for WireAssertion<'a> {
    fn from(claims: &'a AssertionClaims) -> Self {
        Self {
            iss: claims.client_id.as_str(),
            sub: claims.client_id.as_str(),
            aud: &claims.audience,
            jti: &claims.assertion_id,
            iat: to_seconds(claims.issue_time),
            exp: to_seconds(claims.expire_time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SigningKey;

    #[test]
    fn one_signature_is_verified_whatever_keys_there_are() {
        let decoys = Decoys::generate().unwrap();
        let verifier = AssertionVerifier::new("issuer", "endpoint", decoys.clone());
        let key = |algorithm| SigningKey::generate(algorithm).unwrap().0.public().clone();
        let registered: Vec<PublicKey> = [Algorithm::EdDsa, Algorithm::Es256]
            .map(key)
            .into_iter()
            .chain([2048, 4096].map(|bits| crate::decoy::rsa(Algorithm::Rs256, bits).unwrap()))
            .collect();
        let unknown = || TokenFault::UnknownKey { kid: "x".to_owned() };
        for algorithm in Algorithm::ALL {
            let lengths: &[usize] = match algorithm {
                Algorithm::EdDsa | Algorithm::Es256 => &[64],
                Algorithm::Rs256 | Algorithm::Ps256 => &[256, 384, 512],
            };
            for length in lengths {
                let chosen = registered.iter().map(Ok).chain([Err(unknown()), Err(TokenFault::KeyIdMissing)]);
                for chosen in chosen {
                    let own = chosen.clone().ok();
                    let (tried, counts) = verifier.key_to_try(chosen, algorithm, Some(*length));
                    let tried = tried.unwrap();
                    assert_eq!((tried.algorithm(), tried.signature_length()), (algorithm, *length));
                    assert_eq!(counts.is_ok(), own == Some(tried), "a decoy counts for nothing");
                }
            }
        }
        // What no key could have signed costs nothing, again whatever keys there are.
        for length in [None, Some(0), Some(63), Some(1_000)] {
            for chosen in registered.iter().map(Ok).chain([Err(unknown())]) {
                let (tried, counts) = verifier.key_to_try(chosen, Algorithm::EdDsa, length);
                assert!(tried.is_none() && counts.is_err(), "{length:?}");
            }
        }
    }
}
