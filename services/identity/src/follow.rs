//! Follows this service's own feed, and tidies up: what one replica writes, all replicas obey.

use crate::app::{App, Database};
use greenroom_auth::{LEEWAY, MAX_ASSERTION_LIFETIME, MAX_TOKEN_LIFETIME};
use greenroom_domain::identity::NO_TOKEN;
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::event::Event;
use greenroom_feed::log::EventLog as _;
use greenroom_feed::tail::{Pace, Tail};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{
    ClientFact, ClientState, IdentityFact, OrganizationFact, OrganizationState, RevokedTokenFact,
};
use greenroom_rpc::clock::now_of;
use greenroom_rpc::wire;
use prost::Message as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often expired entries are dropped and keys that retire are taken out.
const TIDY: Duration = Duration::from_mins(1);

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells the door about the clients whose tokens may still live but are refused, and returns where to follow on.
pub async fn catch_up<S: Database>(app: &App<S>) -> Result<i64, StoreError> {
    // Read before the table: what is committed in between is seen twice, not never.
    let head = app.store.log().head().await?;
    let oldest = app.clock.now().minus(MAX_TOKEN_LIFETIME).minus(LEEWAY);
    for (client, until) in app.store.revoked_clients(oldest).await? {
        app.gate.revoke_client(&client, until);
    }
    for organization in app.store.revoked_organizations(oldest).await? {
        app.tell_door_of_organization(&organization);
    }
    for token in app.store.revoked_tokens(oldest).await? {
        app.gate.revoke_token(&token.token_id, token.expire_time);
    }
    Ok(head.sequence)
}

/// Follows until `shutdown`, and tells `written` whenever something was.
pub async fn follow<S: Database>(
    app: Arc<App<S>>,
    after: i64,
    written: Arc<Notify>,
    shutdown: CancellationToken,
) {
    let mut tail = Tail::new(app.store.log().clone(), after, now_of(&app.clock), Pace::default());
    let mut keys_changed = false;
    loop {
        let step = tokio::select! {
            step = tail.next() => step,
            () = shutdown.cancelled() => return,
        };
        let applied = match step {
            Ok(step) => {
                if !step.events.is_empty() {
                    written.notify_one();
                }
                keys_changed |= apply_all(&app, &step.events);
                // Tried again with the next step, be it a heartbeat, if they cannot be read now.
                if keys_changed { app.reload_keys().await } else { Ok(()) }
            }
            Err(error) => Err(error.into()),
        };
        if applied.is_ok() {
            keys_changed = false;
        }
        if let Err(error) = applied {
            tracing::warn!(error = %error, "could not follow the own feed; trying again");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Tells the door, and gives whether the signing keys have changed.
fn apply_all<S>(app: &App<S>, events: &[Event]) -> bool {
    let mut keys_changed = false;
    for event in events {
        match IdentityFact::decode(event.payload.as_slice()).ok().and_then(|decoded| decoded.fact) {
            Some(Fact::Client(fact)) => apply_client(app, &fact),
            Some(Fact::Organization(fact)) => apply_organization(app, &fact),
            Some(Fact::SigningKey(_)) => {
                app.keyrings.changed_at(Timestamp::from_micros(event.commit_time_us));
                keys_changed = true;
            }
            Some(Fact::RevokedToken(fact)) => apply_token(app, &fact),
            Some(
                Fact::Person(_)
                | Fact::PairwiseName(_)
                | Fact::Proofing(_)
                | Fact::GuardianConsent(_)
                | Fact::ProofingJob(_),
            )
            | None => {}
        }
    }
    keys_changed
}

fn apply_client<S>(app: &App<S>, fact: &ClientFact) {
    let told = fact.tokens_valid_from.as_ref().and_then(|time| wire::instant(time).ok());
    // Disabled is for good: a token issued while the disabling waited for its turn is refused like every other.
    let until = if fact.state() == ClientState::Disabled { Some(NO_TOKEN) } else { told };
    if let (Ok(client), Some(until)) = (ClientId::parse_name(&fact.client), until) {
        app.gate.revoke_client(&client, until);
    }
}

fn apply_token<S>(app: &App<S>, fact: &RevokedTokenFact) {
    if let Some(Ok(expire_time)) = fact.expire_time.as_ref().map(wire::instant) {
        app.gate.revoke_token(&fact.token_id, expire_time);
    }
}

fn apply_organization<S>(app: &App<S>, fact: &OrganizationFact) {
    let told = fact.tokens_valid_from.as_ref().and_then(|time| wire::instant(time).ok());
    // Suspended is refused without end, whatever else the fact says; a higher version takes it back.
    let until = if fact.state() == OrganizationState::Suspended { Some(NO_TOKEN) } else { told };
    if let (Ok(organization), Some(until)) = (OrganizationId::parse_name(&fact.organization), until) {
        app.gate.revoke_organization(&organization, until, fact.version);
    }
}

/// Tidies up now and then until `shutdown`.
pub async fn tidy<S: Database>(app: Arc<App<S>>, shutdown: CancellationToken) {
    loop {
        let now = app.clock.now();
        tokio::select! {
            () = app.clock.sleep_until(now.plus(TIDY)) => {}
            () = shutdown.cancelled() => return,
        }
        let now = app.clock.now();
        app.gate.prune(now);
        app.vault.look_at_keys();
        app.attempts.tell_counts();
        // Later than they expire: a replica whose clock runs behind may still accept one of them.
        if let Err(error) = app.store.forget_assertions(now.minus(MAX_ASSERTION_LIFETIME)).await {
            tracing::debug!(error = %error, "could not forget expired assertion ids; trying again later");
        }
        if let Err(error) = app.forget_ended_tokens().await {
            tracing::debug!(error = %error, "could not forget revoked tokens that have ended; trying again later");
        }
        if let Err(error) = app.rotate_on_schedule().await {
            tracing::warn!(error = %error, "could not make the next signing key; trying again later");
        }
        if let Err(error) = app.reload_keys().await {
            tracing::warn!(error = %error, "could not read the signing keys anew; keeping those known");
        }
    }
}
