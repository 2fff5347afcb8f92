//! Follows the identity service's feed for one thing: tokens that are revoked.
//!
//! What was learnt lives in the gate's memory alone, so each start reads the feed from its beginning and no cursor is
//! kept. Until the end of the feed has been reached once, the service does not report that it serves.

use greenroom_auth::TokenGate;
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::identity_feed_service_client::IdentityFeedServiceClient;
use greenroom_proto::identity::v1::{
    ClientFact, ClientState, IdentityEvent, OrganizationFact, OrganizationState, WatchIdentityEventsRequest,
};
use greenroom_rpc::client::Authenticated;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::follow::{Progress, supervise};
use greenroom_rpc::wire::instant;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

/// Follows until `shutdown`.
pub async fn follow(
    identity: Authenticated,
    gate: Arc<TokenGate>,
    progress: Progress,
    clock: SharedClock,
    shutdown: CancellationToken,
) {
    let cursor = Arc::new(Mutex::new(String::new()));
    let attempt = || {
        let (identity, gate) = (identity.clone(), Arc::clone(&gate));
        let (progress, cursor) = (progress.clone(), Arc::clone(&cursor));
        async move {
            let ended = watch(identity, &gate, &progress, &cursor).await;
            ended.map_err(|status| {
                if status.code() != Code::OutOfRange {
                    return status;
                }
                // The identity service's database was restored or replaced. Revocations only add up: read it all again.
                set(&cursor, String::new());
                Status::unavailable("the feed is another one; reading it from its beginning")
            })
        }
    };
    supervise("identity", &progress, &clock, &shutdown, attempt).await;
}

async fn watch(
    identity: Authenticated,
    gate: &TokenGate,
    progress: &Progress,
    cursor: &Mutex<String>,
) -> Result<(), Status> {
    let from = cursor.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut client = IdentityFeedServiceClient::new(identity).max_decoding_message_size(64 << 20);
    let mut stream =
        client.watch_identity_events(WatchIdentityEventsRequest { cursor: from }).await?.into_inner();
    while let Some(answer) = stream.message().await? {
        for event in &answer.events {
            apply(event, gate);
        }
        set(cursor, answer.cursor);
        // While more is waiting there is no time yet, and the follower has not caught up.
        if let Some(Ok(current)) = answer.current_time.as_ref().map(instant) {
            progress.applied(Some(current));
        }
    }
    Ok(())
}

fn set(cursor: &Mutex<String>, to: String) {
    *cursor.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

fn apply(event: &IdentityEvent, gate: &TokenGate) {
    let committed = event.commit_time.as_ref().and_then(|time| instant(time).ok());
    let Some(committed) = committed else { return };
    match event.fact.as_ref().and_then(|fact| fact.fact.as_ref()) {
        Some(Fact::Client(fact)) => revoke_client(fact, committed, gate),
        Some(Fact::Organization(fact)) => revoke_organization(fact, committed, gate),
        // Persons and all that is told of them concern others; keys are fetched where tokens need them.
        _ => {}
    }
}

fn revoke_client(fact: &ClientFact, committed: Timestamp, gate: &TokenGate) {
    let Ok(client) = ClientId::parse_name(&fact.client) else { return };
    if fact.state() == ClientState::Disabled {
        gate.revoke_client(&client, committed);
    }
    // The first version says since when the client exists; no token is older, and those of its first second are good.
    let valid_from = fact.tokens_valid_from.as_ref().filter(|_| fact.version > 1);
    if let Some(Ok(valid_from)) = valid_from.map(instant) {
        gate.revoke_client(&client, valid_from);
    }
}

fn revoke_organization(fact: &OrganizationFact, committed: Timestamp, gate: &TokenGate) {
    let Ok(organization) = OrganizationId::parse_name(&fact.organization) else { return };
    if fact.state() == OrganizationState::Suspended {
        gate.revoke_organization(&organization, committed);
    }
}
