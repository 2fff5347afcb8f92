//! Revoking tokens before they end (RFC 7009).

use super::{App, Asker, Database};
use crate::error::Error;
use crate::wire;
use greenroom_auth::{AccessClaims, Caller, LEEWAY, MAX_TOKEN_LIFETIME};
use greenroom_domain::identity::port::{Change, RevokedToken};
use greenroom_domain::identity::{Client, ClientState};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_domain::ledger::{Position, StoreError};
use greenroom_feed::cursor::{Cursor, Revision};
use greenroom_feed::log::EventLog as _;
use greenroom_feed::seek;
use greenroom_proto::identity::v1::{RevokeClientTokensResponse, RevokeTokenResponse};
use greenroom_rpc::etag;
use greenroom_rpc::layers::deadline;
use greenroom_rpc::once::{Done, Once, Planned};
use std::time::Duration;

/// How far the clocks of two replicas may be apart.
const CLOCKS: Duration = Duration::from_mins(5);

/// For how long after its decision an event may refuse a token that is alive: its commit is later by as long as a call may
/// last, a token that was being issued meanwhile by as long again, and then it lives. See [`seek::before`].
const MEETS_TOKENS: Duration = deadline::LONGEST
    .saturating_add(deadline::LONGEST)
    .saturating_add(MAX_TOKEN_LIFETIME)
    .saturating_add(LEEWAY)
    .saturating_add(CLOCKS);

impl<S: Database> App<S> {
    /// The cursor behind the events that no token alive can meet any more.
    pub async fn before_living_tokens(&self) -> Result<String, StoreError> {
        let log = self.store.log();
        let sequence = seek::before(log, self.clock.now().minus(MEETS_TOKENS)).await?;
        let Position { database, .. } = log.head().await?;
        Ok(Cursor::encode(&Position { database, sequence }))
    }

    /// Revokes a token, if it is the asker's to revoke, and tells how far the feed reaches since. Of every other token
    /// nothing is told and nothing happens. This service's own door knows at once.
    pub async fn revoke_token(&self, method: &str, asker: &Asker, token: &str) -> Result<String, Error> {
        let claims = self.genuine(token).await?;
        let Some(claims) = claims.filter(|claims| may_revoke(asker, claims)) else {
            let head = self.store.log().head().await?;
            return Ok(Revision::at(&head).encode());
        };
        let revoked = RevokedToken {
            token_id: claims.token_id,
            client: claims.client_id,
            expire_time: claims.expire_time,
        };
        let plan = async || {
            let answer = RevokeTokenResponse::default();
            if self.store.revoked_token(&revoked.token_id).await?.is_some() {
                return Ok::<_, Error>(Planned { change: Vec::new(), events: Vec::new(), answer });
            }
            let events = vec![wire::revoked_token_event(&revoked)];
            Ok(Planned { change: vec![Change::AddRevokedToken(revoked.clone())], events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let once = Once::by(asker.actor.clone(), method, &self.clock);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.gate.revoke_token(&revoked.token_id, revoked.expire_time);
        Ok(done.revision())
    }

    /// Drops the revoked tokens that have ended by themselves. Only those that had when something was last written: of these
    /// `verify` knows that they may be gone.
    pub async fn forget_ended_tokens(&self) -> Result<(), StoreError> {
        let log = self.store.log();
        let head = log.head().await?.sequence;
        let Some(last) = log.read_after(head - 1, 1).await?.pop() else { return Ok(()) };
        let until = self.clock.now().min(Timestamp::from_micros(last.commit_time_us));
        // Later than they end: a replica whose clock runs behind may still be shown one of them.
        self.store.forget_revoked_tokens(until.minus(LEEWAY.saturating_add(CLOCKS))).await
    }

    /// Revokes every token issued to a client so far. This service's own door knows at once.
    pub async fn revoke_client_tokens(
        &self,
        once: &Once,
        caller: &Caller,
        id: &ClientId,
        given_etag: &str,
    ) -> Result<Done<RevokeClientTokensResponse>, Error> {
        let plan = async || {
            let client = self.client(caller, id).await?;
            etag::check(given_etag, client.version, &id.name())?;
            if client.state == ClientState::Disabled {
                // None of its tokens counts, whenever issued.
                let answer = answer(&client);
                return Ok::<_, Error>(Planned { change: Vec::new(), events: Vec::new(), answer });
            }
            let mut next = client.revoke_tokens(once.now());
            next.tokens_valid_from = self.refused_with(&next, once.now()).await?;
            let stored = Client { version: next.version.next(), ..next.clone() };
            let events = vec![wire::client_event(&stored)];
            Ok(Planned { change: vec![Change::SaveClient(next)], events, answer: answer(&stored) })
        };
        let commit = |change, write| self.store.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some() {
            // What is stored, not what was decided now: the answer may be that to an earlier request.
            let client = self.store.client(id).await?;
            if let Some(until) = client.and_then(|client| client.tokens_valid_from) {
                self.gate.revoke_client(id, until);
            }
        }
        Ok(done)
    }
}

fn may_revoke(asker: &Asker, claims: &AccessClaims) -> bool {
    asker.client == claims.client_id || asker.revokes && asker.reaches(&claims.organization)
}

fn answer(client: &Client) -> RevokeClientTokensResponse {
    RevokeClientTokensResponse { client: Some(wire::client(client)), revision: String::new() }
}
