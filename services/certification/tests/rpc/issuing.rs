//! Certificates as they are issued, one by one.

use crate::certificates::{NUMBER, evidence, with_one};
use crate::world::{STANDARD, World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{CertificateState, EvidenceResult};
use greenroom_proto::identity::v1::DocumentType;
use greenroom_rpc::clock::new_id;
use std::collections::BTreeSet;

/// Somebody whom `north` knows.
fn candidate(world: &World, number: usize) -> String {
    let person =
        world.identity.register(&format!("考生·{number}"), DocumentType::Passport, &format!("Z{number:07}"));
    person.replace("persons/", "persons/north-")
}

fn issuance(person: &str) -> wire::IssueCertificateRequest {
    wire::IssueCertificateRequest {
        issuer: "issuers/north".to_owned(),
        person: person.to_owned(),
        standard: STANDARD.to_owned(),
        job_type: "live-salesperson".to_owned(),
        level: wire::Level::Level3.into(),
        issue_date: "2026-11-01".to_owned(),
        site: "DEMO00".to_owned(),
        ..wire::IssueCertificateRequest::default()
    }
}

async fn issue(
    world: &World,
    request: wire::IssueCertificateRequest,
) -> Result<wire::Certificate, tonic::Status> {
    let answer = world.certificates("north", Role::Issuer).issue_certificate(request).await?;
    Ok(answer.into_inner().certificate.unwrap())
}

#[tokio::test]
async fn an_issued_certificate_is_verified_under_the_next_well_formed_number() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = candidate(&world, 1);
    let tried = wire::IssueCertificateRequest { validate_only: true, ..issuance(&person) };
    assert_eq!(issue(&world, tried).await.unwrap().number, "S000033DEMO00263000001");
    let request_id = new_id(&world.clock.shared()).to_string();
    let request = wire::IssueCertificateRequest { request_id, ..issuance(&person) };
    let first = issue(&world, request.clone()).await.unwrap();
    assert_eq!(
        (first.state(), first.number.as_str()),
        (CertificateState::Verified, "S000033DEMO00263000001")
    );
    assert_eq!(issue(&world, request).await.unwrap(), first, "a replay issues nothing");
    assert_eq!(issue(&world, issuance(&person)).await.unwrap().number, "S000033DEMO00263000002");
    let four = wire::IssueCertificateRequest { level: wire::Level::Level4.into(), ..issuance(&person) };
    assert_eq!(issue(&world, four).await.unwrap().number, "S000033DEMO00264000001", "another series");
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn two_issues_at_the_same_time_never_share_a_number() {
    let world = World::start().await;
    world.accredit("north").await;
    let other = world.another().await;
    let channel = greenroom_rpc::client::connect(&format!("http://{}", other.address)).unwrap();
    let persons: Vec<String> = (0..12).map(|number| candidate(&world, number)).collect();
    let calls = persons.iter().enumerate().map(|(place, person)| {
        let mut client = match place % 2 {
            0 => world.certificates("north", Role::Issuer),
            _ => world.certificates_through(&channel, "north", Role::Issuer),
        };
        async move { client.issue_certificate(issuance(person)).await }
    });
    let issued = futures::future::join_all(calls).await;
    let numbers: BTreeSet<String> =
        issued.into_iter().map(|answer| answer.unwrap().into_inner().certificate.unwrap().number).collect();
    let expected: BTreeSet<String> = (1..=12).map(|serial| format!("S000033DEMO00263{serial:06}")).collect();
    assert_eq!(numbers, expected);
    assert!(world.verified().await.is_clean());
}

#[tokio::test]
async fn gaps_are_used_once_the_last_number_is_taken() {
    let world = World::start().await;
    world.accredit("north").await;
    let given = |serial: u32| wire::IssueCertificateRequest {
        number: format!("S000033DEMO00263{serial:06}"),
        site: String::new(),
        ..issuance(&candidate(&world, 1))
    };
    for serial in [999_999, 1, 3] {
        issue(&world, given(serial)).await.unwrap();
    }
    for serial in [2, 4] {
        let next = issue(&world, issuance(&candidate(&world, 2))).await.unwrap();
        assert_eq!(next.number, format!("S000033DEMO00263{serial:06}"));
    }
    let taken = issue(&world, given(1)).await.unwrap_err();
    assert_eq!(reason(&taken), "CERTIFICATE_NUMBER_TAKEN");
}

#[tokio::test]
async fn nobody_gives_numbers_of_anothers_site_and_a_site_tells_who_issued() {
    let world = World::start().await;
    world.accredit("north").await;
    let mut south = crate::world::accreditation_of("south");
    south.issuer.as_mut().unwrap().sites = vec![wire::IssuerSite {
        sequence: "DEMO00".to_owned(),
        province: "33".to_owned(),
        display_name: "South Gate".to_owned(),
        from_date: "2022-01-01".to_owned(),
        to_date: String::new(),
    }];
    world.issuers().accredit_issuer(south).await.unwrap();
    let person = candidate(&world, 1);
    let number = "S000033DEMO00263000001".to_owned();
    let given =
        wire::IssueCertificateRequest { number: number.clone(), site: String::new(), ..issuance(&person) };
    for request in [issuance(&person), given] {
        assert_eq!(reason(&issue(&world, request).await.unwrap_err()), "SITE_TAKEN");
    }
    let elsewhere = wire::IssueCertificateRequest { site: "DEMO01".to_owned(), ..issuance(&person) };
    assert!(issue(&world, elsewhere).await.is_ok());
    let claim = wire::ClaimCertificateRequest {
        number,
        issue_date: "2026-11-01".to_owned(),
        ..crate::claims::claim_of(&crate::claims::second(&world))
    };
    let claimed = crate::claims::claim(&world, "shop", claim).await.unwrap().certificate.unwrap();
    assert_eq!(claimed.issuer, "issuers/south", "two are filed alike, and the site is one's alone");
}

#[tokio::test]
async fn what_may_not_be_issued_is_refused_by_name() {
    let (world, _) = with_one().await;
    let person = candidate(&world, 1);
    let base = || issuance(&person);
    let numbered = |number: &str| wire::IssueCertificateRequest {
        number: number.to_owned(),
        site: String::new(),
        ..base()
    };
    for (request, expected) in [
        (
            wire::IssueCertificateRequest { person: "persons/shop-p1".to_owned(), ..base() },
            "PERSON_NOT_FOUND",
        ),
        (wire::IssueCertificateRequest { issuer: "issuers/south".to_owned(), ..base() }, "ISSUER_NOT_FOUND"),
        (
            wire::IssueCertificateRequest { standard: "standards/x".to_owned(), ..base() },
            "STANDARD_NOT_FOUND",
        ),
        (wire::IssueCertificateRequest { issue_date: "2026-12-31".to_owned(), ..base() }, "FIELDS_INVALID"),
        (
            wire::IssueCertificateRequest { issue_date: "2021-12-31".to_owned(), ..base() },
            "ISSUER_NOT_ACCREDITED",
        ),
        (wire::IssueCertificateRequest { site: "demo".to_owned(), ..base() }, "FIELDS_INVALID"),
        (wire::IssueCertificateRequest { job_type: "juggler".to_owned(), ..base() }, "FIELDS_INVALID"),
        (numbered("S000033DEMO00264000001"), "CERTIFICATE_NUMBER_CONFLICT"),
        (numbered("Y000033DEMO00263000001"), "CERTIFICATE_NUMBER_CONFLICT"),
        (numbered("ABC1"), "FIELDS_INVALID"),
        (
            wire::IssueCertificateRequest { issue_date: "2024-05-06".to_owned(), ..numbered(NUMBER) },
            "CERTIFICATE_NUMBER_TAKEN",
        ),
        (
            wire::IssueCertificateRequest { supersedes: "certificates/none".to_owned(), ..base() },
            "CERTIFICATE_NOT_FOUND",
        ),
    ] {
        let asked = format!("{request:?}");
        assert_eq!(reason(&issue(&world, request).await.unwrap_err()), expected, "{asked}");
    }
    assert_eq!(world.all_certificates("north").await.len(), 1);
    let foreign = world.certificates("south", Role::Issuer).issue_certificate(base()).await.unwrap_err();
    assert_eq!(reason(&foreign), "ISSUER_NOT_FOUND");
}

#[tokio::test]
async fn a_higher_level_replaces_a_lower_one_only_if_the_issuer_says_so_and_gives_it_back() {
    let world = World::start().await;
    world.accredit("north").await;
    let person = candidate(&world, 1);
    let at = |level: wire::Level| wire::IssueCertificateRequest { level: level.into(), ..issuance(&person) };
    let lower = issue(&world, at(wire::Level::Level4)).await.unwrap();
    issue(&world, at(wire::Level::Level3)).await.unwrap();
    let read = async |name: &str| {
        let get = wire::GetCertificateRequest { name: name.to_owned(), as_of: None };
        let mut north = world.certificates("north", Role::Issuer);
        north.get_certificate(get).await.unwrap().into_inner().certificate.unwrap()
    };
    assert_eq!(read(&lower.name).await.state(), CertificateState::Verified, "never by itself");
    let replacing = |level| wire::IssueCertificateRequest { supersedes: lower.name.clone(), ..at(level) };
    let same = issue(&world, replacing(wire::Level::Level4)).await.unwrap_err();
    assert_eq!(reason(&same), "CERTIFICATE_NOT_SUPERSEDABLE");
    let other =
        wire::IssueCertificateRequest { person: candidate(&world, 2), ..replacing(wire::Level::Level2) };
    assert_eq!(reason(&issue(&world, other).await.unwrap_err()), "CERTIFICATE_NOT_SUPERSEDABLE");
    let higher = issue(&world, replacing(wire::Level::Level2)).await.unwrap();
    let replaced = read(&lower.name).await;
    assert_eq!((replaced.state(), &replaced.superseded_by), (CertificateState::Superseded, &higher.name));
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let late = regulator.record_evidence(evidence(&lower, EvidenceResult::Match)).await.unwrap_err();
    assert_eq!(reason(&late), "CERTIFICATE_STATE_UNFIT");
    let mut north = world.certificates("north", Role::Issuer);
    north.revoke_certificate(crate::certificates::revocation(&higher)).await.unwrap();
    let back = wire::ReinstateCertificateRequest {
        name: lower.name,
        measure: Some(crate::measures::measure()),
        ..wire::ReinstateCertificateRequest::default()
    };
    let back = north.reinstate_certificate(back).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!((back.state(), back.superseded_by.as_str()), (CertificateState::Verified, ""));
    assert!(world.verified().await.is_clean());
}
