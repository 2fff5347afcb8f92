//! Access tokens of a test issuer, so that a service can be tested without the identity service.

use greenroom_auth::{AccessClaims, Algorithm, KeySet, Scopes, SigningKey};
use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use greenroom_rpc::keys::Keys;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Issues tokens with a key of its own.
pub struct TestIssuer {
    key: SigningKey,
    issuer: String,
    keys: watch::Sender<Arc<KeySet>>,
}

impl TestIssuer {
    /// An issuer with a fresh key.
    ///
    /// # Panics
    /// If the operating system gives no randomness.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn new(issuer: &str) -> Self {
        let (key, _) = SigningKey::generate(Algorithm::EdDsa).expect("randomness");
        let keys = KeySet::try_new([key.public().clone()]).expect("one key");
        Self { key, issuer: issuer.to_owned(), keys: watch::Sender::new(Arc::new(keys)) }
    }

    /// The keys that verify its tokens.
    pub fn keys(&self) -> Keys {
        Keys::Local(self.keys.subscribe())
    }

    /// The id of the key that signs its tokens.
    pub fn key_id(&self) -> String {
        self.key.public().id().as_str().to_owned()
    }

    /// The key set as JSON.
    pub fn jwks(&self) -> String {
        self.keys.borrow().to_jwks_json()
    }

    /// A token for `audience`, good for five minutes from `now`. `scopes` are separated by spaces.
    ///
    /// # Panics
    /// If an id or a scope is malformed.
    pub fn token(
        &self,
        audience: &str,
        client: &str,
        organization: &str,
        roles: &[OrganizationRole],
        scopes: &str,
        now: Timestamp,
    ) -> String {
        self.sign(&self.claims(audience, client, organization, roles, scopes, now))
    }

    /// A token with claims of all kinds.
    ///
    /// # Panics
    /// If they cannot be written as JSON.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn sign(&self, claims: &AccessClaims) -> String {
        self.key.issue(claims).expect("a token")
    }

    /// What [`TestIssuer::token`] says, for a test that wants it to say more.
    ///
    /// # Panics
    /// If an id or a scope is malformed.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn claims(
        &self,
        audience: &str,
        client: &str,
        organization: &str,
        roles: &[OrganizationRole],
        scopes: &str,
        now: Timestamp,
    ) -> AccessClaims {
        AccessClaims {
            issuer: self.issuer.clone(),
            client_id: ClientId::try_new(client).expect("a client id"),
            audience: audience.to_owned(),
            organization: OrganizationId::try_new(organization).expect("an organization id"),
            roles: roles.to_vec(),
            scope: Scopes::parse(scopes).expect("scopes"),
            person: None,
            issue_time: now,
            start_time: None,
            expire_time: now.plus(Duration::from_mins(5)),
            token_id: Uuid::new_v4().to_string(),
            confirmation: None,
        }
    }
}
