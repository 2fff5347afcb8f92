//! Checks that the service begins by itself.

use crate::fake_lookup::{
    FakeLookup, Reply, certificate, concluded, evidence, filled, for_review, says, settle,
};
use crate::world::World;
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::source::v1::CheckVerdict;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{CertificateState, EvidenceResult, EvidenceSource};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::Code;

const DAY: Duration = Duration::from_hours(24);

async fn with_rechecks(fake: &FakeLookup) -> (World, Vec<wire::Certificate>) {
    let world = World::with(|config| {
        let mut lookup = fake.configured("lookup");
        lookup.common.recheck_lead_days = Some(14);
        config.certificate_sources.push(lookup);
        config.recheck_attempts = 2;
    })
    .await;
    let certificates = filled(&world, 2).await;
    (world, certificates)
}

/// Lets time pass until the source has been asked so often: in small steps, for it may be asked at this very moment.
async fn asked_by_itself(world: &World, fake: &FakeLookup, count: usize) {
    eventually("the source was asked", async || {
        world.clock.advance(Duration::from_secs(1));
        (fake.script.asked().len() >= count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_not_found_is_looked_for_again_after_twenty_working_days_and_in_the_end_left_to_humans() {
    let fake = FakeLookup::start(says(CheckVerdict::NotFound)).await;
    let (world, certificates) = with_rechecks(&fake).await;
    let name = &certificates[0].name;
    concluded(&world, &certificates[0]).await;
    let missing = certificate(&world, name).await;
    assert_eq!(missing.state(), CertificateState::NotFound);
    assert_eq!(missing.retry_time, Some(timestamp(world.clock.now().plus(DAY * 28))));
    world.clock.advance(DAY * 27);
    for _ in 0..5 {
        world.clock.advance(Duration::from_mins(1));
        certificate(&world, name).await;
    }
    assert_eq!(fake.script.asked().len(), 1, "not before its time");

    world.clock.advance(DAY);
    asked_by_itself(&world, &fake, 2).await;
    let told = async |times: usize| {
        eventually("the answer was stored", async || (evidence(&world).await.len() == times).then_some(()))
            .await;
        certificate(&world, name).await
    };
    let again = told(2).await;
    assert_eq!((again.state(), again.state_since_time), (missing.state(), missing.state_since_time));
    assert!(
        again.retry_time.is_some()
            && again.retry_time != missing.retry_time
            && for_review(&world, "north", Role::Issuer).await.is_empty()
    );
    world.clock.advance(DAY * 29);
    asked_by_itself(&world, &fake, 3).await;
    let left = told(3).await;
    assert_eq!((left.state(), left.retry_time), (CertificateState::NotFound, None), "never a forgery");
    assert_eq!(for_review(&world, "north", Role::Issuer).await, std::slice::from_ref(name));
    world.clock.advance(DAY * 100);
    for _ in 0..5 {
        world.clock.advance(Duration::from_mins(1));
        certificate(&world, name).await;
    }
    assert_eq!(fake.script.asked().len(), 3);
    settle(world).await;
}

#[tokio::test]
async fn a_certificate_published_late_is_verified_by_itself() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    fake.script.next([says(CheckVerdict::NotFound)]);
    let (world, certificates) = with_rechecks(&fake).await;
    concluded(&world, &certificates[0]).await;
    world.clock.advance(DAY * 28);
    asked_by_itself(&world, &fake, 2).await;
    let found = eventually("it was found", async || {
        let found = certificate(&world, &certificates[0].name).await;
        Some(found).filter(|found| found.state() == CertificateState::Verified)
    });
    assert_eq!(found.await.retry_time, None);
    settle(world).await;
}

#[tokio::test]
async fn what_a_human_did_not_find_is_looked_for_with_the_automatic_sources() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let world = World::with(|config| {
        config.certificate_sources.push(fake.configured("lookup"));
        config.automatic_sources = vec!["lookup".to_owned()];
    })
    .await;
    let certificates = filled(&world, 1).await;
    let request = wire::RecordEvidenceRequest {
        certificate: certificates[0].name.clone(),
        evidence: Some(wire::Evidence {
            source: EvidenceSource::OfficialLookup.into(),
            result: EvidenceResult::NotFound.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.certificates("regulator", Role::Regulator).record_evidence(request).await.unwrap();
    world.clock.advance(DAY * 28);
    asked_by_itself(&world, &fake, 1).await;
    eventually("it was found", async || {
        let found = certificate(&world, &certificates[0].name).await;
        (found.state() == CertificateState::Verified).then_some(())
    })
    .await;
    settle(world).await;
}

#[tokio::test]
async fn a_sources_word_is_renewed_before_it_runs_out_and_an_outage_meanwhile_changes_nothing() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let (world, certificates) = with_rechecks(&fake).await;
    world.clock.advance(DAY);
    concluded(&world, &certificates[0]).await;
    let first = certificate(&world, &certificates[0].name).await;
    world.clock.advance(DAY * 165);
    fake.script.next([Reply::Fails(Code::Unavailable)]);
    world.clock.advance(DAY);
    asked_by_itself(&world, &fake, 2).await;
    eventually("the outage was recorded", async || (evidence(&world).await.len() == 2).then_some(())).await;
    assert_eq!(certificate(&world, &certificates[0].name).await, first, "an outage changes nothing");
    world.clock.advance(Duration::from_secs(30));
    let renewed = eventually("the word was renewed", async || {
        let now = certificate(&world, &certificates[0].name).await;
        Some(now).filter(|now| now.evidence_until_time != first.evidence_until_time)
    });
    assert_eq!(renewed.await.state(), CertificateState::Verified);
    assert_eq!(fake.script.asked().len(), 3, "only what came from the source is renewed");
    settle(world).await;
}

#[tokio::test]
async fn a_source_that_refuses_is_not_asked_in_a_loop() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let (world, certificates) = with_rechecks(&fake).await;
    concluded(&world, &certificates[0]).await;
    fake.script.always(Reply::Fails(Code::PermissionDenied));
    world.clock.advance(DAY * 167);
    asked_by_itself(&world, &fake, 2).await;
    for _ in 0..10 {
        world.clock.advance(Duration::from_mins(2));
        certificate(&world, &certificates[0].name).await;
    }
    assert_eq!(fake.script.asked().len(), 2);
    world.clock.advance(DAY);
    asked_by_itself(&world, &fake, 3).await;
    assert_eq!(evidence(&world).await, ["lookup MATCH"]);
    settle(world).await;
}
