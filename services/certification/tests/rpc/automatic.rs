//! Claims, checked with the sources that are asked by themselves.

use crate::certificates::claim as verification;
use crate::claims::{claim, claim_of, second};
use crate::fake_lookup::{FakeLookup, Reply, certificate, evidence, filled, for_review, says, settle};
use crate::world::World;
use greenroom_auth::OrganizationRole as Role;
use greenroom_certification::Config;
use greenroom_proto::certification::source::v1::CheckVerdict;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    CertificateState, SourceHealth, VerificationJobState, VerificationVerdict,
};
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::Code;

/// The source asks by itself, and nothing is looked for twice.
fn automatic(fake: &FakeLookup) -> impl FnOnce(&mut Config) {
    let lookup = fake.configured("lookup");
    |config| {
        config.certificate_sources.push(lookup);
        config.automatic_sources = vec!["lookup".to_owned()];
        config.recheck_attempts = 0;
    }
}

async fn left_by(world: &World, name: &str, state: CertificateState) -> wire::Certificate {
    eventually("the source has answered", async || {
        Some(certificate(world, name).await).filter(|now| now.state() == state)
    })
    .await
}

#[tokio::test]
async fn a_claim_is_checked_by_itself_and_tells_how_its_source_answers() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    // How a source answers, each process knows of those it has asked itself.
    let world = World::alone(automatic(&fake)).await;
    world.accredit("north").await;
    let person = second(&world);
    let dry = wire::ClaimCertificateRequest { validate_only: true, ..claim_of(&person) };
    let tried = claim(&world, "shop", dry).await.unwrap().certificate.unwrap();
    assert_eq!(tried.state(), CertificateState::UnderVerification);
    assert!(fake.script.asked().is_empty(), "nothing was claimed");
    let claimed = claim(&world, "shop", claim_of(&person)).await.unwrap().certificate.unwrap();
    assert_eq!(claimed.state(), CertificateState::UnderVerification);
    left_by(&world, &claimed.name, CertificateState::Verified).await;

    let asked = wire::VerifyCertificateRequest {
        real_name: "测试·乙".to_owned(),
        document_number: "Y0000002".to_owned(),
        ..verification()
    };
    let mut shop = world.certificates("shop", Role::Platform);
    let answer = shop.verify_certificate(asked).await.unwrap().into_inner();
    assert_eq!(answer.verdict(), VerificationVerdict::Verified);
    assert_eq!(answer.certificate.unwrap().source_health(), SourceHealth::Up);
    let list = wire::ListEvidenceRequest { certificate: claimed.name.clone(), ..Default::default() };
    let told = shop.list_evidence(list).await.unwrap().into_inner().evidence;
    assert!(told[0].verification_job.starts_with(&format!("{}/verificationJobs/", claimed.name)));
    assert_eq!((told.len(), told[0].organization.as_str(), told[0].by_issuer), (1, "", false));
    settle(world).await;
}

#[tokio::test]
async fn a_claim_outlasts_a_source_that_was_silent_for_longer_than_it_is_given() {
    let fake = FakeLookup::start(Reply::Fails(Code::Unavailable)).await;
    // Of two processes one may still be asking when the other gives up.
    let world = World::alone(|config| {
        automatic(&fake)(config);
        config.certificate_sources[0].common.give_up_after_hours = 1;
    })
    .await;
    world.accredit("north").await;
    let claimed = claim(&world, "shop", claim_of(&second(&world))).await.unwrap().certificate.unwrap();
    eventually("the source is given up", async || {
        world.clock.advance(Duration::from_mins(61));
        let now = certificate(&world, &claimed.name).await;
        (now.state() == CertificateState::FormatOk).then_some(())
    })
    .await;
    let asked = fake.script.asked().len();
    fake.script.always(says(CheckVerdict::Match));
    for _ in 0..5 {
        world.clock.advance(Duration::from_mins(2));
        certificate(&world, &claimed.name).await;
    }
    assert_eq!(fake.script.asked().len(), asked, "not in a loop");
    world.clock.advance(Duration::from_hours(24));
    eventually("the claim is answered", async || {
        world.clock.advance(Duration::from_secs(1));
        let now = certificate(&world, &claimed.name).await;
        (now.state() == CertificateState::Verified).then_some(())
    })
    .await;
    settle(world).await;
}

#[tokio::test]
async fn a_claim_is_corrected_by_whoever_alone_claims_it_or_once_it_was_contradicted() {
    let fake = FakeLookup::start(says(CheckVerdict::Mismatch)).await;
    let world = World::with(automatic(&fake)).await;
    world.accredit("north").await;
    let person = second(&world);
    let of = |organization: &str| person.replace("persons/shop-", &format!("persons/{organization}-"));
    let otherwise = |organization: &str, job_type: &str| wire::ClaimCertificateRequest {
        job_type: job_type.to_owned(),
        ..claim_of(&of(organization))
    };
    let first = claim(&world, "shop", otherwise("shop", "video-creator")).await.unwrap().certificate.unwrap();
    left_by(&world, &first.name, CertificateState::Mismatch).await;
    fake.script.always(Reply::Fails(Code::Unavailable));
    let again = claim(&world, "mall", otherwise("mall", "product-selector")).await.unwrap();
    let again = again.certificate.unwrap();
    assert_eq!((&again.name, again.job_type.as_str()), (&first.name, "product-selector"), "contradicted");
    assert_eq!(again.state(), CertificateState::UnderVerification);
    let theirs = claim(&world, "shop", claim_of(&person)).await.unwrap().certificate.unwrap();
    assert_eq!(theirs.job_type, "product-selector", "another's open claim stands");
    eventually("the source was asked anew", async || (fake.script.asked().len() >= 2).then_some(())).await;
    let asked = fake.script.asked().pop().unwrap().certificate.unwrap();
    assert_eq!(asked.job_type, "product-selector");
    settle(world).await;
}

#[tokio::test]
async fn an_answer_about_what_was_claimed_before_says_nothing_of_what_is_claimed_now() {
    let fake = FakeLookup::start(crate::fake_lookup::hangs()).await;
    let world = World::with(automatic(&fake)).await;
    world.accredit("north").await;
    let request = claim_of(&second(&world));
    let first = claim(&world, "shop", request.clone()).await.unwrap().certificate.unwrap();
    eventually("the source is asked", async || (fake.script.asked().len() == 1).then_some(())).await;
    let other = wire::ClaimCertificateRequest { job_type: "video-creator".to_owned(), ..request };
    let dry = wire::ClaimCertificateRequest { validate_only: true, ..other.clone() };
    assert_eq!(claim(&world, "shop", dry).await.unwrap().certificate.unwrap().job_type, "video-creator");
    fake.script.always(says(CheckVerdict::Mismatch));
    let now = claim(&world, "shop", other).await.unwrap().certificate.unwrap();
    assert_eq!((&now.name, now.job_type.as_str()), (&first.name, "video-creator"));
    fake.script.let_go(1);
    left_by(&world, &first.name, CertificateState::Mismatch).await;
    settle(world).await;
}

#[tokio::test]
async fn a_claim_that_no_source_knows_is_left_to_whoever_claimed_it() {
    let fake = FakeLookup::start(says(CheckVerdict::NotFound)).await;
    let world = World::with(automatic(&fake)).await;
    world.accredit("north").await;
    let claimed = claim(&world, "shop", claim_of(&second(&world))).await.unwrap().certificate.unwrap();
    let missing = left_by(&world, &claimed.name, CertificateState::NotFound).await;
    assert_eq!(missing.retry_time, None);
    assert_eq!(for_review(&world, "shop", Role::Platform).await, std::slice::from_ref(&claimed.name));
    assert!(for_review(&world, "mall", Role::Platform).await.is_empty());
    settle(world).await;
}

#[tokio::test]
async fn a_match_while_the_number_is_verified_for_another_is_kept_without_effect() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let world = World::with(automatic(&fake)).await;
    filled(&world, 1).await;
    let dry = wire::ClaimCertificateRequest { validate_only: true, ..claim_of("persons/shop-p000000") };
    let tried = claim(&world, "shop", dry).await.unwrap().certificate.unwrap();
    assert_eq!(tried.state(), CertificateState::UnderVerification, "as if nobody had confirmed it");
    let claimed = claim(&world, "shop", claim_of(&second(&world))).await.unwrap().certificate.unwrap();
    left_by(&world, &claimed.name, CertificateState::FormatOk).await;
    assert_eq!(evidence(&world).await, ["lookup MATCH"]);
    let list = wire::ListVerificationJobsRequest { parent: claimed.name.clone(), ..Default::default() };
    let mut shop = world.verifications("shop", Role::Platform);
    let jobs = shop.list_verification_jobs(list).await.unwrap().into_inner().verification_jobs;
    assert_eq!((jobs.len(), jobs[0].state()), (1, VerificationJobState::Concluded));
    settle(world).await;
}
