use crate::rolls::{HEADING, good_row, roll};
use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    CertificateState, ClaimFieldMatch, EvidenceResult, EvidenceSource, VerificationVerdict,
};
use prost::Message as _;
use std::time::Duration;
use tonic::Code;

pub const NUMBER: &str = "S000033000000243000001";

pub async fn with_one() -> (World, wire::Certificate) {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let certificate = world.all_certificates("north").await.remove(0);
    (world, certificate)
}

pub fn claim() -> wire::VerifyCertificateRequest {
    wire::VerifyCertificateRequest {
        number: NUMBER.to_lowercase(),
        real_name: "测试•000001".to_owned(),
        document_type: "PASSPORT".to_owned(),
        document_number: "x0000001".to_owned(),
        level: wire::Level::Level3.into(),
        job_type: "live-salesperson".to_owned(),
    }
}

pub async fn verify(world: &World, claim: wire::VerifyCertificateRequest) -> wire::VerifyCertificateResponse {
    let mut platform = world.certificates("shop", Role::Platform);
    platform.verify_certificate(claim).await.unwrap().into_inner()
}

pub fn evidence(certificate: &wire::Certificate, result: EvidenceResult) -> wire::RecordEvidenceRequest {
    wire::RecordEvidenceRequest {
        certificate: certificate.name.clone(),
        evidence: Some(wire::Evidence {
            source: EvidenceSource::OfficialLookup.into(),
            result: result.into(),
            check_time: None,
            artefact_sha256: String::new(),
        }),
        ..wire::RecordEvidenceRequest::default()
    }
}

pub fn revocation(certificate: &wire::Certificate) -> wire::RevokeCertificateRequest {
    wire::RevokeCertificateRequest {
        name: certificate.name.clone(),
        revocation: Some(wire::Revocation {
            reason: wire::RevocationReason::Cheating.into(),
            explanation: "the theory exam was sat by another person".to_owned(),
            legal_basis: "rules of assessment, article 9".to_owned(),
            ..wire::Revocation::default()
        }),
        ..wire::RevokeCertificateRequest::default()
    }
}

/// The certificate once it is noted that its evidence has run out.
pub async fn lapsed(world: &World, certificate: &wire::Certificate) -> wire::Certificate {
    greenroom_testkit::eventually("the lapse is told", async || {
        let get = wire::GetCertificateRequest { name: certificate.name.clone(), as_of: None };
        let read = world.certificates("north", Role::Issuer).get_certificate(get).await.unwrap();
        read.into_inner().certificate.filter(|read| read.evidence_lapsed_time.is_some())
    })
    .await
}

#[tokio::test]
async fn what_is_claimed_rightly_is_verified_field_by_field() {
    let (world, certificate) = with_one().await;
    let answer = verify(&world, claim()).await;
    assert_eq!(answer.verdict(), VerificationVerdict::Verified);
    let fits = answer.r#match.unwrap();
    assert!(
        [fits.number(), fits.real_name(), fits.document_number(), fits.level()]
            .iter()
            .all(|it| *it == ClaimFieldMatch::Match)
    );
    assert_eq!(answer.certificate.unwrap().certificate, certificate.name);
}

#[tokio::test]
async fn wrong_name_wrong_document_and_wrong_number_look_alike_to_an_outsider() {
    let (world, certificate) = with_one().await;
    let name = wire::VerifyCertificateRequest { real_name: "张样例".to_owned(), ..claim() };
    let document = wire::VerifyCertificateRequest { document_number: "x0000002".to_owned(), ..claim() };
    let kind = wire::VerifyCertificateRequest { document_type: "TRAVEL_PERMIT".to_owned(), ..claim() };
    let number = wire::VerifyCertificateRequest { number: NUMBER.replace("000001", "000002"), ..claim() };
    let mut answers = Vec::new();
    for wrong in [name.clone(), document, kind, number] {
        let answer = verify(&world, wrong).await;
        answers.push(wire::VerifyCertificateResponse { verify_time: None, ..answer });
    }
    assert_eq!(answers[0].verdict(), VerificationVerdict::NotFound);
    assert!(answers[0].certificate.is_none());
    assert_eq!(answers[0].r#match.unwrap().real_name(), ClaimFieldMatch::NotCompared);
    for answer in &answers[1..] {
        assert_eq!(answer.encode_to_vec(), answers[0].encode_to_vec());
    }
    for mut insider in [world.certificates("north", Role::Issuer), world.certificates("r", Role::Regulator)] {
        let answer = insider.verify_certificate(name.clone()).await.unwrap().into_inner();
        assert_eq!(answer.verdict(), VerificationVerdict::Mismatch);
        let fits = answer.r#match.unwrap();
        assert_eq!((fits.number(), fits.real_name()), (ClaimFieldMatch::Match, ClaimFieldMatch::Mismatch));
        assert_eq!(fits.level(), ClaimFieldMatch::NotCompared);
    }
    let mut other = world.certificates("south", Role::Issuer);
    let answer = other.verify_certificate(name).await.unwrap().into_inner();
    assert_eq!(answer.verdict(), VerificationVerdict::NotFound, "{}", certificate.name);
}

#[tokio::test]
async fn a_number_nobody_knows_is_not_found_and_one_that_contradicts_itself_a_mismatch() {
    let (world, _) = with_one().await;
    let unknown = wire::VerifyCertificateRequest { number: NUMBER.replace("000001", "000002"), ..claim() };
    assert_eq!(verify(&world, unknown).await.verdict(), VerificationVerdict::NotFound);
    let wrong_level = wire::VerifyCertificateRequest { level: wire::Level::Level1.into(), ..claim() };
    let answer = verify(&world, wrong_level).await;
    assert_eq!(answer.verdict(), VerificationVerdict::Mismatch);
    assert_eq!(answer.findings[0].code, "LEVEL_CONFLICT");
    assert!(!answer.findings[0].message_zh.is_ascii());
}

#[tokio::test]
async fn a_silent_identity_service_is_unavailable_and_never_a_mismatch() {
    let (world, _) = with_one().await;
    world.identity.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut platform = world.certificates("shop", Role::Platform);
    let refused = platform.verify_certificate(claim()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "DEPENDENCY_UNAVAILABLE"));
    let malformed = wire::VerifyCertificateRequest { number: String::new(), ..claim() };
    assert_eq!(reason(&platform.verify_certificate(malformed).await.unwrap_err()), "FIELDS_INVALID");
}

#[tokio::test]
async fn evidence_grows_old_and_is_renewed() {
    let (world, certificate) = with_one().await;
    world.clock.advance(Duration::from_hours(24 * 181));
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::Stale);
    // That it has run out is told by itself; what follows must not race with that.
    let certificate = lapsed(&world, &certificate).await;
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let silent = evidence(&certificate, EvidenceResult::SourceUnavailable);
    let unchanged = regulator.record_evidence(silent).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(unchanged.etag, certificate.etag);
    let matching = evidence(&certificate, EvidenceResult::Match);
    regulator.record_evidence(matching).await.unwrap();
    let answer = verify(&world, claim()).await;
    assert_eq!(answer.verdict(), VerificationVerdict::Verified);
    assert_eq!(answer.certificate.unwrap().source(), EvidenceSource::OfficialLookup);
    let not_found = evidence(&certificate, EvidenceResult::NotFound);
    let answer = regulator.record_evidence(not_found).await.unwrap().into_inner();
    let lost = answer.certificate.unwrap();
    assert_eq!(lost.state(), CertificateState::NotFound);
    assert!(lost.retry_time.is_some());
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::NotInForce);
}

#[tokio::test]
async fn an_issuer_is_believed_against_its_certificate_and_not_in_its_favour() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let not_found = evidence(&certificate, EvidenceResult::NotFound);
    let lost = north.record_evidence(not_found).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(lost.state(), CertificateState::NotFound);
    let mut attested = evidence(&certificate, EvidenceResult::Match);
    let said = attested.evidence.as_mut().unwrap();
    said.source = EvidenceSource::AdministratorAttestation.into();
    said.artefact_sha256 = "ab".repeat(32);
    let looked_up = evidence(&certificate, EvidenceResult::Match);
    for request in [looked_up.clone(), attested] {
        let answer = north.record_evidence(request).await.unwrap().into_inner();
        assert_eq!(answer.certificate.unwrap(), lost);
        assert!(!answer.revision.is_empty(), "it is kept");
    }
    let found = regulator.record_evidence(looked_up).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(found.state(), CertificateState::Verified);
}

#[tokio::test]
async fn evidence_that_may_not_be_recorded_is_refused_by_name() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let with = |source: EvidenceSource| {
        let mut request = evidence(&certificate, EvidenceResult::Match);
        request.evidence.as_mut().unwrap().source = source.into();
        request
    };
    for (source, expected) in [
        (EvidenceSource::IssuerRoll, "FIELDS_INVALID"),
        (EvidenceSource::AdministratorAttestation, "FIELDS_INVALID"),
        (EvidenceSource::Sandbox, "SANDBOX_SOURCE_DISABLED"),
    ] {
        assert_eq!(reason(&north.record_evidence(with(source)).await.unwrap_err()), expected);
    }
    let stale =
        wire::RecordEvidenceRequest { etag: "\"9\"".to_owned(), ..with(EvidenceSource::OfficialLookup) };
    assert_eq!(reason(&north.record_evidence(stale).await.unwrap_err()), "ETAG_MISMATCH");
}

#[tokio::test]
async fn a_revoked_certificate_stays_revoked() {
    let (world, certificate) = with_one().await;
    let mut north = world.certificates("north", Role::Issuer);
    let answer = north.revoke_certificate(revocation(&certificate)).await.unwrap().into_inner();
    let revoked = answer.certificate.unwrap();
    assert!(revoked.state() == CertificateState::Revoked && !answer.revision.is_empty());
    assert_eq!(revoked.revocation.unwrap().reason(), wire::RevocationReason::Cheating);
    assert_eq!(verify(&world, claim()).await.verdict(), VerificationVerdict::NotInForce);
    let again = north.revoke_certificate(revocation(&certificate)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "CERTIFICATE_REVOKED"));
    let late = north.record_evidence(evidence(&certificate, EvidenceResult::Match)).await.unwrap_err();
    assert_eq!(reason(&late), "CERTIFICATE_REVOKED");
    let import = world.plan("north", (HEADING.to_owned() + &good_row(1)).as_bytes(), "").await.unwrap();
    let rows = world.rows("north", &import).await;
    assert_eq!(rows[0].findings[0].code, "CERTIFICATE_REVOKED");
}

#[tokio::test]
async fn a_certificate_of_another_issuer_is_not_there() {
    let (world, certificate) = with_one().await;
    let mut south = world.certificates("south", Role::Issuer);
    let get = wire::GetCertificateRequest { name: certificate.name.clone(), as_of: None };
    assert_eq!(reason(&south.get_certificate(get.clone()).await.unwrap_err()), "CERTIFICATE_NOT_FOUND");
    assert_eq!(
        reason(&south.revoke_certificate(revocation(&certificate)).await.unwrap_err()),
        "CERTIFICATE_NOT_FOUND"
    );
    assert!(world.all_certificates("south").await.is_empty());
    let list = wire::ListCertificatesRequest {
        number: NUMBER.to_owned(),
        ..wire::ListCertificatesRequest::default()
    };
    assert!(south.list_certificates(list.clone()).await.unwrap().into_inner().certificates.is_empty());
    let mut regulator = world.certificates("regulator", Role::Regulator);
    assert_eq!(regulator.list_certificates(list).await.unwrap().into_inner().certificates.len(), 1);
    assert!(regulator.get_certificate(get).await.is_ok());
}
