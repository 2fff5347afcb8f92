//! Jobs that survive what happens to those who work on them.

use crate::fake_lookup::{
    FakeLookup, Reply, begin, certificate, evidence, filled, hangs, job, job_in, says, settle, with_lookup,
};
use crate::world::World;
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::source::v1::CheckVerdict;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{CertificateState, EvidenceResult, VerificationJobState};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_job_whose_taker_is_gone_is_asked_again_under_the_same_id_and_concluded_once() {
    let fake = FakeLookup::start(says(CheckVerdict::Mismatch)).await;
    fake.script.next([hangs()]);
    let (world, certificates) = with_lookup(&fake, 2).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    fake.script.asked_times(1).await;
    // The deadline and the time an answer may take to be stored.
    world.clock.advance(Duration::from_secs(300 + 30));
    let done = job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (EvidenceResult::Mismatch, 2));
    fake.script.let_go(1);
    let other = begin(&world, &certificates[1], "lookup").await.unwrap();
    job_in(&world, &other.name, VerificationJobState::Concluded).await;
    let asked = fake.script.asked();
    assert_eq!(asked[0].check_id, asked[1].check_id);
    assert_eq!(job(&world, &begun.name).await.unwrap(), done, "the late answer changes nothing");
    assert_eq!(evidence(&world).await.len(), 2);
    settle(world).await;
}

#[tokio::test]
async fn a_slow_source_holds_up_neither_the_shutdown_nor_another_source() {
    let (slow, quick) =
        (FakeLookup::start(hangs()).await, FakeLookup::start(says(CheckVerdict::Match)).await);
    let world = World::alone(|config| {
        config.certificate_sources = vec![slow.configured("slow"), quick.configured("quick")];
    })
    .await;
    let certificates = filled(&world, 20).await;
    let mut begun = Vec::new();
    for certificate_of in &certificates {
        begun.push(begin(&world, certificate_of, "slow").await.unwrap().name);
    }
    assert_eq!(slow.script.asked_times(16).await.len(), 16, "no more at once");
    let other = begin(&world, &certificates[0], "quick").await.unwrap();
    job_in(&world, &other.name, VerificationJobState::Concluded).await;

    slow.script.always(says(CheckVerdict::Match));
    let world = world.restart(|_| {}).await;
    for name in begun {
        job_in(&world, &name, VerificationJobState::Concluded).await;
    }
    let ids: BTreeSet<String> = slow.script.asked().into_iter().map(|asked| asked.check_id).collect();
    assert_eq!(
        (ids.len(), slow.script.asked().len()),
        (20, 36),
        "those under way were asked again, as the same checks"
    );
    assert_eq!(evidence(&world).await.len(), 21);
    settle(world).await;
}

#[tokio::test]
async fn an_answer_about_a_certificate_that_was_revoked_meanwhile_is_kept_without_effect() {
    let fake = FakeLookup::start(hangs()).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    fake.script.asked_times(1).await;
    let request = wire::RevokeCertificateRequest {
        name: certificates[0].name.clone(),
        revocation: Some(wire::Revocation {
            reason: wire::RevocationReason::Cheating.into(),
            explanation: "the theory exam was sat by another person".to_owned(),
            legal_basis: "rules of assessment, article 9".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.certificates("north", Role::Issuer).revoke_certificate(request).await.unwrap();
    fake.script.let_go(1);
    job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!(certificate(&world, &certificates[0].name).await.state(), CertificateState::Revoked);
    assert_eq!(evidence(&world).await, ["lookup MATCH"]);
    settle(world).await;
}

#[tokio::test]
async fn a_job_of_a_source_that_is_configured_no_more_waits_for_it_and_is_given_up_in_the_end() {
    let fake = FakeLookup::start(hangs()).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap().name;
    fake.script.asked_times(1).await;
    let world = world.restart(|config| config.certificate_sources.clear()).await;
    job_in(&world, &begun, VerificationJobState::Outage).await;
    world.clock.advance(Duration::from_hours(72));
    job_in(&world, &begun, VerificationJobState::GivenUp).await;
    assert_eq!((fake.script.asked().len(), evidence(&world).await.len()), (1, 0));
    settle(world).await;
}

#[tokio::test]
async fn two_replicas_ask_once_for_every_job() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let left = World::with(|config| {
        config.certificate_sources.push(fake.configured("lookup"));
    })
    .await;
    let right = left.replica().await;
    let mut begun = Vec::new();
    for (place, certificate_of) in filled(&left, 30).await.iter().enumerate() {
        let world = if place % 2 == 0 { &left } else { &right };
        begun.push(begin(world, certificate_of, "lookup").await.unwrap().name);
    }
    for name in &begun {
        let done = job_in(&right, name, VerificationJobState::Concluded).await;
        assert_eq!(done.attempt_count, 1);
    }
    assert_eq!((fake.script.asked().len(), evidence(&left).await.len()), (30, 30));
    right.stop().await;
    settle(left).await;
}

#[tokio::test]
async fn a_replica_killed_between_question_and_commit_leaves_its_job_to_the_other() {
    let fake = FakeLookup::start(says(CheckVerdict::NotFound)).await;
    fake.script.next([hangs()]);
    let left = World::with(|config| {
        config.certificate_sources.push(fake.configured("lookup"));
    })
    .await;
    let certificates = filled(&left, 1).await;
    let begun = begin(&left, &certificates[0], "lookup").await.unwrap();
    fake.script.asked_times(1).await;
    // Nobody puts the job back: its taker will store nothing before its lease has passed.
    let right = left.replica().await;
    assert_eq!(job(&right, &begun.name).await.unwrap().state(), VerificationJobState::Pending);
    left.clock.advance(Duration::from_secs(300 + 30));
    let done = job_in(&right, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (EvidenceResult::NotFound, 2));
    fake.script.let_go(1);
    let again = Reply::Says(crate::fake_lookup::outcome(CheckVerdict::Match));
    fake.script.next([again]);
    // Evidence is kept in the order of time.
    left.clock.advance(Duration::from_secs(1));
    let second = begin(&right, &certificates[0], "lookup").await.unwrap();
    job_in(&right, &second.name, VerificationJobState::Concluded).await;
    assert_eq!(
        evidence(&left).await,
        ["lookup NOT_FOUND", "lookup MATCH"],
        "the late answer changes nothing"
    );
    assert_eq!(certificate(&right, &certificates[0].name).await.state(), CertificateState::Verified);
    // Its folder may hold the database.
    let _left = left.stop().await;
    settle(right).await;
}
