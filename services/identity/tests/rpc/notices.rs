//! The end of a credential is told before it comes, each step once.

use crate::credentials::add_key;
use crate::feed::events;
use crate::world::{World, new_client};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{CreateClientRequest, CredentialFact, ExpiryNotice, OrganizationRole};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::eventually;
use sqlx::{Connection as _, SqliteConnection};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// A client whose only credential ends in that many days.
async fn ending(world: &World, days: u32) {
    world.organization("shop", OrganizationRole::Platform).await;
    let request = CreateClientRequest {
        credential_not_after_time: Some(timestamp(world.clock.now().plus(DAY * days))),
        ..new_client("till", "shop", &["clients.read"])
    };
    world.operator().clients().create_client(request).await.unwrap();
}

/// What the service itself told of the credential, in order.
async fn told(world: &World) -> Vec<ExpiryNotice> {
    let (events, _) = events(world, "").await;
    let own = events.into_iter().filter(|event| event.method == "expiry_notice" && event.client.is_empty());
    own.filter_map(|event| match event.fact?.fact? {
        Fact::Client(fact) => fact.credentials.first().map(CredentialFact::expiry_notice),
        _ => None,
    })
    .collect()
}

async fn until_told(world: &World, expected: &[ExpiryNotice]) {
    let all = eventually("the step is told", async || {
        let told = told(world).await;
        (told.len() >= expected.len()).then_some(told)
    });
    assert_eq!(all.await, expected);
}

const STEPS: [(u32, ExpiryNotice); 4] = [
    (10, ExpiryNotice::ThirtyDays),
    (23, ExpiryNotice::SevenDays),
    (6, ExpiryNotice::OneDay),
    (1, ExpiryNotice::Ended),
];

#[tokio::test]
async fn every_step_is_told_once_also_across_a_restart() {
    let mut world = World::start().await;
    ending(&world, 40).await;
    let mut expected = Vec::new();
    for (days, notice) in STEPS {
        world.clock.advance(DAY * days);
        expected.push(notice);
        until_told(&world, &expected).await;
        world = world.restart().await;
    }
    world.clock.advance(DAY * 400);
    // Whatever else is done with the client, nothing is told again.
    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    add_key(&world, "till", Added::PublicJwk(key.public().to_jwk_json()), None).await.unwrap();
    let world = world.restart().await;
    until_told(&world, &expected).await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

/// Two replicas on one database walk at the same time.
pub async fn two_replicas_tell_each_step_once(left: &World, right: &World) {
    ending(left, 40).await;
    let mut expected = Vec::new();
    for (days, notice) in STEPS {
        left.clock.advance(DAY * days);
        expected.push(notice);
        until_told(left, &expected).await;
    }
    // The other one has seen everything by now, and wrote nothing of its own.
    until_told(right, &expected).await;
    let report = right.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn two_replicas_on_one_file_tell_every_step_once() {
    let world = World::start().await;
    let replica = world.replica().await;
    two_replicas_tell_each_step_once(&world, &replica).await;
}

#[tokio::test]
async fn steps_that_passed_while_nobody_ran_are_told_as_one() {
    let world = World::start().await;
    ending(&world, 40).await;
    let stopped = world.stop().await;
    stopped.2.advance(DAY * 34);
    let world = World::in_folder_of(stopped).await;
    until_told(&world, &[ExpiryNotice::SevenDays]).await;
}

#[tokio::test]
async fn a_credential_begins_at_the_step_it_is_at() {
    let world = World::start().await;
    ending(&world, 40).await;
    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let end = Some(world.clock.now().plus(DAY * 5));
    let client = add_key(&world, "till", Added::PublicJwk(key.public().to_jwk_json()), end).await.unwrap();
    let added = client.credentials.iter().find(|one| one.key_id == key.public().id().as_str()).unwrap();
    assert_eq!(added.expiry_notice(), ExpiryNotice::SevenDays);
    assert_eq!(told(&world).await, []);
}

#[tokio::test]
async fn a_client_whose_row_is_damaged_keeps_no_other_waiting() {
    let world = World::on_sqlite().await;
    ending(&world, 40).await;
    let request = CreateClientRequest {
        credential_not_after_time: Some(timestamp(world.clock.now().plus(DAY * 40))),
        ..new_client("a-damaged-one", "shop", &["clients.read"])
    };
    world.operator().clients().create_client(request).await.unwrap();
    let url = format!("sqlite:{}", world.folder().join("identity.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let damage = "UPDATE clients SET person = '!' WHERE id = 'a-damaged-one'";
    assert_eq!(sqlx::raw_sql(damage).execute(&mut database).await.unwrap().rows_affected(), 1);
    world.clock.advance(DAY * 10);
    until_told(&world, &[ExpiryNotice::ThirtyDays]).await;
}
