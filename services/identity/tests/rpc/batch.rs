use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card, claim, fields, request_id};
use greenroom_proto::identity::v1::person_registration::Identity;
use greenroom_proto::identity::v1::person_registration_outcome::Outcome;
use greenroom_proto::identity::v1::proofing::Age;
use greenroom_proto::identity::v1::{
    AgeBand, AttestedAge, BatchRegisterPersonsRequest, BatchRegisterPersonsResponse, DocumentType,
    FreezePersonRequest, GetPersonRequest, IdentityClaim, IdentityMode, ListPersonsRequest, NetworkIdentity,
    OrganizationRole, PairwiseName, Person, PersonRegistration, PersonRegistrationOutcome, PersonState,
    Proofing, ProofingMethod, ProofingResult,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

fn unchecked(name: &str, number: &str) -> PersonRegistration {
    PersonRegistration { identity: Some(Identity::Claim(claim(name, number))), proofing: None }
}

fn checked(name: &str, number: &str, result: ProofingResult) -> PersonRegistration {
    PersonRegistration { proofing: Some(attested(result)), ..unchecked(name, number) }
}

fn batch(registrations: Vec<PersonRegistration>) -> BatchRegisterPersonsRequest {
    BatchRegisterPersonsRequest { registrations, ..Default::default() }
}

async fn send(
    caller: &Caller,
    request: BatchRegisterPersonsRequest,
) -> Result<BatchRegisterPersonsResponse, Status> {
    Ok(caller.persons().batch_register_persons(request).await?.into_inner())
}

async fn outcomes(caller: &Caller, registrations: Vec<PersonRegistration>) -> Vec<PersonRegistrationOutcome> {
    send(caller, batch(registrations)).await.unwrap().outcomes
}

fn person(outcome: &PersonRegistrationOutcome) -> &Person {
    let Some(Outcome::Person(person)) = &outcome.outcome else { panic!("{outcome:?}") };
    person
}

fn reason(outcome: &PersonRegistrationOutcome) -> &str {
    let Some(Outcome::Failure(failure)) = &outcome.outcome else { panic!("{outcome:?}") };
    &failure.reason
}

async fn read(caller: &Caller, name: &str) -> Person {
    let answer = caller.persons().get_person(GetPersonRequest { name: name.to_owned() }).await.unwrap();
    answer.into_inner().person.unwrap()
}

#[tokio::test]
async fn persons_are_registered_and_proven_in_one_commit_with_one_final_fact_each() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let before = world.verify().await.events;
    let network = NetworkIdentity { network_number: "aB12345678".to_owned() };
    let answer = outcomes(
        &shop,
        vec![
            unchecked("样例一", &card("19850101", 1)),
            checked("样例二", &card("19850101", 2), ProofingResult::Match),
            checked("样例三", &card("19850101", 3), ProofingResult::Mismatch),
            PersonRegistration { identity: Some(Identity::NetworkIdentity(network)), proofing: None },
        ],
    )
    .await;
    let states: Vec<_> = answer.iter().map(|outcome| person(outcome).state()).collect();
    let expected =
        [PersonState::Unverified, PersonState::Verified, PersonState::Mismatch, PersonState::Unverified];
    assert_eq!(states, expected);
    assert_eq!(person(&answer[3]).identity_mode(), IdentityMode::NetworkNumber);
    for outcome in &answer {
        assert_eq!(&read(&shop, &person(outcome).name).await, person(outcome));
    }
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    // Four persons, four names, two checks.
    assert_eq!(report.events, before + 10);
}

#[tokio::test]
async fn an_item_that_fails_disturbs_no_other() {
    let world = World::with(|config| config.allow_sandbox_source = false).await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let mina = rival.register(MINA).await;
    record(&rival, &mina, attested(ProofingResult::Match)).await.unwrap();
    let sandbox = Proofing {
        method: ProofingMethod::Sandbox.into(),
        result: ProofingResult::Match.into(),
        ..Default::default()
    };
    let sandboxed =
        PersonRegistration { proofing: Some(sandbox), ..unchecked("样例一", &card("19850101", 1)) };
    let unsigned = Proofing { artefact_sha256: String::new(), ..attested(ProofingResult::Match) };
    let faulty = PersonRegistration { proofing: Some(unsigned), ..unchecked("", "110105199003070026") };
    let answer = outcomes(
        &shop,
        vec![
            checked("样例二", &card("19850101", 2), ProofingResult::Match),
            checked("样例冒名", MINA.1, ProofingResult::Match),
            sandboxed,
            faulty,
            PersonRegistration::default(),
            checked(MINA.0, MINA.1, ProofingResult::Match),
        ],
    )
    .await;
    assert_eq!(person(&answer[0]).state(), PersonState::Verified);
    assert_eq!(reason(&answer[1]), "PERSON_NAME_CONFLICT");
    assert_eq!(reason(&answer[2]), "SANDBOX_SOURCE_DISABLED");
    let Some(Outcome::Failure(failure)) = &answer[3].outcome else { panic!() };
    let paths: Vec<_> = failure.field_faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(failure.reason, "FIELDS_INVALID");
    assert_eq!(paths, ["claim.real_name", "claim.document_number", "proofing.artefact_sha256"]);
    assert!(!format!("{failure:?}").contains("19900307"), "{failure:?}");
    assert_eq!(reason(&answer[4]), "FIELDS_INVALID");
    let found = person(&answer[5]);
    assert_eq!(found.state(), PersonState::Verified);
    assert_ne!(found.name, mina);
    assert_eq!(read(&shop, &found.name).await, *found);
    // Nothing was done for those that failed.
    let again = outcomes(&shop, vec![unchecked("样例一", &card("19850101", 1))]).await;
    assert_eq!(person(&again[0]).state(), PersonState::Unverified);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn what_checks_tell_of_an_age_is_learned_and_contradictions_are_the_items_own() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let passport = |number: &str, age: Age| {
        let document_type = DocumentType::Passport.into();
        let (real_name, document_number) = ("样例一".to_owned(), number.to_owned());
        let claim = IdentityClaim { real_name, document_type, document_number };
        let proofing = Proofing { age: Some(age), ..attested(ProofingResult::Match) };
        PersonRegistration { identity: Some(Identity::Claim(claim)), proofing: Some(proofing) }
    };
    let born = |date: &str| Age::BirthDate(date.to_owned());
    let network = NetworkIdentity { network_number: "aB12345678".to_owned() };
    let valid_until = "2030-01-01".to_owned();
    let proofing = Proofing { document_valid_until: valid_until, ..attested(ProofingResult::Match) };
    let answer = outcomes(
        &shop,
        vec![
            passport("E11111111", born("2009-11-20")),
            passport("E11111111", born("1990-01-01")),
            passport("E22222222", Age::AttestedAge(AttestedAge::Adult.into())),
            PersonRegistration {
                identity: Some(Identity::NetworkIdentity(network)),
                proofing: Some(proofing),
            },
        ],
    )
    .await;
    let bands = [person(&answer[0]).age_band(), person(&answer[2]).age_band()];
    assert_eq!(bands, [AgeBand::From16To17, AgeBand::Adult]);
    assert_eq!((reason(&answer[1]), reason(&answer[3])), ("BIRTH_DATE_CONFLICT", "FIELDS_INVALID"));
    // What was stored says the same.
    let seen = read(&shop, &person(&answer[0]).name).await;
    assert_eq!(&seen, person(&answer[0]));
    let again = outcomes(&shop, vec![passport("E22222222", born("1990-01-01"))]).await;
    assert_eq!(person(&again[0]).age_band(), AgeBand::Adult);
    assert_eq!(&read(&shop, &person(&again[0]).name).await, person(&again[0]));
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_frozen_record_is_refused_and_the_rest_of_the_batch_is_not() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let mina = shop.register(MINA).await;
    let freeze = FreezePersonRequest {
        person: Some(PairwiseName { organization: "organizations/shop".to_owned(), person: mina.clone() }),
        hold_until_time: Some(timestamp(world.clock.now().plus(Duration::from_hours(24)))),
        ..Default::default()
    };
    world.operator().persons().freeze_person(freeze).await.unwrap();
    for caller in [&shop, &rival] {
        let items =
            vec![checked(MINA.0, MINA.1, ProofingResult::Match), unchecked("样例一", &card("19850101", 1))];
        let answer = outcomes(caller, items).await;
        assert_eq!(reason(&answer[0]), "PERSON_FROZEN");
        assert_eq!(person(&answer[1]).state(), PersonState::Unverified);
    }
    assert_eq!(read(&shop, &mina).await.state(), PersonState::Frozen);
    let listed = rival.persons().list_persons(ListPersonsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.persons.len(), 1);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_document_that_comes_twice_in_one_batch_is_one_person_with_one_name() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let before = world.verify().await.events;
    let number = card("19850101", 1);
    let items = || {
        vec![
            unchecked("样例一", &number),
            checked("样例一", &number, ProofingResult::Match),
            unchecked("样例一", &number),
            // The match before gave the document to this one alone.
            unchecked("样例别名", &number),
        ]
    };
    let answer = outcomes(&shop, items()).await;
    assert_eq!(person(&answer[0]).state(), PersonState::Verified);
    assert_eq!(person(&answer[0]), person(&answer[1]));
    assert_eq!(person(&answer[0]), person(&answer[2]));
    assert_eq!(reason(&answer[3]), "PERSON_NAME_CONFLICT");
    let report = world.verify().await;
    assert_eq!(report.events, before + 3);
    // The same again: one more check, and the person as it was.
    let again = outcomes(&shop, items()).await;
    assert_eq!(person(&again[0]).name, person(&answer[0]).name);
    assert_eq!(world.verify().await.events, before + 4);
    assert!(world.verify().await.is_clean());
}

#[tokio::test]
async fn under_several_unproven_names_the_first_match_of_a_batch_takes_the_document() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let items = vec![
        unchecked("样例别名", MINA.1),
        checked(MINA.0, MINA.1, ProofingResult::Match),
        checked("样例别名", MINA.1, ProofingResult::Match),
    ];
    let answer = outcomes(&shop, items).await;
    assert_eq!(person(&answer[0]).state(), PersonState::Unverified);
    assert_eq!(person(&answer[1]).state(), PersonState::Verified);
    assert_eq!(reason(&answer[2]), "PERSON_NAME_CONFLICT");
    assert!(world.verify().await.is_clean());
}

#[tokio::test]
async fn batches_with_the_same_documents_at_once_give_one_person_each() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let before = world.verify().await.events;
    let items = |from: usize| -> Vec<_> {
        (from..from + 60).map(|index| unchecked("样例众人", &card("19850101", index))).collect()
    };
    let calls = [0, 30, 60, 0].map(|from| {
        let (shop, items) = (shop.clone(), items(from));
        tokio::spawn(async move {
            let names = outcomes(&shop, items).await;
            names.iter().map(|outcome| person(outcome).name.clone()).collect::<Vec<_>>()
        })
    });
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    assert_eq!(answers[0], answers[3]);
    assert_eq!(answers[0][30..], answers[1][..30]);
    assert_eq!(answers[1][30..], answers[2][..30]);
    let names: BTreeSet<_> = answers.concat().into_iter().collect();
    assert_eq!(names.len(), 120);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.events, before + 240);
}

#[tokio::test]
async fn a_repeated_batch_is_answered_the_same_and_stored_once() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let items = vec![
        checked(MINA.0, MINA.1, ProofingResult::Match),
        unchecked("样例一", "110105199003070026"),
        unchecked("样例二", &card("19850101", 2)),
    ];
    let request = BatchRegisterPersonsRequest { request_id: request_id(), ..batch(items) };
    let dry =
        BatchRegisterPersonsRequest { validate_only: true, request_id: request_id(), ..request.clone() };
    let before = world.verify().await.events;
    let tried = send(&shop, dry).await.unwrap();
    assert_eq!((world.verify().await.events, tried.revision.as_str()), (before, ""));
    assert_eq!(person(&tried.outcomes[0]).state(), PersonState::Verified);

    let calls = (0..10).map(|_| {
        let (shop, request) = (shop.clone(), request.clone());
        tokio::spawn(async move { send(&shop, request).await.unwrap() })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert!(!answers[0].revision.is_empty());
    assert_eq!(reason(&answers[0].outcomes[1]), "FIELDS_INVALID");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    let other = BatchRegisterPersonsRequest { registrations: Vec::new(), ..request };
    assert_refused(send(&shop, other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn a_batch_needs_the_scope_of_checks_only_where_it_carries_one() {
    let world = World::start().await;
    let shop = world.member("shop", OrganizationRole::Platform, &["persons.write"]).await;
    assert_eq!(outcomes(&shop, vec![unchecked(MINA.0, MINA.1)]).await.len(), 1);
    let request = batch(vec![checked(MINA.0, MINA.1, ProofingResult::Match)]);
    let status = assert_refused(send(&shop, request).await, Code::PermissionDenied, "SCOPE_MISSING");
    assert_eq!(status.get_details_error_info().unwrap().metadata["scope"], "persons.proof");
}

#[tokio::test]
async fn a_batch_has_at_most_a_thousand_items() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let refused = send(&shop, batch(vec![PersonRegistration::default(); 1001])).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["registrations"]);
    let passport = |index: usize| {
        let document_type = DocumentType::Passport.into();
        let document_number = format!("E{index:08}");
        let claim = IdentityClaim { real_name: "样例众人".to_owned(), document_type, document_number };
        let identity = Some(Identity::Claim(claim));
        PersonRegistration { identity, proofing: Some(attested(ProofingResult::Match)) }
    };
    let answer = outcomes(&shop, (0..1000).map(passport).collect()).await;
    let names: BTreeSet<_> = answer.iter().map(|outcome| person(outcome).name.clone()).collect();
    assert_eq!(names.len(), 1000);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}
