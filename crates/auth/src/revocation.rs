//! Revocations: what refuses a token whose signature is still good.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};

use crate::access_token::{MAX_TOKEN_LIFETIME, Verified};
use crate::claims::LEEWAY;
use crate::fault::TokenFault;

/// Which clients, organisations and single tokens have been revoked, and when.
///
/// Fed from the identity service's events, in any order and more than once. An entry is needed only as long as a token it
/// could refuse may live: [`RevocationList::prune`] drops the others, but for those of organisations. What was last said
/// of an organisation can be taken back, so its version is needed to tell an old fact from a new one; they are few.
#[derive(Debug, Default)]
pub struct RevocationList {
    entries: RwLock<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    /// Tokens issued up to then are refused.
    clients: HashMap<ClientId, Timestamp>,
    organizations: HashMap<OrganizationId, Refused>,
    /// Token id to the instant the token expires.
    tokens: HashMap<String, Timestamp>,
}

/// What was last said of an organisation.
#[derive(Debug, Clone, Copy)]
struct Refused {
    /// Tokens issued up to then are refused.
    up_to: Timestamp,
    /// The organisation's version that says so; none once versions begin anew.
    version: Option<i64>,
}

impl RevocationList {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses every token issued to `client` at or before `instant`.
    ///
    /// A token states its issue in whole seconds, rounded down. One issued later in the second of `instant` is refused
    /// too: better a client that asks again after a second than a revoked one that goes on.
    pub fn revoke_client(&self, client: ClientId, instant: Timestamp) {
        self.write(|entries| raise(&mut entries.clients, client, instant));
    }

    /// Refuses every token issued to a client of `organization` at or before `instant`, and no other on its account.
    ///
    /// A suspension is told with an instant that no token outlives; the reinstatement brings an earlier one and takes the
    /// suspension back. Of two facts the one with the higher `version` holds, whichever came first.
    pub fn revoke_organization(&self, organization: OrganizationId, instant: Timestamp, version: i64) {
        let told = Refused { up_to: instant, version: Some(version) };
        self.write(|entries| {
            let known = entries.organizations.entry(organization).or_insert(told);
            if known.version < told.version {
                *known = told;
            }
        });
    }

    /// Lets the next fact about each organisation replace what is known, whatever its version. What is known holds until
    /// then. For a source that was restored from a backup and counts its versions from an earlier one.
    pub fn forget_versions(&self) {
        self.write(|entries| {
            entries.organizations.values_mut().for_each(|known| known.version = None);
        });
    }

    /// Refuses the token with this `jti`; `expire_time` is that of the token.
    pub fn revoke_token(&self, token_id: impl Into<String>, expire_time: Timestamp) {
        self.write(|entries| raise(&mut entries.tokens, token_id.into(), expire_time));
    }

    /// Refuses a token that is on the list.
    pub fn check(&self, verified: &Verified) -> Result<(), TokenFault> {
        let claims = verified.claims();
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let reaches =
            |instant: Option<Timestamp>| instant.is_some_and(|instant| claims.issue_time <= instant);
        let organization = entries.organizations.get(&claims.organization);
        let revoked = reaches(entries.clients.get(&claims.client_id).copied())
            || reaches(organization.map(|refused| refused.up_to))
            || entries.tokens.contains_key(&claims.token_id);
        if revoked { Err(TokenFault::Revoked) } else { Ok(()) }
    }

    /// Drops the entries that no token alive at `now` could meet, except what was last said of organisations.
    pub fn prune(&self, now: Timestamp) {
        let latest_expiry = |instant: Timestamp| instant.plus(MAX_TOKEN_LIFETIME).plus(LEEWAY);
        self.write(|entries| {
            entries.clients.retain(|_, instant| latest_expiry(*instant) > now);
            entries.tokens.retain(|_, expire_time| expire_time.plus(LEEWAY) > now);
        });
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.clients.len() + entries.organizations.len() + entries.tokens.len()
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn write(&self, change: impl FnOnce(&mut Entries)) {
        change(&mut self.entries.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Sets the instant, never back: a client is never given back what was taken, and events may arrive twice or out of order.
fn raise<K: Eq + Hash>(instants: &mut HashMap<K, Timestamp>, key: K, instant: Timestamp) {
    instants.entry(key).and_modify(|known| *known = instant.max(*known)).or_insert(instant);
}
