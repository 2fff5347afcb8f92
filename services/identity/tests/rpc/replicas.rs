//! Several replicas on one PostgreSQL database.

use crate::proofing::attested;
use crate::tokens::{assertion, client_with_key, issue, issue_with_secret, list_clients_with};
use crate::world::{Engine, ISSUER, MINA, World, assert_refused, card, claim, named, request_id};
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::person_registration::Identity;
use greenroom_proto::identity::v1::person_registration_outcome::Outcome;
use greenroom_proto::identity::v1::{
    BatchRegisterPersonsRequest, DisableClientRequest, OrganizationRole, PersonRegistration, PersonState,
    ProofingResult, RecordProofingRequest, RegisterPersonRequest,
};
use greenroom_rpc::fault::reason_of;
use greenroom_testkit::eventually;
use prost::Message as _;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Code;

/// A batch of made-up persons, each with a check.
fn crowd(sequence: std::ops::Range<usize>, result: ProofingResult) -> BatchRegisterPersonsRequest {
    let registrations = sequence.map(|index| PersonRegistration {
        identity: Some(Identity::Claim(claim("样例众人", &card("19850101", index)))),
        proofing: Some(attested(result)),
    });
    BatchRegisterPersonsRequest {
        registrations: registrations.collect(),
        request_id: request_id(),
        ..Default::default()
    }
}

/// Two replicas, each to be asked by itself.
async fn two() -> (World, World) {
    let world = World::on(Engine::Postgres(1), |_| {}).await;
    let replica = world.replica().await;
    (world, replica)
}

#[tokio::test]
async fn fifty_registrations_of_one_document_over_two_replicas_make_one_person() {
    let (left, right) = two().await;
    left.organization("shop", OrganizationRole::Platform).await;
    let secret = left.client("till", "shop", &["persons.read", "persons.write"]).await;
    let calls = (0..50).map(|index| {
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
async fn a_request_sent_again_to_another_replica_is_answered_byte_for_byte_the_same() {
    let (left, right) = two().await;
    left.organization("shop", OrganizationRole::Platform).await;
    let secret = left.client("till", "shop", &["persons.proof", "persons.read", "persons.write"]).await;
    let (one, other) = (left.with_secret("till", &secret), right.with_secret("till", &secret));
    let before = left.verify().await.events;

    let register = RegisterPersonRequest {
        identity: Some(named(claim(MINA.0, MINA.1))),
        request_id: request_id(),
        ..Default::default()
    };
    let first = one.persons().register_person(register.clone()).await.unwrap().into_inner();
    left.clock.advance(Duration::from_secs(1));
    let again = other.persons().register_person(register).await.unwrap().into_inner();
    assert_eq!(first.encode_to_vec(), again.encode_to_vec());

    let check = RecordProofingRequest {
        person: first.person.unwrap().name,
        proofing: Some(attested(ProofingResult::Match)),
        request_id: request_id(),
        ..Default::default()
    };
    let first = other.persons().record_proofing(check.clone()).await.unwrap().into_inner();
    left.clock.advance(Duration::from_secs(1));
    let again = one.persons().record_proofing(check).await.unwrap().into_inner();
    assert_eq!(first.encode_to_vec(), again.encode_to_vec());

    let batch = crowd(0..20, ProofingResult::Match);
    let first = one.persons().batch_register_persons(batch.clone()).await.unwrap().into_inner();
    left.clock.advance(Duration::from_secs(1));
    let again = other.persons().batch_register_persons(batch).await.unwrap().into_inner();
    assert_eq!(first.encode_to_vec(), again.encode_to_vec());
    let report = right.verify().await;
    assert!(report.is_clean(), "{report:?}");
    // A person, its name, a check with the person it changed; twenty persons with name and check.
    assert_eq!(report.events, before + 4 + 60);
}

#[tokio::test]
async fn batches_with_the_same_documents_on_two_replicas_give_one_person_each() {
    let (left, right) = two().await;
    left.organization("shop", OrganizationRole::Platform).await;
    let secret = left.client("till", "shop", &["persons.proof", "persons.read", "persons.write"]).await;
    let calls = (0..6).map(|index| {
        let caller = if index % 2 == 0 { &left } else { &right }.with_secret("till", &secret);
        let batch = crowd(index * 10..index * 10 + 50, ProofingResult::Match);
        tokio::spawn(
            async move { caller.persons().batch_register_persons(batch).await.unwrap().into_inner() },
        )
    });
    let mut names = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        for outcome in call.await.unwrap().outcomes {
            let Some(Outcome::Person(person)) = outcome.outcome else { panic!("{outcome:?}") };
            assert_eq!(person.state(), PersonState::Verified);
            names.insert(person.name);
        }
    }
    assert_eq!(names.len(), 100);
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
