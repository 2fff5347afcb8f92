//! The one way in for a token: cache or verification, then revocations, then the binding to a certificate.

use std::sync::Arc;

use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};

use crate::access_token::{Verified, Verifier};
use crate::cache::VerifiedTokens;
use crate::fault::TokenFault;
use crate::key_set::KeySet;
use crate::revocation::RevocationList;

/// How many verified tokens a gate remembers unless told otherwise.
pub const DEFAULT_CACHE_SIZE: usize = 65_536;

/// Admits access tokens for one audience. Shared by all requests of a service.
///
/// It puts the checks in order so that no caller can leave one out: a cached token is still held against the current
/// keys, the revocations and the connection's certificate at every request.
#[derive(Debug)]
pub struct TokenGate {
    verifier: Verifier,
    cache: VerifiedTokens,
    revocations: RevocationList,
}

impl TokenGate {
    /// A gate that verifies with `verifier` and remembers at most about `cache_size` tokens.
    pub fn new(verifier: Verifier, cache_size: usize) -> Self {
        Self { verifier, cache: VerifiedTokens::new(cache_size), revocations: RevocationList::new() }
    }

    /// Verifies `token` at `now`, or remembers that it was.
    ///
    /// `certificate` is the client certificate (DER, end entity) that the TLS connection has proven, if any. After a
    /// fault that [`is_unknown_key`](TokenFault::is_unknown_key), refresh the keys if
    /// [`RemoteKeySet`](crate::RemoteKeySet) permits it, and ask once more.
    pub fn admit(
        &self,
        token: &str,
        keys: &KeySet,
        certificate: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Arc<Verified>, TokenFault> {
        let remembered = self.cache.get(token, now).filter(|verified| verified.key_is_in(keys));
        let verified = match remembered {
            Some(verified) => verified,
            None => self.verify(token, keys, now)?,
        };
        self.revocations.check(&verified)?;
        verified.check_binding(certificate)?;
        Ok(verified)
    }

    fn verify(&self, token: &str, keys: &KeySet, now: Timestamp) -> Result<Arc<Verified>, TokenFault> {
        let verified = Arc::new(self.verifier.verify(token, keys, now)?);
        self.cache.insert(token, Arc::clone(&verified));
        Ok(verified)
    }

    /// Refuses every token issued to `client` at or before `instant`, from this moment on.
    pub fn revoke_client(&self, client: &ClientId, instant: Timestamp) {
        self.revocations.revoke_client(client.clone(), instant);
        self.cache.forget(|verified| verified.claims().client_id == *client);
    }

    /// Refuses every token issued to a client of `organization` at or before `instant`, from this moment on.
    ///
    /// `version` is that of the organisation: a higher one replaces what an earlier call said, a lower or equal one
    /// changes nothing. A suspended organisation is refused up to the end of time, and a later version ends that.
    pub fn revoke_organization(&self, organization: &OrganizationId, instant: Timestamp, version: i64) {
        self.revocations.revoke_organization(organization.clone(), instant, version);
        self.cache.forget(|verified| verified.claims().organization == *organization);
    }

    /// Refuses the one token with this `jti`, from this moment on; `expire_time` is that of the token.
    pub fn revoke_token(&self, token_id: &str, expire_time: Timestamp) {
        self.revocations.revoke_token(token_id, expire_time);
        self.cache.forget(|verified| verified.claims().token_id == token_id);
    }

    /// Lets the next fact about each organisation count whatever its version: for whoever reads a feed again from its
    /// beginning because the database behind it was restored.
    pub fn forget_versions(&self) {
        self.revocations.forget_versions();
    }

    /// Whether a token admitted before has been revoked since. A stream that outlives its request asks for it.
    pub fn is_revoked(&self, verified: &Verified) -> bool {
        self.revocations.check(verified).is_err()
    }

    /// Drops what no token alive at `now` needs. Call it now and then, once a minute for instance.
    pub fn prune(&self, now: Timestamp) {
        self.revocations.prune(now);
        self.cache.forget(|verified| verified.claims().expire_time <= now);
    }

    /// How many verified tokens are remembered.
    pub fn remembered(&self) -> usize {
        self.cache.len()
    }
}
