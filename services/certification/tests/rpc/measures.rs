//! What people decide about certificates, and what was known and true of them when.

use crate::certificates::{claim, evidence, lapsed, revocation, verify, with_one};
use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    Authority, CertificateState, EvidenceResult, VerificationVerdict, certification_fact,
};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::Code;

const DAY: Duration = Duration::from_hours(24);

pub fn measure() -> wire::Measure {
    wire::Measure {
        explanation: "the site is under inspection".to_owned(),
        legal_basis: "rules of assessment, article 15".to_owned(),
        ..wire::Measure::default()
    }
}

pub fn suspension(certificate: &wire::Certificate) -> wire::SuspendCertificateRequest {
    wire::SuspendCertificateRequest {
        name: certificate.name.clone(),
        measure: Some(measure()),
        ..wire::SuspendCertificateRequest::default()
    }
}

pub fn reinstatement(certificate: &wire::Certificate) -> wire::ReinstateCertificateRequest {
    wire::ReinstateCertificateRequest {
        name: certificate.name.clone(),
        measure: Some(measure()),
        ..wire::ReinstateCertificateRequest::default()
    }
}

fn suspicion(certificate: &wire::Certificate) -> wire::SuspectForgeryRequest {
    wire::SuspectForgeryRequest {
        name: certificate.name.clone(),
        measure: Some(measure()),
        ..wire::SuspectForgeryRequest::default()
    }
}

#[tokio::test]
async fn what_the_issuer_suspends_it_reinstates_and_sources_are_heard_meanwhile() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let request_id = new_id(&world.clock.shared()).to_string();
    let request = wire::SuspendCertificateRequest {
        request_id,
        etag: certificate.etag.clone(),
        ..suspension(&certificate)
    };
    let tried = wire::SuspendCertificateRequest { validate_only: true, ..request.clone() };
    let told = north.suspend_certificate(tried).await.unwrap().into_inner();
    assert_eq!(
        (told.certificate.unwrap().state(), told.revision.as_str()),
        (CertificateState::Suspended, "")
    );
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::Verified, "only tried out");
    let answer = north.suspend_certificate(request.clone()).await.unwrap().into_inner();
    assert_eq!(north.suspend_certificate(request).await.unwrap().into_inner(), answer);
    let suspended = answer.certificate.unwrap();
    let told = suspended.measure.clone().unwrap();
    assert_eq!((suspended.state(), told.authority()), (CertificateState::Suspended, Authority::Issuer));
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::NotInForce);
    let again = north.suspend_certificate(suspension(&certificate)).await.unwrap_err();
    assert_eq!(
        (again.code(), reason(&again).as_str()),
        (Code::FailedPrecondition, "CERTIFICATE_STATE_UNFIT")
    );
    let stale =
        wire::SuspendCertificateRequest { etag: certificate.etag.clone(), ..suspension(&certificate) };
    assert_eq!(reason(&north.suspend_certificate(stale).await.unwrap_err()), "ETAG_MISMATCH");
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let contradicted = regulator.record_evidence(evidence(&certificate, EvidenceResult::Mismatch)).await;
    assert_eq!(contradicted.unwrap().into_inner().certificate.unwrap().state(), CertificateState::Suspended);
    let back = north.reinstate_certificate(reinstatement(&certificate)).await.unwrap().into_inner();
    assert_eq!(back.certificate.unwrap().state(), CertificateState::Mismatch);
    assert!(world.verified().await.is_clean());
}

fn attestation(certificate: &wire::Certificate) -> wire::RecordEvidenceRequest {
    let mut request = evidence(certificate, EvidenceResult::Match);
    let said = request.evidence.as_mut().unwrap();
    said.source = wire::EvidenceSource::AdministratorAttestation.into();
    said.artefact_sha256 = "ab".repeat(32);
    request
}

#[tokio::test]
async fn a_person_suspects_a_forgery_and_a_person_clears_it() {
    let (world, certificate) = with_one().await;
    let refused = |status: &tonic::Status| (status.code(), reason(status));
    let expected = (Code::PermissionDenied, "PERSON_REQUIRED".to_owned());
    let mut machine = world.certificates("north", Role::Issuer);
    let told = machine.suspect_forgery(suspicion(&certificate)).await.unwrap_err();
    assert_eq!(refused(&told), expected);
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::Verified, "nothing happened");
    let mut clerk = world.certificates_by("north", Role::Issuer, "clerk");
    clerk.suspect_forgery(suspicion(&certificate)).await.unwrap();
    let told = machine.reinstate_certificate(reinstatement(&certificate)).await.unwrap_err();
    assert_eq!(refused(&told), expected);
    let mut operator = world.certificates("suite", Role::SuiteOperator);
    let told = operator.record_evidence(attestation(&certificate)).await.unwrap_err();
    assert_eq!(refused(&told), expected);
    operator.record_evidence(evidence(&certificate, EvidenceResult::Match)).await.unwrap();
    let mut administrator = world.certificates_by("suite", Role::SuiteOperator, "administrator");
    let cleared = administrator.record_evidence(attestation(&certificate)).await.unwrap().into_inner();
    assert_eq!(cleared.certificate.unwrap().state(), CertificateState::Verified, "what an issuer suspected");
    clerk.suspect_forgery(suspicion(&certificate)).await.unwrap();
    let back = clerk.reinstate_certificate(reinstatement(&certificate)).await.unwrap().into_inner();
    assert_eq!(back.certificate.unwrap().state(), CertificateState::Verified);
    world.end_clean().await;
}

#[tokio::test]
async fn what_a_regulator_decides_the_issuer_cannot_undo() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let mut regulator = world.certificates("regulator", Role::Regulator);
    north.suspend_certificate(suspension(&certificate)).await.unwrap();
    let taken = regulator.suspend_certificate(suspension(&certificate)).await.unwrap().into_inner();
    let taken = taken.certificate.unwrap();
    assert_eq!(taken.measure.unwrap().authority(), Authority::Regulator);
    let refused = north.reinstate_certificate(reinstatement(&certificate)).await.unwrap_err();
    let told = (refused.code(), reason(&refused));
    assert_eq!(told, (Code::PermissionDenied, "CERTIFICATE_HELD_BY_REGULATOR".to_owned()));
    let mut inspector = world.certificates_by("regulator", Role::Regulator, "inspector");
    let suspected = inspector.suspect_forgery(suspicion(&certificate)).await.unwrap().into_inner();
    assert_eq!(suspected.certificate.unwrap().state(), CertificateState::SuspectedForged);
    let refused = north.reinstate_certificate(reinstatement(&certificate)).await.unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_HELD_BY_REGULATOR");
    let mut operator = world.certificates_by("suite", Role::SuiteOperator, "administrator");
    let attested = operator.record_evidence(attestation(&certificate)).await.unwrap().into_inner();
    assert_eq!(attested.certificate.unwrap().state(), CertificateState::SuspectedForged);
    let back = inspector.reinstate_certificate(reinstatement(&certificate)).await.unwrap().into_inner();
    assert_eq!(back.certificate.unwrap().state(), CertificateState::Verified);
    let mut south = world.certificates("south", Role::Issuer);
    for refused in [
        south.suspend_certificate(suspension(&certificate)).await.unwrap_err(),
        south.reinstate_certificate(reinstatement(&certificate)).await.unwrap_err(),
        south.suspect_forgery(suspicion(&certificate)).await.unwrap_err(),
    ] {
        assert_eq!(reason(&refused), "CERTIFICATE_NOT_FOUND");
    }
    let mut platform = world.certificates("shop", Role::Platform);
    let refused = platform.suspend_certificate(suspension(&certificate)).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn a_decision_tells_what_it_must_and_lies_between_the_issue_and_now() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let now = world.clock.shared().now();
    let day = |text: &str| {
        let date = greenroom_domain::kernel::Date::parse(text).unwrap();
        Some(timestamp(date.beijing_midnight()))
    };
    for wrong in [
        None,
        Some(wire::Measure { explanation: " ".to_owned(), ..measure() }),
        Some(wire::Measure { legal_basis: "x".repeat(201), ..measure() }),
        Some(wire::Measure { effective_time: Some(timestamp(now.plus(DAY))), ..measure() }),
        Some(wire::Measure { effective_time: day("2024-05-05"), ..measure() }),
        Some(wire::Measure { authority: Authority::Regulator.into(), ..measure() }),
    ] {
        let request = wire::SuspendCertificateRequest { measure: wrong, ..suspension(&certificate) };
        assert_eq!(reason(&north.suspend_certificate(request).await.unwrap_err()), "FIELDS_INVALID");
    }
    let mut early = revocation(&certificate);
    early.revocation.as_mut().unwrap().effective_time = day("2024-05-05");
    assert_eq!(reason(&north.revoke_certificate(early).await.unwrap_err()), "FIELDS_INVALID");
    let past = Some(wire::Measure { effective_time: day("2024-05-06"), ..measure() });
    let request = wire::SuspendCertificateRequest { measure: past, ..suspension(&certificate) };
    let suspended = north.suspend_certificate(request).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(suspended.state_since_time, day("2024-05-06"));
}

#[tokio::test]
async fn what_was_known_and_what_was_true_are_two_questions() {
    let (world, certificate) = with_one().await;
    let issued = world.clock.shared().now();
    world.clock.advance(DAY * 10);
    let mut north = world.certificates("north", Role::Issuer);
    let told_on = world.clock.shared().now();
    let mut request = revocation(&certificate);
    request.revocation.as_mut().unwrap().effective_time = Some(timestamp(issued.plus(DAY * 3)));
    north.revoke_certificate(request).await.unwrap();
    let read = async |known: Option<Duration>, effective: Option<Duration>| {
        let at = |days: Option<Duration>| days.map(|days| timestamp(issued.plus(days)));
        let as_of = Some(wire::AsOf { known_time: at(known), effective_time: at(effective) });
        let mut north = world.certificates("north", Role::Issuer);
        let list = wire::ListCertificatesRequest { as_of, ..Default::default() };
        let listed = north.list_certificates(list).await.unwrap().into_inner().certificates;
        let get = wire::GetCertificateRequest { name: certificate.name.clone(), as_of };
        match north.get_certificate(get).await {
            Ok(read) => {
                let read = read.into_inner().certificate.unwrap();
                assert_eq!(listed, std::slice::from_ref(&read));
                Some(read.state())
            }
            Err(status) => {
                assert_eq!((reason(&status).as_str(), listed.len()), ("CERTIFICATE_NOT_FOUND", 0));
                None
            }
        }
    };
    let (verified, revoked) = (Some(CertificateState::Verified), Some(CertificateState::Revoked));
    assert_eq!(read(None, None).await, revoked);
    assert_eq!(read(Some(DAY * 5), None).await, verified, "nobody knew on day 5");
    assert_eq!(read(Some(DAY * 5), Some(DAY * 5)).await, verified);
    assert_eq!(read(None, Some(DAY * 5)).await, revoked, "it was revoked on day 5 all the same");
    assert_eq!(read(None, Some(DAY * 2)).await, verified, "and was not on day 2");
    assert_eq!(read(None, Some(Duration::ZERO)).await, verified);
    let before = wire::AsOf { known_time: Some(timestamp(issued.minus(DAY))), effective_time: None };
    let get = wire::GetCertificateRequest { name: certificate.name.clone(), as_of: Some(before) };
    assert_eq!(reason(&north.get_certificate(get).await.unwrap_err()), "CERTIFICATE_NOT_FOUND");
    let ahead = wire::AsOf { known_time: Some(timestamp(told_on.plus(DAY))), effective_time: None };
    let get = wire::GetCertificateRequest { name: certificate.name.clone(), as_of: Some(ahead) };
    assert_eq!(reason(&north.get_certificate(get).await.unwrap_err()), "FIELDS_INVALID");
}

/// How often the feed told that evidence had run out.
async fn lapses(world: &World) -> usize {
    let mut feed = world.feed();
    let request = wire::WatchCertificationEventsRequest { cursor: String::new() };
    let mut stream = feed.watch_certification_events(request).await.unwrap().into_inner();
    let mut count = 0;
    while let Some(answer) = stream.message().await.unwrap() {
        let facts = answer.events.into_iter().filter_map(|event| event.fact?.fact);
        count += facts
            .filter(|fact| {
                let certification_fact::Fact::Certificate(fact) = fact else { return false };
                fact.evidence_lapsed_time.is_some()
            })
            .count();
        if answer.current_time.is_some() {
            break;
        }
    }
    count
}

#[tokio::test]
async fn evidence_that_runs_out_is_told_once_at_its_instant_by_two_replicas() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", crate::rolls::roll(1300).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let certificates = world.all_certificates("north").await;
    let _other = world.another().await;
    world.clock.advance(Duration::from_secs(180 * 86_400 - 1));
    assert_eq!(lapses(&world).await, 0);
    world.clock.advance(Duration::from_secs(1));
    greenroom_testkit::eventually("all are told", async || {
        world.clock.advance(Duration::from_secs(1));
        (lapses(&world).await == 1300).then_some(())
    })
    .await;
    let told = lapsed(&world, &certificates[0]).await;
    assert_eq!(told.evidence_lapsed_time, told.evidence_until_time);
    assert_eq!((told.state(), told.etag.as_str()), (CertificateState::Verified, "\"2\""));
    world.clock.advance(DAY);
    assert!(world.all_certificates("north").await.iter().all(|certificate| certificate.etag == "\"2\""));
    assert_eq!(lapses(&world).await, 1300);
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn what_ran_out_while_the_service_stood_still_is_told_when_it_runs_again() {
    let (world, certificate) = with_one().await;
    let clock = world.clock.clone();
    let restarted = world.restart_after(|| clock.advance(DAY * 200)).await;
    let told = lapsed(&restarted, &certificate).await;
    assert_eq!(told.evidence_lapsed_time, certificate.evidence_until_time, "as of its instant");
    assert!(restarted.verified().await.is_clean());
}

#[tokio::test]
async fn a_plan_survives_that_evidence_runs_out_before_it_is_applied() {
    let (world, certificate) = with_one().await;
    world.clock.advance(DAY * 179);
    let import = world.plan("north", crate::rolls::roll(1).as_bytes(), "").await.unwrap();
    assert_eq!(import.totals.unwrap().update_count, 1);
    world.clock.advance(DAY * 2);
    lapsed(&world, &certificate).await;
    world.apply("north", &import).await.unwrap();
    let renewed = world.all_certificates("north").await.remove(0);
    assert!(renewed.evidence_lapsed_time.is_none());
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn many_claims_are_verified_each_by_itself() {
    let (world, _) = with_one().await;
    let malformed = wire::VerifyCertificateRequest { number: String::new(), ..claim() };
    let unknown = wire::VerifyCertificateRequest { real_name: "张样例".to_owned(), ..claim() };
    let mut platform = world.certificates("shop", Role::Platform);
    let requests = vec![claim(), malformed, unknown, claim()];
    let batch = wire::BatchVerifyCertificatesRequest { requests };
    let outcomes = platform.batch_verify_certificates(batch).await.unwrap().into_inner().outcomes;
    let verdicts: Vec<Result<VerificationVerdict, String>> = outcomes
        .iter()
        .map(|outcome| match outcome.outcome.as_ref().unwrap() {
            wire::verification_outcome::Outcome::Verification(answer) => Ok(answer.verdict()),
            wire::verification_outcome::Outcome::Failure(failure) => {
                assert_eq!(failure.field_faults[0].field, "number");
                Err(failure.reason.clone())
            }
        })
        .collect();
    let verified = Ok(VerificationVerdict::Verified);
    let refused = Err("FIELDS_INVALID".to_owned());
    assert_eq!(verdicts, [verified.clone(), refused, Ok(VerificationVerdict::NotFound), verified]);
    assert_eq!(outcomes[0], outcomes[3]);
    for count in [0, 501] {
        let batch = wire::BatchVerifyCertificatesRequest { requests: vec![claim(); count] };
        let refused = platform.batch_verify_certificates(batch).await.unwrap_err();
        assert_eq!(reason(&refused), "FIELDS_INVALID");
    }
    let batch = wire::BatchVerifyCertificatesRequest { requests: vec![claim(); 500] };
    let outcomes = platform.batch_verify_certificates(batch).await.unwrap().into_inner().outcomes;
    assert!(outcomes.len() == 500 && outcomes.windows(2).all(|pair| pair[0] == pair[1]));
}
