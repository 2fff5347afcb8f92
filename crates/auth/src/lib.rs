//! Who is calling, and may they: tokens, keys, secrets and access tables.
//!
//! This crate knows neither a transport nor a service. It reads no clock, opens no connection and keeps no file: the
//! instant, the key set and the token are arguments, so that every refusal can be shown in a test.
//!
//! - [`PublicKey`], [`KeySet`], [`RemoteKeySet`]: JSON Web Keys read strictly, and when to read an issuer's set again.
//! - [`SigningKey`]: signs access tokens and client assertions.
//! - [`Verifier`]: the profile of RFC 9068 and RFC 8725 for access tokens; [`TokenGate`] puts a cache, the revocations
//!   and the binding to a certificate around it, and is what a service asks.
//! - [`AssertionVerifier`]: `private_key_jwt`, the way a client proves itself to the token endpoint with a key.
//! - [`ClientSecret`], [`SecretHash`]: the way it does so without one.
//! - [`AccessTable`]: full method → who may call it.
//!
//! The signatures themselves are made and checked by `jsonwebtoken` over `aws-lc-rs`. What a token must look like is
//! decided here, because a library that verifies signatures leaves most of that to its user.

mod access;
mod access_token;
mod algorithm;
mod assertion;
mod base64url;
mod cache;
mod claims;
mod confirmation;
mod decoy;
mod fault;
mod gate;
mod json;
mod jwk;
mod jws;
mod key_id;
mod key_set;
mod material;
mod remote;
mod revocation;
mod scope;
mod secret;
mod sign;
mod weak_key;

pub use access::{ANY_ROLE, Access, AccessTable, Caller, Decision, TableFault};
pub use access_token::{AccessClaims, MAX_TOKEN_LIFETIME, Verified, Verifier};
pub use algorithm::Algorithm;
pub use assertion::{
    AssertionClaims, AssertionFault, AssertionVerifier, MAX_ASSERTION_LIFETIME, VerifiedAssertion,
    peek_client_id,
};
pub use claims::LEEWAY;
pub use confirmation::Confirmation;
pub use decoy::Decoys;
pub use fault::{Part, TokenFault};
pub use gate::{DEFAULT_CACHE_SIZE, TokenGate};
/// A caller's organisation has roles, and is refused up to some instant; services name both from here, for they may not
/// use another service's rules.
pub use greenroom_domain::identity::{NO_TOKEN, OrganizationRole};
pub use jwk::{JwkFault, KeyPurpose, PublicKey};
pub use jws::MAX_TOKEN_BYTES;
pub use key_id::KeyId;
pub use key_set::{KeySet, KeySetFault};
pub use remote::{Refresh, RefreshRules, RemoteKeySet};
pub use revocation::RevocationList;
pub use scope::{ScopeFault, Scopes};
pub use secret::{ClientSecret, SecretFault, SecretHash};
pub use sign::{IssueFault, SigningFault, SigningKey};
