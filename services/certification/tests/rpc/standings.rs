//! Issuers that change, are suspended, and are struck off.

use crate::rolls::roll;
use crate::world::{World, accreditation_of, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use prost_types::FieldMask;
use std::time::Duration;
use tonic::{Code, Status};
use wire::{CertificateState, IssuerStanding};

const NAME: &str = "issuers/north";
const DAY: Duration = Duration::from_hours(24);

fn site(sequence: &str) -> wire::IssuerSite {
    wire::IssuerSite {
        sequence: sequence.to_owned(),
        province: "33".to_owned(),
        display_name: "West Gate".to_owned(),
        from_date: "2022-01-01".to_owned(),
        to_date: String::new(),
    }
}

async fn read(world: &World) -> wire::Issuer {
    let request = wire::GetIssuerRequest { name: NAME.to_owned() };
    world.issuers().get_issuer(request).await.unwrap().into_inner().issuer.unwrap()
}

async fn update(world: &World, issuer: wire::Issuer, paths: &[&str]) -> Result<wire::Issuer, Status> {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let request = wire::UpdateIssuerRequest {
        issuer: Some(issuer),
        update_mask: Some(FieldMask { paths }),
        ..wire::UpdateIssuerRequest::default()
    };
    Ok(world.issuers().update_issuer(request).await?.into_inner().issuer.unwrap())
}

fn strike_off(validate_only: bool) -> wire::StrikeOffIssuerRequest {
    wire::StrikeOffIssuerRequest {
        name: NAME.to_owned(),
        reason: "sold results".to_owned(),
        legal_basis: "decision 7 of the authority".to_owned(),
        validate_only,
        ..wire::StrikeOffIssuerRequest::default()
    }
}

fn suspension() -> wire::SuspendIssuerRequest {
    wire::SuspendIssuerRequest {
        name: NAME.to_owned(),
        reason: "an inspection".to_owned(),
        legal_basis: "rule 3".to_owned(),
        ..wire::SuspendIssuerRequest::default()
    }
}

/// A world in which three certificates of `issuers/north` are verified.
async fn with_three() -> World {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    world
}

async fn found(world: &World, certificate: &wire::Certificate, result: wire::EvidenceResult) -> i32 {
    let request = wire::RecordEvidenceRequest {
        certificate: certificate.name.clone(),
        evidence: Some(wire::Evidence {
            source: wire::EvidenceSource::OfficialLookup.into(),
            result: result.into(),
            ..wire::Evidence::default()
        }),
        ..wire::RecordEvidenceRequest::default()
    };
    let mut regulator = world.certificates("regulator", Role::Regulator);
    regulator.record_evidence(request).await.unwrap().into_inner().certificate.unwrap().state
}

#[tokio::test]
async fn accreditations_and_sites_end_and_never_vanish() {
    let world = World::start().await;
    let mut request = accreditation_of("north");
    request.issuer.as_mut().unwrap().sites = vec![site("A00001")];
    world.issuers().accredit_issuer(request).await.unwrap();
    let known = read(&world).await;
    let without = wire::Issuer { accreditations: known.accreditations[1..].to_vec(), ..known.clone() };
    let refused = update(&world, without, &["accreditations"]).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "ISSUER_TERM_NOT_KEPT")
    );
    let mut past = known.clone();
    past.sites[0].to_date = "2022-12-31".to_owned();
    assert_eq!(reason(&update(&world, past, &["sites"]).await.unwrap_err()), "FIELDS_INVALID");
    let today = world.clock.now().beijing_date().to_string();
    let mut closing = known.clone();
    closing.sites[0].to_date = today.clone();
    closing.sites.push(site("A00002"));
    closing.accreditations.reverse();
    let changed = update(&world, closing, &["sites", "accreditations"]).await.unwrap();
    assert_eq!((changed.sites[0].to_date.as_str(), changed.sites.len()), (today.as_str(), 2));
    assert_eq!(changed.accreditations, known.accreditations, "in the order on record");
    assert_eq!(changed, read(&world).await);
    let stale = wire::Issuer { display_name: "South College".to_owned(), ..known };
    assert_eq!(reason(&update(&world, stale, &["display_name"]).await.unwrap_err()), "ETAG_MISMATCH");
    world.clock.advance(DAY);
    let mut reopened = changed;
    reopened.sites[0].to_date = String::new();
    assert_eq!(reason(&update(&world, reopened, &["sites"]).await.unwrap_err()), "ISSUER_TERM_NOT_KEPT");
    world.end_clean().await;
}

#[tokio::test]
async fn a_site_of_another_issuer_is_taken() {
    let world = World::start().await;
    for (id, sequence) in [("north", "A00001"), ("south", "A00002")] {
        let mut request = accreditation_of(id);
        request.issuer.as_mut().unwrap().sites = vec![site(sequence)];
        world.issuers().accredit_issuer(request).await.unwrap();
    }
    let taking = wire::Issuer { sites: vec![site("A00001"), site("A00002")], ..read(&world).await };
    let refused = update(&world, taking, &["sites"]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::AlreadyExists, "SITE_TAKEN"));
    let mut third = accreditation_of("third");
    let issuer = third.issuer.as_mut().unwrap();
    issuer.province = "99".to_owned();
    issuer.sites = vec![wire::IssuerSite { sequence: "a1".to_owned(), ..site("") }];
    let refused = world.issuers().accredit_issuer(third).await.unwrap_err();
    let details = tonic_types::StatusExt::get_details_bad_request(&refused).unwrap();
    let fields: Vec<&str> = details.field_violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["issuer.province", "issuer.sites[0].sequence"]);
    world.end_clean().await;
}

#[tokio::test]
async fn a_suspended_issuer_says_why_and_comes_back() {
    let world = with_three().await;
    let mut issuers = world.issuers();
    let suspended = issuers.suspend_issuer(suspension()).await.unwrap().into_inner().issuer.unwrap();
    assert_eq!(suspended.standing(), IssuerStanding::Suspended);
    assert_eq!(suspended.measure.unwrap().reason, "an inspection");
    assert_eq!(reason(&issuers.suspend_issuer(suspension()).await.unwrap_err()), "ISSUER_STANDING_WRONG");
    let back = wire::ReinstateIssuerRequest { name: NAME.to_owned(), ..Default::default() };
    let listed = issuers.reinstate_issuer(back.clone()).await.unwrap().into_inner().issuer.unwrap();
    assert_eq!((listed.standing(), listed.measure), (IssuerStanding::Listed, None));
    assert_eq!(reason(&issuers.reinstate_issuer(back).await.unwrap_err()), "ISSUER_STANDING_WRONG");
    world.end_clean().await;
}

#[tokio::test]
async fn a_strike_off_is_one_event_and_its_rehearsal_told_the_truth() {
    let world = with_three().await;
    let certificates = world.all_certificates("north").await;
    let revoked = wire::RevokeCertificateRequest {
        name: certificates[0].name.clone(),
        revocation: Some(wire::Revocation {
            reason: wire::RevocationReason::Cheating.into(),
            explanation: "another person sat the exam".to_owned(),
            legal_basis: "rules of assessment".to_owned(),
            effective_time: None,
            ..Default::default()
        }),
        ..wire::RevokeCertificateRequest::default()
    };
    world.certificates("north", Role::Issuer).revoke_certificate(revoked).await.unwrap();
    let before = world.facts().await.len();
    let rehearsed = world.issuers().strike_off_issuer(strike_off(true)).await.unwrap().into_inner();
    assert!(rehearsed.revision.is_empty() && world.facts().await.len() == before);
    assert_eq!(read(&world).await.standing(), IssuerStanding::Listed);
    let impact = rehearsed.impact.clone().unwrap();
    assert_eq!((impact.certificate_count, impact.in_force_count, impact.holder_count), (2, 2, 2));
    assert_eq!(impact.groups.len(), 1);
    assert_eq!(impact.groups[0].state(), CertificateState::Verified);
    let once = wire::StrikeOffIssuerRequest {
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned(),
        ..strike_off(false)
    };
    let done = world.issuers().strike_off_issuer(once.clone()).await.unwrap().into_inner();
    assert_eq!(done.impact, rehearsed.impact);
    assert_eq!(done, world.issuers().strike_off_issuer(once).await.unwrap().into_inner(), "sent again");
    let facts = world.facts().await;
    assert_eq!(facts.len(), before + 1, "one event, however many certificates");
    let Some(Fact::Issuer(fact)) = facts.last() else { panic!("another fact") };
    let now = Some(timestamp(world.clock.now()));
    assert_eq!((fact.standing(), &fact.struck_off_time), (IssuerStanding::StruckOff, &now));
    assert_eq!(fact.review_from_time, now);
    let states: Vec<CertificateState> =
        world.all_certificates("north").await.iter().map(wire::Certificate::state).collect();
    assert_eq!(
        states,
        [CertificateState::Revoked, CertificateState::IssuerStruckOff, CertificateState::IssuerStruckOff]
    );
    assert_eq!(
        reason(&world.issuers().strike_off_issuer(strike_off(false)).await.unwrap_err()),
        "ISSUER_STANDING_WRONG"
    );
    assert_eq!(
        reason(&world.issuers().suspend_issuer(suspension()).await.unwrap_err()),
        "ISSUER_STANDING_WRONG"
    );
    world.end_clean().await;
}

#[tokio::test]
async fn what_another_source_confirms_since_passes_the_review_and_nothing_else_does() {
    let world = with_three().await;
    let certificates = world.all_certificates("north").await;
    let request = wire::StrikeOffIssuerRequest {
        effective_date: "2026-10-01".to_owned(),
        review_deadline: world.clock.now().plus(DAY * 9).beijing_date().to_string(),
        ..strike_off(false)
    };
    let issuer = world.issuers().strike_off_issuer(request).await.unwrap().into_inner().issuer.unwrap();
    let measure = issuer.measure.unwrap();
    let time = |time: Option<prost_types::Timestamp>| instant(&time.unwrap()).unwrap();
    assert_eq!(time(measure.effective_time).beijing_date().to_string(), "2026-10-01");
    let ends = time(measure.review_until_time);
    assert_eq!(ends, world.clock.now().plus(DAY * 9).beijing_date().next_day().beijing_midnight());
    let struck_off = i32::from(CertificateState::IssuerStruckOff);
    let get = async |which: usize| {
        let request = wire::GetCertificateRequest { name: certificates[which].name.clone(), as_of: None };
        let mut north = world.certificates("north", Role::Issuer);
        north.get_certificate(request).await.unwrap().into_inner().certificate.unwrap().state
    };
    assert_eq!(get(0).await, struck_off);
    world.clock.advance(DAY);
    let verified = i32::from(CertificateState::Verified);
    assert_eq!(found(&world, &certificates[0], wire::EvidenceResult::Match).await, verified);
    let unknown = i32::from(CertificateState::NotFound);
    assert_eq!(found(&world, &certificates[1], wire::EvidenceResult::NotFound).await, unknown);
    let roll = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    assert_eq!(roll.totals.unwrap().invalid_count, 3, "its own word counts no more");
    world.clock.advance(DAY * 30);
    assert!(world.clock.now() > ends);
    assert_eq!([get(0).await, get(1).await, get(2).await], [verified, unknown, struck_off]);
    // Nothing comes back by itself at the deadline; who is confirmed after it comes back all the same.
    assert_eq!(found(&world, &certificates[2], wire::EvidenceResult::Match).await, verified);
    world.end_clean().await;
}

#[tokio::test]
async fn a_strike_off_means_nothing_before_it_was_known_or_true_and_certificates_are_listed_as_they_are_shown()
 {
    let world = with_three().await;
    let certificates = world.all_certificates("north").await;
    let before = world.clock.now();
    world.clock.advance(DAY * 9);
    let request = wire::StrikeOffIssuerRequest {
        effective_date: before.plus(DAY * 3).beijing_date().to_string(),
        ..strike_off(false)
    };
    world.issuers().strike_off_issuer(request).await.unwrap();
    world.clock.advance(DAY);
    found(&world, &certificates[0], wire::EvidenceResult::Match).await;
    found(&world, &certificates[1], wire::EvidenceResult::NotFound).await;
    let mut regulator = world.certificates("regulator", Role::Regulator);
    let mut state = async |known: Option<Duration>, effective: Option<Duration>| {
        let at = |time: Option<Duration>| time.map(|time| timestamp(before.plus(time)));
        let as_of = Some(wire::AsOf { known_time: at(known), effective_time: at(effective) });
        let get = wire::GetCertificateRequest { name: certificates[2].name.clone(), as_of };
        let list = wire::ListCertificatesRequest { as_of, ..Default::default() };
        let read = regulator.get_certificate(get).await.unwrap().into_inner().certificate.unwrap();
        let listed = regulator.list_certificates(list).await.unwrap().into_inner().certificates;
        assert_eq!(listed.last(), Some(&read));
        read.state()
    };
    assert_eq!(state(None, None).await, CertificateState::IssuerStruckOff);
    assert_eq!(state(Some(DAY * 8), None).await, CertificateState::Verified, "nobody knew on day 8");
    assert_eq!(
        state(None, Some(DAY * 8)).await,
        CertificateState::IssuerStruckOff,
        "it was true all the same"
    );
    assert_eq!(state(None, Some(DAY)).await, CertificateState::Verified, "and was not on day 1");
    for issuer in ["", NAME] {
        for number in ["", &certificates[2].number] {
            for (state, which) in [
                (CertificateState::Verified, &certificates[..1]),
                (CertificateState::NotFound, &certificates[1..2]),
                (CertificateState::IssuerStruckOff, &certificates[2..]),
            ] {
                for (organization, role) in [("north", Role::Issuer), ("regulator", Role::Regulator)] {
                    let request = wire::ListCertificatesRequest {
                        issuer: issuer.to_owned(),
                        number: number.to_owned(),
                        state: state.into(),
                        ..Default::default()
                    };
                    let mut client = world.certificates(organization, role);
                    let listed = client.list_certificates(request).await.unwrap().into_inner().certificates;
                    let listed: Vec<_> =
                        listed.into_iter().map(|one| (one.name.clone(), one.state())).collect();
                    let wanted = which.iter().filter(|one| number.is_empty() || one.number == number);
                    assert_eq!(listed, wanted.map(|one| (one.name.clone(), state)).collect::<Vec<_>>());
                }
            }
        }
    }
    world.end_clean().await;
}

#[tokio::test]
async fn a_strike_off_without_grounds_or_with_days_that_make_no_sense_is_told_every_fault() {
    let world = World::start().await;
    world.accredit("north").await;
    let request = wire::StrikeOffIssuerRequest {
        name: NAME.to_owned(),
        effective_date: "2999-01-01".to_owned(),
        review_deadline: "2020-01-01".to_owned(),
        ..wire::StrikeOffIssuerRequest::default()
    };
    let refused = world.issuers().strike_off_issuer(request).await.unwrap_err();
    let details = tonic_types::StatusExt::get_details_bad_request(&refused).unwrap();
    let fields: Vec<&str> = details.field_violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["reason", "legal_basis", "effective_date", "review_deadline"]);
    let unknown = wire::StrikeOffIssuerRequest { name: "issuers/nobody".to_owned(), ..strike_off(true) };
    assert_eq!(reason(&world.issuers().strike_off_issuer(unknown).await.unwrap_err()), "ISSUER_NOT_FOUND");
}
