//! Tokens that stop counting, and those that count again.

use crate::world::{Bearer, World, reason};
use greenroom_auth::NO_TOKEN;
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::certification::v1::{ListIssuersRequest, WatchCertificationEventsRequest};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{
    ClientFact, ClientState, FeedBeginning, OrganizationFact, OrganizationState, RevokedTokenFact,
    SigningKeyFact,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::{TestIssuer, eventually};
use std::time::Duration;
use tonic::Status;

async fn ask(world: &World, token: &Bearer) -> Result<(), Status> {
    world.issuers_with(token).list_issuers(ListIssuersRequest::default()).await.map(|_| ())
}

async fn refused(world: &World, token: &Bearer) {
    let refused = eventually("the token is refused", async || ask(world, token).await.err()).await;
    assert_eq!(reason(&refused), "TOKEN_REFUSED");
}

fn organization(state: OrganizationState, tokens_valid_from: Timestamp, version: i64) -> Fact {
    Fact::Organization(OrganizationFact {
        organization: "organizations/north".to_owned(),
        state: state.into(),
        version,
        tokens_valid_from: Some(timestamp(tokens_valid_from)),
        ..OrganizationFact::default()
    })
}

#[tokio::test]
async fn a_suspended_organization_is_refused_and_comes_back_with_new_tokens_alone() {
    let world = World::start().await;
    let fresh = || world.token(&world.claims("north-backend", "north"));
    let before = fresh();
    ask(&world, &before).await.unwrap();
    world.tell(organization(OrganizationState::Suspended, NO_TOKEN, 2));
    refused(&world, &before).await;
    world.clock.advance(Duration::from_secs(5));
    let meanwhile = fresh();
    assert_eq!(reason(&ask(&world, &meanwhile).await.unwrap_err()), "TOKEN_REFUSED");
    ask(&world, &world.token(&world.claims("south-backend", "south"))).await.unwrap();
    world.clock.advance(Duration::from_secs(5));
    world.tell(organization(OrganizationState::Active, world.clock.now(), 3));
    world.clock.advance(Duration::from_secs(1));
    let after = fresh();
    eventually("the new token counts", async || ask(&world, &after).await.ok()).await;
    for token in [before, meanwhile] {
        assert_eq!(reason(&ask(&world, &token).await.unwrap_err()), "TOKEN_REFUSED");
    }
}

#[tokio::test]
async fn after_a_restore_of_identity_what_is_told_anew_holds_although_its_versions_are_lower() {
    let world = World::start().await;
    let token = world.token(&world.claims("north-backend", "north"));
    let long_ago = world.clock.now().minus(Duration::from_hours(1));
    world.tell(organization(OrganizationState::Active, long_ago, 2));
    let earlier = world.identity.feed.lock().unwrap().clone();
    world.tell(organization(OrganizationState::Suspended, NO_TOKEN, 7));
    refused(&world, &token).await;
    world.identity.replace_feed(earlier);
    eventually("the backup's word holds", async || ask(&world, &token).await.ok()).await;
    // What is told of an older state counts only if it is told from its beginning.
    let asked = world.identity.beginnings.lock().unwrap().clone();
    assert_eq!(asked, [FeedBeginning::LivingTokens, FeedBeginning::Unspecified]);
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_its_clients_other_tokens_are_not() {
    let world = World::start().await;
    let (one, other) = (world.claims("north-backend", "north"), world.claims("north-backend", "north"));
    ask(&world, &world.token(&one)).await.unwrap();
    world.tell(Fact::RevokedToken(RevokedTokenFact {
        token_id: one.token_id.clone(),
        client: "clients/north-backend".to_owned(),
        expire_time: Some(timestamp(one.expire_time)),
    }));
    refused(&world, &world.token(&one)).await;
    ask(&world, &world.token(&other)).await.unwrap();
}

/// The identity service gives its keys up for others; half a second later, at the earliest, they are read again.
fn give_up_keys(world: &World, next: &TestIssuer) {
    *world.identity.jwks.lock().unwrap() = next.jwks();
    let retired = SigningKeyFact {
        key_id: world.issuer.key_id(),
        retired_from_time: Some(timestamp(world.clock.now())),
        ..SigningKeyFact::default()
    };
    world.tell(Fact::SigningKey(retired));
    world.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn a_key_given_up_is_refused_and_the_next_one_known_before_strangers_may_ask_for_it() {
    let world = World::start().await;
    let claims = world.claims("north-backend", "north");
    let token = world.token(&claims);
    ask(&world, &token).await.unwrap();
    let next = TestIssuer::new("http://127.0.0.1:7101");
    let of_next = Bearer(next.sign(&claims));
    // The one look that strangers may cause within ten seconds is spent.
    assert_eq!(reason(&ask(&world, &of_next).await.unwrap_err()), "TOKEN_REFUSED");
    give_up_keys(&world, &next);
    refused(&world, &token).await;
    ask(&world, &of_next).await.unwrap();
}

#[tokio::test]
async fn a_stream_under_way_is_cut_with_its_token() {
    for what in ["organization", "client", "token", "key"] {
        let world = World::start().await;
        let claims = world.claims("north-backend", "north");
        let mut feed = world.feed_with(&world.token(&claims));
        let request = WatchCertificationEventsRequest::default();
        let mut stream = feed.watch_certification_events(request).await.unwrap().into_inner();
        stream.message().await.unwrap().unwrap();
        match what {
            "organization" => world.tell(organization(OrganizationState::Suspended, NO_TOKEN, 2)),
            "client" => world.tell(Fact::Client(ClientFact {
                client: "clients/north-backend".to_owned(),
                state: ClientState::Disabled.into(),
                tokens_valid_from: Some(timestamp(NO_TOKEN)),
                version: 2,
                ..ClientFact::default()
            })),
            "token" => world.tell(Fact::RevokedToken(RevokedTokenFact {
                token_id: claims.token_id.clone(),
                expire_time: Some(timestamp(claims.expire_time)),
                ..RevokedTokenFact::default()
            })),
            _ => give_up_keys(&world, &TestIssuer::new("http://127.0.0.1:7101")),
        }
        let cut = loop {
            match stream.message().await {
                Ok(heartbeat) => assert!(heartbeat.is_some(), "{what}"),
                Err(cut) => break cut,
            }
        };
        assert_eq!(reason(&cut), "TOKEN_REFUSED", "{what}");
    }
}
