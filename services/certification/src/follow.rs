//! Follows the identity service's feed for one thing: which tokens count, by their callers, their ids and their keys.
//!
//! What was learnt lives in the gate's memory alone and no cursor is kept: each start asks for what a token alive can still
//! meet, which is no more however long the suite has run. Until the end of the feed has been reached once, the service does not report that it serves.

use greenroom_auth::{LEEWAY, MAX_TOKEN_LIFETIME, NO_TOKEN, TokenGate};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::identity_feed_service_client::IdentityFeedServiceClient;
use greenroom_proto::identity::v1::{
    ClientFact, ClientState, FeedBeginning, IdentityEvent, OrganizationFact, OrganizationState,
    RevokedTokenFact, WatchIdentityEventsRequest,
};
use greenroom_rpc::client::Authenticated;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::follow::{Progress, supervise};
use greenroom_rpc::keys::RemoteKeys;
use greenroom_rpc::wire::instant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

/// What the news are for.
#[derive(Clone)]
pub struct Doors {
    /// Refuses what was revoked.
    pub gate: Arc<TokenGate>,
    /// Fetched anew when there are others.
    pub keys: RemoteKeys,
}

/// Follows until `shutdown`.
pub async fn follow(
    identity: Authenticated,
    doors: Doors,
    progress: Progress,
    clock: SharedClock,
    shutdown: CancellationToken,
) {
    let beginning = FeedBeginning::LivingTokens.into();
    let place = Arc::new(Mutex::new(WatchIdentityEventsRequest { cursor: String::new(), beginning }));
    let attempt = || {
        let (identity, doors) = (identity.clone(), doors.clone());
        let (progress, place) = (progress.clone(), Arc::clone(&place));
        async move {
            let ended = watch(identity, &doors, &progress, &place).await;
            ended.map_err(|status| {
                if status.code() != Code::OutOfRange {
                    return status;
                }
                // The identity service's database was restored or replaced: read it all again. What is refused stays so
                // until that is told, and versions begin anew.
                doors.gate.forget_versions();
                *lock(&place) = WatchIdentityEventsRequest::default();
                Status::unavailable("the feed is another one; reading it from its beginning")
            })
        }
    };
    supervise("identity", &progress, &clock, &shutdown, attempt).await;
}

async fn watch(
    identity: Authenticated,
    doors: &Doors,
    progress: &Progress,
    place: &Mutex<WatchIdentityEventsRequest>,
) -> Result<(), Status> {
    let from = lock(place).clone();
    let mut client = IdentityFeedServiceClient::new(identity).max_decoding_message_size(64 << 20);
    let mut stream = client.watch_identity_events(from).await?.into_inner();
    while let Some(answer) = stream.message().await? {
        for event in &answer.events {
            apply(event, doors);
        }
        lock(place).cursor = answer.cursor;
        // While more is waiting there is no time yet, and the follower has not caught up.
        if let Some(Ok(current)) = answer.current_time.as_ref().map(instant) {
            progress.applied(Some(current));
        }
    }
    Ok(())
}

fn lock(place: &Mutex<WatchIdentityEventsRequest>) -> MutexGuard<'_, WatchIdentityEventsRequest> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

fn apply(event: &IdentityEvent, doors: &Doors) {
    let gate = &doors.gate;
    let committed = event.commit_time.as_ref().and_then(|time| instant(time).ok());
    let Some(committed) = committed else { return };
    match event.fact.as_ref().and_then(|fact| fact.fact.as_ref()) {
        Some(Fact::Client(fact)) => revoke_client(fact, committed, gate),
        Some(Fact::Organization(fact)) => revoke_organization(fact, gate),
        Some(Fact::RevokedToken(fact)) => revoke_token(fact, committed, gate),
        Some(Fact::SigningKey(fact)) => {
            let retired_from = fact.retired_from_time.as_ref().and_then(|retired| instant(retired).ok());
            doors.keys.told_of(&fact.key_id, retired_from);
        }
        // Persons and all that is told of them concern others.
        _ => {}
    }
}

fn revoke_client(fact: &ClientFact, committed: Timestamp, gate: &TokenGate) {
    let Ok(client) = ClientId::parse_name(&fact.client) else { return };
    if fact.state() != ClientState::Active {
        gate.revoke_client(&client, committed);
    }
    // The first version says since when the client exists; no token is older, and those of its first second are good.
    let valid_from = fact.tokens_valid_from.as_ref().filter(|_| fact.version > 1);
    if let Some(Ok(valid_from)) = valid_from.map(instant) {
        gate.revoke_client(&client, valid_from);
    }
}

fn revoke_organization(fact: &OrganizationFact, gate: &TokenGate) {
    let Ok(organization) = OrganizationId::parse_name(&fact.organization) else { return };
    let told = fact.tokens_valid_from.as_ref().and_then(|told| instant(told).ok());
    let up_to = match fact.state() {
        // Of one that never was suspended nothing is refused.
        OrganizationState::Active => told.unwrap_or(Timestamp::MIN),
        OrganizationState::Suspended | OrganizationState::Unspecified => NO_TOKEN,
    };
    gate.revoke_organization(&organization, up_to, fact.version);
}

/// A token whose end is not told may live as long as any.
fn revoke_token(fact: &RevokedTokenFact, committed: Timestamp, gate: &TokenGate) {
    let told = fact.expire_time.as_ref().and_then(|told| instant(told).ok());
    let expire_time = told.unwrap_or_else(|| committed.plus(MAX_TOKEN_LIFETIME).plus(LEEWAY));
    gate.revoke_token(&fact.token_id, expire_time);
}
