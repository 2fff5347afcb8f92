//! Tokens that stop counting, and those that count again.

use crate::town::{ISSUER, Replica, Town, call_signed, events, permissions, reason, sessions};
use greenroom_auth::{AccessClaims, NO_TOKEN, OrganizationRole};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_domain::registry::RevokedToken;
use greenroom_domain::registry::port::Store as _;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{
    ClientFact, ClientState, OrganizationFact, OrganizationState, RevokedTokenFact, SigningKeyFact,
};
use greenroom_proto::registry::v1::{
    CheckPermissionRequest, WatchLiveSessionsRequest, WatchRegistryEventsRequest,
};
use greenroom_registry::verify;
use greenroom_registry_store_sqlite::Store;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::{TestIssuer, eventually};
use std::time::Duration;
use tonic::{Request, Status};

const PLATFORM: &[OrganizationRole] = &[OrganizationRole::Platform];

fn question() -> CheckPermissionRequest {
    CheckPermissionRequest { streamer: "streamers/nobody".to_owned(), ..Default::default() }
}

/// The reason why a call is refused. Whoever comes in hears that there is no such streamer.
async fn ask(replica: &Replica, call: Request<CheckPermissionRequest>) -> String {
    reason(&permissions(replica).check_permission(call).await.unwrap_err())
}

async fn asks(town: &Town, replica: &Replica, claims: &AccessClaims) -> String {
    ask(replica, town.call_with(claims, question())).await
}

async fn becomes(town: &Town, replica: &Replica, claims: &AccessClaims, reason: &str) {
    eventually(reason, async || (asks(town, replica, claims).await == reason).then_some(())).await;
}

const IN: &str = "STREAMER_NOT_FOUND";
const OUT: &str = "TOKEN_REFUSED";

fn organization(state: OrganizationState, tokens_valid_from: Option<Timestamp>, version: i64) -> Fact {
    Fact::Organization(OrganizationFact {
        organization: "organizations/shop".to_owned(),
        state: state.into(),
        version,
        tokens_valid_from: tokens_valid_from.map(timestamp),
        ..Default::default()
    })
}

fn revoked(claims: &AccessClaims) -> Fact {
    Fact::RevokedToken(RevokedTokenFact {
        token_id: claims.token_id.clone(),
        client: claims.client_id.name(),
        expire_time: Some(timestamp(claims.expire_time)),
    })
}

async fn is_clean(town: &Town) {
    let report = verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_platform_is_refused_and_comes_back_with_new_tokens_alone() {
    let town = Town::new().await;
    let replica = town.start().await;
    let before = town.claims("shop", PLATFORM);
    town.others.identity.tell(organization(OrganizationState::Active, None, 1));
    assert_eq!(asks(&town, &replica, &before).await, IN);
    town.others.identity.tell(organization(OrganizationState::Suspended, Some(NO_TOKEN), 2));
    becomes(&town, &replica, &before, OUT).await;
    town.clock.advance(Duration::from_secs(5));
    let meanwhile = town.claims("shop", PLATFORM);
    assert_eq!(asks(&town, &replica, &meanwhile).await, OUT);
    assert_eq!(asks(&town, &replica, &town.claims("rival", PLATFORM)).await, IN);
    replica.stop().await;
    let replica = town.start().await;
    assert_eq!(asks(&town, &replica, &meanwhile).await, OUT, "a restart lets nobody in");
    town.clock.advance(Duration::from_secs(5));
    let reinstated = Some(town.clock.now());
    town.others.identity.tell(organization(OrganizationState::Active, reinstated, 3));
    town.clock.advance(Duration::from_secs(1));
    let after = town.claims("shop", PLATFORM);
    becomes(&town, &replica, &after, IN).await;
    for old in [&before, &meanwhile] {
        assert_eq!(asks(&town, &replica, old).await, OUT);
    }
    replica.stop().await;
    let replica = town.start().await;
    let answers = [asks(&town, &replica, &after).await, asks(&town, &replica, &before).await];
    assert_eq!(answers, [IN, OUT]);
    replica.stop().await;
    is_clean(&town).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_words_about_one_caller_in_one_batch_leave_the_newest() {
    let town = Town::new().await;
    let replica = town.start().await;
    let claims = town.claims("shop", PLATFORM);
    let client = |seconds: u64, version| {
        Fact::Client(ClientFact {
            client: "clients/shop-backend".to_owned(),
            state: ClientState::Active.into(),
            tokens_valid_from: Some(timestamp(town.clock.now().minus(Duration::from_secs(seconds)))),
            version,
            ..Default::default()
        })
    };
    let reinstated = Some(town.clock.now().minus(Duration::from_mins(1)));
    town.others.identity.keep(client(90, 2));
    town.others.identity.keep(client(90, 3));
    town.others.identity.keep(organization(OrganizationState::Suspended, Some(NO_TOKEN), 2));
    town.others.identity.keep(organization(OrganizationState::Active, reinstated, 3));
    let other = town.claims("shop", PLATFORM);
    town.others.identity.tell(revoked(&other));
    becomes(&town, &replica, &other, OUT).await;
    assert_eq!(asks(&town, &replica, &claims).await, IN);
    replica.stop().await;
    is_clean(&town).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_also_after_a_restart_and_forgotten_when_it_is_over() {
    let town = Town::new().await;
    let replica = town.start().await;
    let (one, other) = (town.claims("shop", PLATFORM), town.claims("shop", PLATFORM));
    town.others.identity.tell(revoked(&one));
    becomes(&town, &replica, &one, OUT).await;
    assert_eq!(asks(&town, &replica, &other).await, IN);
    replica.stop().await;
    let replica = town.start().await;
    let answers = [asks(&town, &replica, &one).await, asks(&town, &replica, &other).await];
    assert_eq!(answers, [OUT, IN]);
    // The next news after its end sweep it out; what is over by then is not even kept.
    town.clock.advance(Duration::from_mins(5) + RevokedToken::KEPT_BEYOND_END);
    town.others.identity.tell(revoked(&other));
    town.proven(&replica, "mina").await;
    replica.stop().await;
    is_clean(&town).await;
    let store = Store::open(&town.database.url).await.unwrap();
    assert_eq!(store.revoked_tokens("", 9).await.unwrap(), []);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_taken_out_of_the_table_before_its_end_is_missed() {
    let town = Town::new().await;
    let replica = town.start().await;
    let claims = town.claims("shop", PLATFORM);
    town.others.identity.tell(revoked(&claims));
    becomes(&town, &replica, &claims, OUT).await;
    replica.stop().await;
    is_clean(&town).await;
    town.forge("DELETE FROM revoked_tokens").await;
    let report = verify(&town.config()).await.unwrap();
    assert_eq!(report.missing, [format!("revokedTokens/{}", claims.token_id)]);
}

/// Identity gives its keys up for others; half a second later, at the earliest, they are read again.
fn give_up_keys(town: &Town, next: &TestIssuer) {
    *town.others.jwks.lock().unwrap() = next.jwks();
    let retired_from_time = Some(timestamp(town.clock.now()));
    let key_id = town.issuer.key_id();
    let retired = SigningKeyFact { key_id, retired_from_time, ..Default::default() };
    town.others.identity.tell(Fact::SigningKey(retired));
    town.clock.advance(Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_given_up_is_refused_and_the_next_one_known_before_strangers_may_ask_for_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let claims = town.claims("shop", PLATFORM);
    assert_eq!(asks(&town, &replica, &claims).await, IN);
    let next = TestIssuer::new(ISSUER);
    // The one look that strangers may cause within ten seconds is spent.
    assert_eq!(ask(&replica, call_signed(&next, &claims, question())).await, OUT);
    give_up_keys(&town, &next);
    becomes(&town, &replica, &claims, OUT).await;
    assert_eq!(ask(&replica, call_signed(&next, &claims, question())).await, IN);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_under_way_is_cut_with_its_token() {
    for what in ["organization", "client", "token", "key"] {
        let town = Town::new().await;
        let replica = town.start().await;
        let claims = town.claims("shop", PLATFORM);
        let call = town.call_with(&claims, WatchLiveSessionsRequest::default());
        let mut stream = sessions(&replica).watch_live_sessions(call).await.unwrap().into_inner();
        stream.message().await.unwrap().unwrap();
        match what {
            "token" => drop(town.others.identity.tell(revoked(&claims))),
            "organization" => {
                let suspended = organization(OrganizationState::Suspended, Some(NO_TOKEN), 2);
                town.others.identity.tell(suspended);
            }
            "client" => drop(town.others.identity.tell(Fact::Client(ClientFact {
                client: "clients/shop-backend".to_owned(),
                state: ClientState::Disabled.into(),
                tokens_valid_from: Some(timestamp(NO_TOKEN)),
                version: 2,
                ..Default::default()
            }))),
            _ => give_up_keys(&town, &TestIssuer::new(ISSUER)),
        }
        let cut: Status = loop {
            match stream.message().await {
                Ok(heartbeat) => assert!(heartbeat.is_some(), "{what}"),
                Err(cut) => break cut,
            }
        };
        assert_eq!(reason(&cut), OUT, "{what}");
        replica.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_told_with_the_human_behind_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = Some(PersonId::try_new("mina").unwrap());
    let claims = AccessClaims { person: mina, ..town.claims("shop", PLATFORM) };
    let message =
        greenroom_proto::registry::v1::SetPolicyRequest { policy: Some(town.policy()), ..Default::default() };
    crate::town::policies(&replica).set_policy(town.call_with(&claims, message)).await.unwrap();
    let call =
        town.call_as("suite", &[OrganizationRole::SuiteOperator], WatchRegistryEventsRequest::default());
    let mut stream = events(&replica).watch_registry_events(call).await.unwrap().into_inner();
    let told = loop {
        let message = stream.message().await.unwrap().unwrap();
        if let Some(event) = message.events.into_iter().find(|event| !event.client.is_empty()) {
            break event;
        }
    };
    assert_eq!((told.client.as_str(), told.person.as_str()), ("clients/shop-backend", "persons/mina"));
    replica.stop().await;
}
