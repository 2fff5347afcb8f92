//! What an access token is worth now (RFC 7662).

use super::tokens::Authenticated;
use super::{App, Connection, Database, Proof};
use crate::error::Error;
use crate::signing::published;
use greenroom_auth::{AccessClaims, Caller};
use greenroom_domain::identity::{Client, ClientState, Organization, OrganizationRole, OrganizationState};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use greenroom_domain::ledger::Actor;

/// Needed to be told about tokens.
pub const INTROSPECTS: &str = "tokens.introspect";

/// Needed to revoke the tokens of others.
pub const REVOKES: &str = "tokens.revoke";

/// Who asks about a token: a caller with a token of its own, or a client that has just proven who it is.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The client.
    pub client: ClientId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Whether that operates the suite, and reaches the tokens of every organization.
    pub reach: Reach,
    /// Whether it holds the scope to be told about tokens.
    pub introspects: bool,
    /// Whether it holds the scope to revoke the tokens of others.
    pub revokes: bool,
    /// As the event log names it.
    pub actor: Actor,
}

/// Whose tokens an asker reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of its own organization.
    Organization,
    /// All of them.
    Suite,
}

impl Reach {
    fn of(roles: &[OrganizationRole]) -> Self {
        if roles.contains(&OrganizationRole::SuiteOperator) { Self::Suite } else { Self::Organization }
    }
}

impl Asker {
    /// Whether it may know of tokens of `organization`.
    pub fn reaches(&self, organization: &OrganizationId) -> bool {
        self.reach == Reach::Suite || self.organization == *organization
    }
}

impl From<&Caller> for Asker {
    fn from(caller: &Caller) -> Self {
        Self {
            client: caller.client_id.clone(),
            organization: caller.organization.clone(),
            reach: Reach::of(&caller.roles),
            introspects: caller.scopes.contains(INTROSPECTS),
            revokes: caller.scopes.contains(REVOKES),
            actor: Actor {
                client: Some(caller.client_id.clone()),
                organization: Some(caller.organization.clone()),
                person: caller.person.clone(),
            },
        }
    }
}

impl Asker {
    fn member(client: &Client, organization: &Organization) -> Self {
        let holds = |wanted: &str| client.scopes.iter().any(|scope| scope == wanted);
        Self {
            client: client.id.clone(),
            organization: organization.id.clone(),
            reach: Reach::of(&organization.roles),
            introspects: holds(INTROSPECTS),
            revokes: holds(REVOKES),
            actor: Actor {
                client: Some(client.id.clone()),
                organization: Some(organization.id.clone()),
                person: client.person.clone(),
            },
        }
    }
}

impl<S: Database> App<S> {
    /// The client behind a proof, as somebody who asks about tokens.
    pub async fn asker(&self, proof: Proof, connection: &Connection) -> Result<Asker, Error> {
        let Authenticated { client, organization, .. } = self.authenticate(proof, connection).await?;
        Ok(Asker::member(&client, &organization))
    }

    /// What a token says, if it would be accepted now and the asker may know; none otherwise, whatever the cause.
    ///
    /// The database decides, not what this replica has heard so far: what another has revoked counts at once.
    pub async fn introspect(&self, asker: &Asker, token: &str) -> Result<Option<AccessClaims>, Error> {
        let Some(claims) = self.genuine(token).await? else { return Ok(None) };
        let known = asker.reaches(&claims.organization) && self.is_in_force(&claims).await?;
        Ok(known.then_some(claims))
    }

    /// What a token says that was issued here and has not ended, revoked or not.
    pub(super) async fn genuine(&self, token: &str) -> Result<Option<AccessClaims>, Error> {
        let now = self.clock.now();
        let keys = published(&self.store.signing_keys().await?, self.keyrings.instant(now))?;
        let verified = self.issued.verify(token, &keys, now);
        if let Err(fault) = &verified {
            tracing::debug!(error = %fault, "a token that was asked about is not good");
        }
        Ok(verified.ok().map(|verified| verified.claims().clone()))
    }

    async fn is_in_force(&self, claims: &AccessClaims) -> Result<bool, Error> {
        let Some((client, organization)) = self.store.member(&claims.client_id).await? else {
            return Ok(false);
        };
        let issued_after =
            |instant: Option<Timestamp>| instant.is_none_or(|instant| instant < claims.issue_time);
        let stands = client.state == ClientState::Active
            && organization.state == OrganizationState::Active
            && organization.id == claims.organization
            && issued_after(client.tokens_valid_from)
            && issued_after(organization.tokens_valid_from);
        Ok(stands && self.store.revoked_token(&claims.token_id).await?.is_none())
    }
}
