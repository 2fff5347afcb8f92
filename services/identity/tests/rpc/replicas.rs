//! Several replicas on one PostgreSQL database.

use crate::tokens::{assertion, client_with_key, issue, issue_with_secret, list_clients_with};
use crate::world::{Engine, ISSUER, MINA, World, assert_refused};
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::{DisableClientRequest, OrganizationRole};
use greenroom_rpc::fault::reason_of;
use greenroom_testkit::eventually;
use std::collections::BTreeSet;
use tonic::Code;

/// Two replicas, each to be asked by itself.
async fn two() -> (World, World) {
    let world = World::on(Engine::Postgres(1), |_| {}).await;
    let replica = world.replica().await;
    (world, replica)
}

#[tokio::test]
async fn two_replicas_register_one_person() {
    let (left, right) = two().await;
    left.organization("shop", OrganizationRole::Platform).await;
    let secret = left.client("till", "shop", &["persons.read", "persons.write"]).await;
    let calls = (0..20).map(|index| {
        let caller = if index % 2 == 0 { &left } else { &right }.with_secret("till", &secret);
        tokio::spawn(async move { caller.register(MINA).await })
    });
    let mut names = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        names.insert(call.await.unwrap());
    }
    assert_eq!(names.len(), 1);
    let report = right.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn an_assertion_counts_once_for_all_replicas() {
    let (left, right) = two().await;
    let key = client_with_key(&left, "shop", &["clients.read"]).await;
    let proof = Proof::ClientAssertion(assertion(&left, "shop", &key, ISSUER, "one"));
    issue(&left, proof.clone(), &[]).await.unwrap();
    let replayed = issue(&right, proof, &[]).await;
    assert_refused(replayed, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn every_replica_refuses_the_tokens_of_a_client_disabled_on_another() {
    let (left, right) = two().await;
    left.organization("shop", OrganizationRole::Platform).await;
    let secret = left.client("till", "shop", &["clients.read"]).await;
    let token = issue_with_secret(&left, "till", &secret).await.unwrap().access_token;
    list_clients_with(&right, &token).await.unwrap();
    let request = DisableClientRequest { name: "clients/till".to_owned(), ..Default::default() };
    left.operator().clients().disable_client(request).await.unwrap();
    let reason = eventually("the other replica heard of it", async || {
        list_clients_with(&right, &token).await.err().and_then(|status| reason_of(&status))
    });
    assert_eq!(reason.await, "TOKEN_REFUSED");
}

#[tokio::test]
async fn on_postgres_two_operators_that_suspend_each_other_do_not_both_succeed() {
    let (left, right) = two().await;
    crate::suspending::suspend_each_other(&left, &right).await;
    let report = right.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn on_postgres_two_replicas_tell_every_step_towards_an_end_once() {
    let (left, right) = two().await;
    crate::notices::two_replicas_tell_each_step_once(&left, &right).await;
}
