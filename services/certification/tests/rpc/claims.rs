//! Claims to certificates, by platforms.

use crate::certificates::{NUMBER, claim as verification, evidence, revocation, verify, with_one};
use crate::world::{STANDARD, World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    CertificateFinding, CertificateState, EvidenceResult, VerificationVerdict,
};
use greenroom_proto::identity::v1::DocumentType;
use greenroom_rpc::clock::new_id;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

/// The second person, whom only platforms know.
pub fn second(world: &World) -> String {
    let person = world.identity.register("测试·乙", DocumentType::Passport, "Y0000002");
    person.replace("persons/", "persons/shop-")
}

pub fn claim_of(person: &str) -> wire::ClaimCertificateRequest {
    wire::ClaimCertificateRequest {
        person: person.to_owned(),
        number: NUMBER.to_owned(),
        standard: STANDARD.to_owned(),
        job_type: "live-salesperson".to_owned(),
        level: wire::Level::Level3.into(),
        issuer: String::new(),
        issue_date: "2024-05-06".to_owned(),
        ..wire::ClaimCertificateRequest::default()
    }
}

pub async fn claim(
    world: &World,
    organization: &str,
    request: wire::ClaimCertificateRequest,
) -> Result<wire::ClaimCertificateResponse, tonic::Status> {
    let mut platform = world.certificates(organization, Role::Platform);
    Ok(platform.claim_certificate(request).await?.into_inner())
}

async fn seen(world: &World, organization: &str) -> Vec<wire::Certificate> {
    let mut platform = world.certificates(organization, Role::Platform);
    let list = wire::ListCertificatesRequest::default();
    platform.list_certificates(list).await.unwrap().into_inner().certificates
}

#[tokio::test]
async fn a_claim_is_looked_at_offline_and_seen_by_its_claimant_alone() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = second(&world);
    let answer = claim(&world, "shop", claim_of(&person)).await.unwrap();
    let claimed = answer.certificate.unwrap();
    assert_eq!(claimed.state(), CertificateState::FormatOk);
    assert_eq!(claimed.issuer, "issuers/north", "it alone is filed with what the number says");
    assert!(answer.findings.is_empty() && !answer.revision.is_empty());
    assert_eq!(seen(&world, "shop").await, std::slice::from_ref(&claimed));
    let get = wire::GetCertificateRequest { name: claimed.name.clone(), as_of: None };
    assert!(world.certificates("shop", Role::Platform).get_certificate(get.clone()).await.is_ok());
    let refused = world.certificates("mall", Role::Platform).get_certificate(get).await.unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_NOT_FOUND");
    assert!(seen(&world, "mall").await.is_empty());
    let asked = wire::VerifyCertificateRequest {
        real_name: "测试·乙".to_owned(),
        document_number: "Y0000002".to_owned(),
        ..verification()
    };
    let mut mall = world.certificates("mall", Role::Platform);
    let answer = mall.verify_certificate(asked.clone()).await.unwrap().into_inner();
    assert_eq!(answer.verdict(), VerificationVerdict::NotFound, "nobody has confirmed anything");
    assert_eq!(verify(&world, asked).await.verdict(), VerificationVerdict::NotInForce);
    let suspend = wire::SuspendCertificateRequest { name: claimed.name.clone(), ..Default::default() };
    let refused = world.certificates("shop", Role::Issuer).suspend_certificate(suspend).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let refused = world.certificates("shop", Role::Issuer).revoke_certificate(revocation(&claimed)).await;
    assert_eq!(reason(&refused.unwrap_err()), "CERTIFICATE_NOT_FOUND", "to have claimed it is not enough");
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn a_number_that_contradicts_the_claim_is_refused_with_every_check_that_failed() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = second(&world);
    let wrong = wire::ClaimCertificateRequest {
        level: wire::Level::Level1.into(),
        job_type: "platform-administrator".to_owned(),
        issue_date: "2023-05-06".to_owned(),
        ..claim_of(&person)
    };
    let refused = claim(&world, "shop", wrong).await.unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_NUMBER_CONFLICT");
    for code in ["LEVEL_CONFLICT", "YEAR_CONFLICT", "CELL_NOT_IN_STANDARD"] {
        let details = tonic_types::StatusExt::get_details_error_info(&refused).unwrap();
        assert!(details.metadata["findings"].split(',').any(|told| told == code), "{code}");
    }
    let unknown = wire::ClaimCertificateRequest { number: "ABC123".to_owned(), ..claim_of(&person) };
    let answer = claim(&world, "shop", unknown).await.unwrap();
    let claimed = answer.certificate.unwrap();
    assert_eq!((claimed.state(), claimed.issuer.as_str()), (CertificateState::Claimed, ""));
    assert_eq!(answer.findings[0].code, "SCHEME_UNKNOWN");
    for (request, expected) in [
        (claim_of("persons/shop-nobody"), "PERSON_NOT_FOUND"),
        (claim_of("persons/mall-p000000"), "PERSON_NOT_FOUND"),
        (
            wire::ClaimCertificateRequest { standard: "standards/none".to_owned(), ..claim_of(&person) },
            "STANDARD_NOT_FOUND",
        ),
        (
            wire::ClaimCertificateRequest { issuer: "issuers/none".to_owned(), ..claim_of(&person) },
            "ISSUER_NOT_FOUND",
        ),
        (
            wire::ClaimCertificateRequest { issue_date: "2031-01-01".to_owned(), ..claim_of(&person) },
            "FIELDS_INVALID",
        ),
    ] {
        assert_eq!(reason(&claim(&world, "shop", request).await.unwrap_err()), expected);
    }
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn a_claim_to_what_is_on_record_for_the_very_person_is_linked_to_it() {
    let (world, certificate) = with_one().await;
    let own = "persons/shop-p000000";
    let tried = wire::ClaimCertificateRequest { validate_only: true, ..claim_of(own) };
    let told = claim(&world, "shop", tried.clone()).await.unwrap().certificate.unwrap();
    assert_eq!(told.state(), CertificateState::FormatOk, "who only tries it out is told nothing on record");
    assert!(seen(&world, "shop").await.is_empty());
    let request_id = new_id(&world.clock.shared()).to_string();
    let earnest = wire::ClaimCertificateRequest { request_id, ..claim_of(own) };
    let linked = claim(&world, "shop", earnest.clone()).await.unwrap();
    assert_eq!(linked.certificate.as_ref().unwrap(), &certificate);
    assert_eq!(claim(&world, "shop", earnest).await.unwrap(), linked, "a replay is answered as before");
    let again = claim(&world, "shop", claim_of(own)).await.unwrap();
    assert_eq!(again.certificate.unwrap(), certificate);
    assert_eq!(claim(&world, "shop", tried).await.unwrap().certificate.unwrap(), certificate);
    assert_eq!(seen(&world, "shop").await, [certificate]);
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn a_number_of_somebody_else_looks_to_the_claimant_like_any_unconfirmed_one() {
    let (world, certificate) = with_one().await;
    let person = second(&world);
    let answer = claim(&world, "shop", claim_of(&person)).await.unwrap();
    let free =
        wire::ClaimCertificateRequest { number: NUMBER.replace("000001", "000077"), ..claim_of(&person) };
    let other = claim(&world, "shop", free).await.unwrap();
    let plain = |answer: &wire::ClaimCertificateResponse| {
        let mut certificate = answer.certificate.clone().unwrap();
        certificate.name.clear();
        certificate.number.clear();
        (certificate, answer.findings.clone())
    };
    assert_eq!(plain(&answer), plain(&other));
    let claimed = answer.certificate.unwrap();
    assert_eq!(seen(&world, "shop").await.len(), 2);
    assert!(seen(&world, "shop").await.iter().all(|certificate| certificate.findings.is_empty()));
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let list = wire::ListCertificatesRequest {
        finding: CertificateFinding::NumberHeldByAnother.into(),
        ..wire::ListCertificatesRequest::default()
    };
    let shared = regulator.list_certificates(list.clone()).await.unwrap().into_inner().certificates;
    // Ids of one instant of the test's clock come in any order.
    let names: BTreeSet<&str> = shared.iter().map(|certificate| certificate.name.as_str()).collect();
    assert_eq!(names, BTreeSet::from([certificate.name.as_str(), claimed.name.as_str()]));
    let told = [i32::from(CertificateFinding::NumberHeldByAnother)];
    assert!(shared.iter().all(|certificate| certificate.findings == told));
    let mut platform = world.certificates("shop", Role::Platform);
    assert!(platform.list_certificates(list).await.unwrap().into_inner().certificates.is_empty());
    // A source that confirms the second one contradicts the first: people must decide, and nothing is confirmed twice.
    let matching = evidence(&claimed, EvidenceResult::Match);
    let disputed = regulator.record_evidence(matching.clone()).await.unwrap().into_inner();
    assert_eq!(disputed.certificate.unwrap().state(), CertificateState::FormatOk);
    regulator.revoke_certificate(revocation(&certificate)).await.unwrap();
    let confirmed = regulator.record_evidence(matching).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(confirmed.state(), CertificateState::Verified);
    let list = wire::ListEvidenceRequest { certificate: claimed.name, ..Default::default() };
    let kept = regulator.list_evidence(list.clone()).await.unwrap().into_inner().evidence;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|kept| kept.organization == "organizations/regulator" && !kept.by_issuer));
    let kept = platform.list_evidence(list.clone()).await.unwrap().into_inner().evidence;
    assert!(kept.len() == 2 && kept.iter().all(|kept| kept.organization.is_empty()));
    let mut mall = world.certificates("mall", Role::Platform);
    assert_eq!(reason(&mall.list_evidence(list).await.unwrap_err()), "CERTIFICATE_NOT_FOUND");
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn a_roll_confirms_its_own_whatever_others_have_claimed() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = second(&world);
    claim(&world, "shop", claim_of(&person)).await.unwrap();
    let import = world.plan("north", crate::rolls::roll(1).as_bytes(), "").await.unwrap();
    assert_eq!(import.totals.unwrap().create_count, 1);
    world.apply("north", &import).await.unwrap();
    assert_eq!(verify(&world, verification()).await.verdict(), VerificationVerdict::Verified);
    let holder = world.identity.register("测试·000002", DocumentType::Passport, "X0000002");
    let own = wire::ClaimCertificateRequest {
        number: NUMBER.replace("000001", "000002"),
        ..claim_of(&holder.replace("persons/", "persons/shop-"))
    };
    let claimed = claim(&world, "shop", own).await.unwrap().certificate.unwrap();
    let import = world.plan("north", crate::rolls::roll(2).as_bytes(), "").await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.update_count, totals.unchanged_count), (1, 1), "the claim is taken up by the roll");
    world.apply("north", &import).await.unwrap();
    let get = wire::GetCertificateRequest { name: claimed.name, as_of: None };
    let read = world.certificates("shop", Role::Platform).get_certificate(get).await.unwrap().into_inner();
    assert_eq!(read.certificate.unwrap().state(), CertificateState::Verified);
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn how_many_have_claimed_a_number_is_not_told_by_how_much_is_compared_either() {
    let (world, _) = with_one().await;
    for number in 2..8 {
        let document = format!("Y{number:07}");
        let person = world.identity.register("测试·乙", DocumentType::Passport, &document);
        let person = person.replace("persons/", "persons/shop-");
        let unconfirmed =
            wire::ClaimCertificateRequest { number: NUMBER.replace("000001", "000077"), ..claim_of(&person) };
        for request in [claim_of(&person), unconfirmed] {
            claim(&world, "shop", request).await.unwrap();
        }
    }
    let mut mall = world.certificates("mall", Role::Platform);
    for serial in ["000001", "000077", "000099"] {
        let before = world.identity.comparisons.load(Ordering::Relaxed);
        let asked =
            wire::VerifyCertificateRequest { number: NUMBER.replace("000001", serial), ..verification() };
        mall.verify_certificate(asked).await.unwrap();
        assert_eq!(world.identity.comparisons.load(Ordering::Relaxed), before + 1, "{serial}");
    }
}

#[tokio::test]
async fn claims_at_the_same_time_make_one_certificate() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = second(&world);
    let both = (0..6).map(|_| claim(&world, "shop", claim_of(&person)));
    for answer in futures::future::join_all(both).await {
        assert_eq!(answer.unwrap().certificate.unwrap().state(), CertificateState::FormatOk);
    }
    assert_eq!(seen(&world, "shop").await.len(), 1);
    assert!(world.verified().await.is_clean());
}
