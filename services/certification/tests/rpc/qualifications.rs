//! Professional qualifications: filed, reviewed, due again, lapsed, withdrawn.

use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_rpc::clock::Clock as _;
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::{Code, Status};
use wire::{QualificationState, QualificationVerdict};

const DAY: Duration = Duration::from_hours(24);

fn filing(person: &str, valid_until: &str) -> wire::FileQualificationRequest {
    let qualification = wire::Qualification {
        domain: "qualificationDomains/medicine".to_owned(),
        person: format!("persons/{person}"),
        title: "执业医师".to_owned(),
        register_number: "1101-1000 0000001".to_owned(),
        employer_proof_sha256: "ab".repeat(32),
        valid_until_date: valid_until.to_owned(),
        ..wire::Qualification::default()
    };
    wire::FileQualificationRequest {
        qualification: Some(qualification),
        ..wire::FileQualificationRequest::default()
    }
}

async fn file(world: &World, person: &str, valid_until: &str) -> Result<wire::Qualification, Status> {
    let mut acme = world.qualifications("acme", Role::Platform, Some("clerk"));
    let answer = acme.file_qualification(filing(person, valid_until)).await?;
    Ok(answer.into_inner().qualification.unwrap())
}

fn verdict(of: &wire::Qualification, verdict: QualificationVerdict) -> wire::ReviewQualificationRequest {
    wire::ReviewQualificationRequest {
        name: of.name.clone(),
        verdict: verdict.into(),
        reason: "the register was asked".to_owned(),
        ..wire::ReviewQualificationRequest::default()
    }
}

async fn accept(world: &World, of: &wire::Qualification) -> Result<wire::Qualification, Status> {
    let mut acme = world.qualifications("acme", Role::Platform, Some("reviewer"));
    let answer = acme.review_qualification(verdict(of, QualificationVerdict::Accept)).await?;
    Ok(answer.into_inner().qualification.unwrap())
}

async fn read(world: &World, name: &str) -> wire::Qualification {
    let request = wire::GetQualificationRequest { name: name.to_owned() };
    let mut acme = world.qualifications("acme", Role::Platform, None);
    acme.get_qualification(request).await.unwrap().into_inner().qualification.unwrap()
}

async fn becomes(world: &World, name: &str, state: QualificationState) -> wire::Qualification {
    eventually("the state changes at its instant", async || {
        let now = read(world, name).await;
        (now.state() == state).then_some(now)
    })
    .await
}

/// What the feed told of a qualification, state by state.
async fn told(world: &World, name: &str) -> Vec<QualificationState> {
    let facts = world.facts().await;
    let facts = facts.iter().filter_map(|fact| match fact {
        Fact::Qualification(fact) if fact.qualification == name => Some(fact.state()),
        _ => None,
    });
    facts.collect()
}

#[tokio::test]
async fn a_qualification_is_filed_once_and_counts_when_somebody_else_accepts_it() {
    let world = World::start().await;
    let filed = file(&world, "known-mina", "2030-06-30").await.unwrap();
    assert_eq!(
        (filed.state(), filed.register_number.as_str()),
        (QualificationState::Filed, "110110000000001")
    );
    assert_eq!(filed.organization, "organizations/acme");
    let again = file(&world, "known-mina", "").await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::AlreadyExists, "QUALIFICATION_EXISTS"));
    for person in ["clerk", "known-mina"] {
        let mut acme = world.qualifications("acme", Role::Platform, Some(person));
        let own = acme.review_qualification(verdict(&filed, QualificationVerdict::Accept)).await.unwrap_err();
        assert_eq!(reason(&own), "REVIEWER_NOT_INDEPENDENT", "{person}");
    }
    let accepted = accept(&world, &filed).await.unwrap();
    assert_eq!(accepted.state(), QualificationState::Accepted);
    assert!(accepted.recheck_time.is_some() && accepted.reviews.len() == 1);
    assert_eq!(read(&world, &filed.name).await, accepted);
    let unknown = file(&world, "stranger", "").await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "PERSON_NOT_FOUND"));
    let facts = world.facts().await;
    let Some(Fact::Qualification(fact)) = facts.last() else { panic!("another fact") };
    assert_eq!((fact.holder.as_str(), fact.state()), ("persons/suite-mina", QualificationState::Accepted));
    assert!(!format!("{facts:?}").contains("110110000000001"), "the licence is nobody else's business");
    world.end_clean().await;
}

#[tokio::test]
async fn a_platform_sees_what_it_filed_and_a_regulator_everything_but_their_names() {
    let world = World::start().await;
    let filed = file(&world, "known-mina", "").await.unwrap();
    let get = wire::GetQualificationRequest { name: filed.name.clone() };
    let mut bazaar = world.qualifications("bazaar", Role::Platform, None);
    assert_eq!(reason(&bazaar.get_qualification(get.clone()).await.unwrap_err()), "QUALIFICATION_NOT_FOUND");
    let review = verdict(&filed, QualificationVerdict::Refuse);
    assert_eq!(
        reason(&bazaar.review_qualification(review.clone()).await.unwrap_err()),
        "QUALIFICATION_NOT_FOUND"
    );
    let list = wire::ListQualificationsRequest::default;
    assert!(bazaar.list_qualifications(list()).await.unwrap().into_inner().qualifications.is_empty());
    let mut acme = world.qualifications("acme", Role::Platform, None);
    let own = |state: QualificationState| wire::ListQualificationsRequest {
        person: "persons/known-mina".to_owned(),
        domain: "qualificationDomains/medicine".to_owned(),
        state: state.into(),
        ..list()
    };
    let shown = acme.list_qualifications(own(QualificationState::Filed)).await.unwrap().into_inner();
    assert_eq!(shown.qualifications, std::slice::from_ref(&filed));
    let none = acme.list_qualifications(own(QualificationState::Lapsed)).await.unwrap().into_inner();
    assert!(none.qualifications.is_empty());
    let mut regulator = world.qualifications("regulator", Role::Regulator, None);
    let seen = regulator.get_qualification(get).await.unwrap().into_inner().qualification.unwrap();
    assert_eq!(seen, wire::Qualification { person: String::new(), ..filed });
    let refused = regulator.review_qualification(review).await.unwrap().into_inner().qualification.unwrap();
    assert_eq!(refused.state(), QualificationState::Refused);
    world.end_clean().await;
}

#[tokio::test]
async fn a_licence_lapses_at_its_instant_and_a_check_is_due_at_its_own() {
    use QualificationState as S;
    let world = World::start().await;
    let last = world.clock.now().plus(DAY * 200).beijing_date();
    let ends = file(&world, "known-mina", &last.to_string()).await.unwrap();
    let open = file(&world, "known-noor", "").await.unwrap();
    for one in [&ends, &open] {
        accept(&world, one).await.unwrap();
    }
    world.clock.advance(DAY * 180);
    let due = becomes(&world, &open.name, QualificationState::RecheckDue).await;
    assert_eq!(due.state_since_time, Some(greenroom_rpc::wire::timestamp(world.clock.now())));
    becomes(&world, &ends.name, QualificationState::RecheckDue).await;
    let again = accept(&world, &ends).await.unwrap();
    assert_eq!((again.state(), again.reviews.len()), (QualificationState::Accepted, 2));
    world.clock.advance(DAY * 30);
    let lapsed = becomes(&world, &ends.name, QualificationState::Lapsed).await;
    let instant = last.next_day().beijing_midnight();
    assert_eq!(lapsed.state_since_time, Some(greenroom_rpc::wire::timestamp(instant)));
    assert_eq!(reason(&accept(&world, &ends).await.unwrap_err()), "QUALIFICATION_STATE_WRONG");
    assert_eq!(
        told(&world, &ends.name).await,
        [S::Filed, S::Accepted, S::RecheckDue, S::Accepted, S::Lapsed]
    );
    assert_eq!(told(&world, &open.name).await, [S::Filed, S::Accepted, S::RecheckDue]);
    world.end_clean().await;
}

#[tokio::test]
async fn a_withdrawn_qualification_is_filed_anew() {
    let world = World::start().await;
    let filed = file(&world, "known-mina", "").await.unwrap();
    let mut acme = world.qualifications("acme", Role::Platform, None);
    let stale = wire::WithdrawQualificationRequest {
        name: filed.name.clone(),
        etag: "\"9\"".to_owned(),
        ..wire::WithdrawQualificationRequest::default()
    };
    assert_eq!(reason(&acme.withdraw_qualification(stale.clone()).await.unwrap_err()), "ETAG_MISMATCH");
    let rehearsal =
        wire::WithdrawQualificationRequest { validate_only: true, etag: filed.etag.clone(), ..stale };
    acme.withdraw_qualification(rehearsal.clone()).await.unwrap();
    assert_eq!(read(&world, &filed.name).await, filed, "only checked");
    let request = wire::WithdrawQualificationRequest {
        validate_only: false,
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned(),
        ..rehearsal
    };
    let first = acme.withdraw_qualification(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, acme.withdraw_qualification(request).await.unwrap().into_inner(), "sent again");
    assert_eq!(first.qualification.unwrap().state(), QualificationState::Withdrawn);
    assert_eq!(reason(&accept(&world, &filed).await.unwrap_err()), "QUALIFICATION_STATE_WRONG");
    assert_ne!(file(&world, "known-mina", "").await.unwrap().name, filed.name);
    world.end_clean().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_filing_or_a_review_is_told_at_once() {
    let world = World::start().await;
    let mut acme = world.qualifications("acme", Role::Platform, None);
    let mut request = filing("known-mina", "2020-13-01");
    let given = request.qualification.as_mut().unwrap();
    given.domain = "qualificationDomains/astrology".to_owned();
    given.register_number = "证".to_owned();
    given.employer_proof_sha256 = "12".to_owned();
    given.title = String::new();
    let refused = acme.file_qualification(request).await.unwrap_err();
    let fields = |status: &Status| {
        let details = tonic_types::StatusExt::get_details_bad_request(status).unwrap();
        details.field_violations.iter().map(|it| it.field.clone()).collect::<Vec<_>>()
    };
    let path = |field: &str| format!("qualification.{field}");
    let expected = ["domain", "title", "register_number", "employer_proof_sha256", "valid_until_date"];
    assert_eq!(fields(&refused), expected.map(path));
    let over = file(&world, "known-mina", "2020-12-31").await.unwrap_err();
    assert_eq!(fields(&over), ["qualification.valid_until_date"]);
    let filed = file(&world, "known-mina", "").await.unwrap();
    let silent = wire::ReviewQualificationRequest {
        reason: " ".to_owned(),
        ..verdict(&filed, QualificationVerdict::Refuse)
    };
    assert_eq!(fields(&acme.review_qualification(silent).await.unwrap_err()), ["reason"]);
    let unsaid = verdict(&filed, QualificationVerdict::Unspecified);
    assert_eq!(fields(&acme.review_qualification(unsaid).await.unwrap_err()), ["verdict"]);
}

#[tokio::test]
async fn the_domains_are_served_with_the_rule_they_rest_on() {
    let world = World::start().await;
    let mut anybody = world.qualifications("anybody", Role::Agency, None);
    let request = wire::ListQualificationDomainsRequest {};
    let domains =
        anybody.list_qualification_domains(request).await.unwrap().into_inner().qualification_domains;
    let names: Vec<&str> = domains.iter().map(|domain| domain.chinese_name.as_str()).collect();
    assert_eq!(names, ["教育", "财经金融", "法律", "医疗卫生"]);
    assert!(domains.iter().all(|domain| domain.basis.as_ref().unwrap().text.contains("第十三条")));
}
