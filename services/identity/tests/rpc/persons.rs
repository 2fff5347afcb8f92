use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card, claim, fields, named, request_id};
use greenroom_proto::identity::v1::person_registration_outcome::Outcome;
use greenroom_proto::identity::v1::proofing::Age;
use greenroom_proto::identity::v1::{
    AgeBand, AttestedAge, BatchRegisterPersonsRequest, DocumentType, FieldMatch, FreezePersonRequest,
    GetPersonRequest, IdentityClaim, MatchPersonRequest, PairwiseName, Person, PersonRegistration,
    PersonState, Proofing, ProofingResult, RegisterPersonRequest, ResolvePersonsRequest,
    UnfreezePersonRequest, person_registration,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::wire::timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Code;

fn register(name: &str, number: &str) -> RegisterPersonRequest {
    RegisterPersonRequest { identity: Some(named(claim(name, number))), ..Default::default() }
}

#[tokio::test]
async fn a_person_is_registered_once_however_the_document_is_typed() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let (name, number) = MINA;
    let person = shop.persons().register_person(register(name, number)).await.unwrap().into_inner();
    let person = person.person.unwrap();
    assert_eq!((person.state(), person.age_band()), (PersonState::Unverified, AgeBand::Adult));
    assert_eq!(person.document_type(), DocumentType::ResidentIdentityCard);

    let typed = register(&format!(" {name} "), "１１０１０５ 1990 0307 ００５x");
    let again = shop.persons().register_person(typed).await.unwrap().into_inner().person.unwrap();
    assert_eq!(again, person);
    let read = shop.persons().get_person(GetPersonRequest { name: person.name.clone() }).await.unwrap();
    assert_eq!(read.into_inner().person, Some(person));
}

#[tokio::test]
async fn two_platforms_cannot_join_their_data() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let (ours, theirs) = (shop.register(MINA).await, rival.register(MINA).await);
    assert_ne!(ours, theirs);
    world.clock.advance(Duration::from_secs(61));
    record(&shop, &ours, attested(ProofingResult::Match)).await.unwrap();
    let seen = async |caller: &Caller, name: &str| {
        let read = caller.persons().get_person(GetPersonRequest { name: name.to_owned() }).await;
        read.unwrap().into_inner().person.unwrap()
    };
    let (ours_seen, theirs_seen) = (seen(&shop, &ours).await, seen(&rival, &theirs).await);
    assert_ne!(ours_seen.etag, theirs_seen.etag);
    // Told to the day: the beginning of 2027-05-01 in Beijing, 180 days after the check.
    let day = |person: &Person| (person.evidence_until_time.unwrap().seconds + 8 * 3600) % 86_400;
    assert_eq!((day(&ours_seen), day(&theirs_seen)), (0, 0));
    // Each organization is told of its own registration alone.
    world.clock.advance(Duration::from_hours(24));
    let late = world.platform("late").await;
    let at_late = late.register(MINA).await;
    let late_seen = seen(&late, &at_late).await;
    assert_eq!(late_seen.create_time, Some(timestamp(world.clock.now())));
    assert_eq!(late_seen.update_time, late_seen.create_time);
    assert_eq!(seen(&shop, &ours).await, ours_seen);
    for foreign in [theirs.as_str(), "persons/nobody"] {
        let read = shop.persons().get_person(GetPersonRequest { name: foreign.to_owned() }).await;
        assert_refused(read, Code::NotFound, "PERSON_NOT_FOUND");
    }
}

#[tokio::test]
async fn fifty_parallel_requests_of_one_id_register_one_person() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let before = world.verify().await.events;
    let request = RegisterPersonRequest { request_id: request_id(), ..register(MINA.0, MINA.1) };
    let calls = (0..50).map(|_| {
        let (mut persons, request) = (shop.persons(), request.clone());
        tokio::spawn(async move { persons.register_person(request).await.unwrap().into_inner() })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(world.verify().await.events, before + 2);

    let other =
        RegisterPersonRequest { identity: Some(named(claim("样例二", &card("19900307", 7)))), ..request };
    let reused = shop.persons().register_person(other).await;
    assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn fifty_parallel_registrations_from_two_platforms_make_one_person_with_two_names() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let before = world.verify().await.events;
    let calls = (0..50).map(|index| {
        let caller = if index % 2 == 0 { shop.clone() } else { rival.clone() };
        tokio::spawn(async move { caller.register(MINA).await })
    });
    let mut names = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        names.insert(call.await.unwrap());
    }
    assert_eq!(names.len(), 2);
    assert_eq!(world.verify().await.events, before + 3);
}

#[tokio::test]
async fn a_wrong_name_locks_nobody_out_until_a_check_has_proven_the_right_one() {
    let world = World::start().await;
    let (squatter, shop) = (world.platform("squatter").await, world.platform("shop").await);
    let squatted = squatter.register(("样例冒名", MINA.1)).await;
    let person = shop.register(MINA).await;
    // A check that proves nothing claims nothing.
    record(&squatter, &squatted, attested(ProofingResult::Mismatch)).await.unwrap();
    let proven = record(&shop, &person, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!(proven.state(), PersonState::Verified);
    assert_eq!(shop.register(MINA).await, person);

    let late = record(&squatter, &squatted, attested(ProofingResult::Match)).await;
    assert_refused(late, Code::FailedPrecondition, "PERSON_NAME_CONFLICT");
    let again = squatter.persons().register_person(register("样例冒名", MINA.1)).await;
    assert_refused(again, Code::FailedPrecondition, "PERSON_NAME_CONFLICT");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn of_two_names_proven_at_the_same_time_one_gets_the_document() {
    let world = World::start().await;
    let (one, other) = (world.platform("one").await, world.platform("other").await);
    let (left, right) = (one.register(("样例冒名", MINA.1)).await, other.register(MINA).await);
    let (left, right) = tokio::join!(
        record(&one, &left, attested(ProofingResult::Match)),
        record(&other, &right, attested(ProofingResult::Match))
    );
    assert_ne!(left.is_ok(), right.is_ok());
    assert_refused(left.and(right), Code::FailedPrecondition, "PERSON_NAME_CONFLICT");
}

#[tokio::test]
async fn a_document_proven_under_another_name_is_a_conflict_that_tells_no_name() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let person = shop.register(MINA).await;
    record(&shop, &person, attested(ProofingResult::Match)).await.unwrap();
    let refused = shop.persons().register_person(register("样例冒名", MINA.1)).await;
    let status = assert_refused(refused, Code::FailedPrecondition, "PERSON_NAME_CONFLICT");
    let told = format!("{status:?}");
    assert!(!told.contains("样例") && !told.contains(MINA.1), "{told}");
}

#[tokio::test]
async fn every_fault_of_a_claim_is_told_without_repeating_it() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let refused = shop.persons().register_person(register("", "110105199013070020")).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let number = "claim.document_number";
    assert_eq!(fields(&status), ["claim.real_name", number, number]);
    assert!(!String::from_utf8_lossy(status.details()).contains("110105"));

    let nothing = shop.persons().register_person(RegisterPersonRequest::default()).await;
    let status = assert_refused(nothing, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["claim"]);
}

#[tokio::test]
async fn a_minor_grows_up_on_the_day_after_the_birthday_in_beijing() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    // Sixteen on 2026-11-03; the clock stands at noon on 2026-11-02 in Beijing.
    let name = shop.register(("样例少年", &card("20101103", 1))).await;
    let band = async || {
        let read = shop.persons().get_person(GetPersonRequest { name: name.clone() }).await;
        read.unwrap().into_inner().person.unwrap().age_band()
    };
    assert_eq!(band().await, AgeBand::Under16);
    world.clock.advance(Duration::from_hours(35));
    assert_eq!(band().await, AgeBand::Under16, "{}", world.clock.now());
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(band().await, AgeBand::From16To17, "{}", world.clock.now());
}

#[tokio::test]
async fn a_passport_tells_no_age() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let claim = IdentityClaim {
        real_name: "Sample Person".to_owned(),
        document_type: DocumentType::Passport.into(),
        document_number: "E1234567".to_owned(),
    };
    let request = RegisterPersonRequest { identity: Some(named(claim)), ..Default::default() };
    let person = shop.persons().register_person(request).await.unwrap().into_inner().person.unwrap();
    assert_eq!(person.age_band(), AgeBand::Unknown);
}

#[tokio::test]
async fn a_claim_is_compared_field_by_field() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let pairwise = shop.register(MINA).await;
    let service = world.suite("certification");
    let person = crate::resolving::suite_id(&service, "shop", &pairwise).await;

    let matched = async |claim: IdentityClaim| {
        let request = MatchPersonRequest { person: person.clone(), claim: Some(claim) };
        let answer = service.persons().match_person(request).await.unwrap().into_inner();
        [answer.real_name(), answer.document_type(), answer.document_number()]
    };
    assert_eq!(matched(claim(MINA.0, MINA.1)).await, [FieldMatch::Match; 3]);
    let wrong_name = matched(claim("样例二", MINA.1)).await;
    assert_eq!(wrong_name, [FieldMatch::Mismatch, FieldMatch::Match, FieldMatch::Match]);
    let wrong_number = matched(claim(MINA.0, &card("19900307", 9))).await;
    assert_eq!(wrong_number, [FieldMatch::Match, FieldMatch::Match, FieldMatch::Mismatch]);
}

#[tokio::test]
async fn a_number_of_another_kind_of_document_is_a_mismatch_and_no_malformed_claim() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let service = world.suite("certification");
    let person = crate::resolving::suite_id(&service, "shop", &name).await;
    let compare = async |kind: DocumentType, number: &str| {
        let claim = IdentityClaim { document_type: kind.into(), ..claim(MINA.0, number) };
        let request = MatchPersonRequest { person: person.clone(), claim: Some(claim) };
        service.persons().match_person(request).await.map(|answer| {
            let answer = answer.into_inner();
            [answer.real_name(), answer.document_type(), answer.document_number()]
        })
    };
    let (same, other) = (FieldMatch::Match, FieldMatch::Mismatch);
    assert_eq!(compare(DocumentType::Passport, MINA.1).await.unwrap(), [same, other, other]);
    assert_eq!(compare(DocumentType::ResidentIdentityCard, "E12345678").await.unwrap(), [same, same, other]);
    for (kind, number) in
        [(DocumentType::Passport, ""), (DocumentType::ResidentIdentityCard, "110105199003070050")]
    {
        assert_refused(compare(kind, number).await, Code::InvalidArgument, "FIELDS_INVALID");
    }
}

#[tokio::test]
async fn nobody_is_born_after_today() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    // The clock stands at noon of 2026-11-02 in Beijing.
    shop.register(("样例新生", &card("20261102", 1))).await;
    let refused = shop.persons().register_person(register("样例未生", &card("20261103", 1))).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["claim.document_number"]);
    let service = world.suite("certification");
    let asked = vec![crate::resolving::by_claim(claim("样例未生", &card("20261103", 1)))];
    let answer = crate::resolving::resolve(&service, asked, true).await;
    assert_eq!(answer.resolutions[0].faults, ["BIRTH_DATE_WRONG"]);
    world.clock.advance(std::time::Duration::from_hours(12));
    shop.register(("样例未生", &card("20261103", 1))).await;
}

#[tokio::test]
async fn a_request_id_counts_in_capitals_too() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let small = RegisterPersonRequest { request_id: request_id(), ..register(MINA.0, MINA.1) };
    let large = RegisterPersonRequest { request_id: small.request_id.to_uppercase(), ..small.clone() };
    let first = shop.persons().register_person(large).await.unwrap().into_inner();
    assert_eq!(shop.persons().register_person(small.clone()).await.unwrap().into_inner(), first);
    for wrong in [small.request_id.replace('-', ""), format!("{{{}}}", small.request_id)] {
        let request = RegisterPersonRequest { request_id: wrong, ..small.clone() };
        let refused = shop.persons().register_person(request).await;
        assert_eq!(fields(&assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID")), ["request_id"]);
    }
}

#[tokio::test]
async fn platforms_can_neither_match_nor_resolve() {
    let world = World::start().await;
    let shop = world.former_operator("shop", &["persons.match", "persons.resolve"]).await;
    let refused = shop.persons().match_person(MatchPersonRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
    let refused = shop.persons().resolve_persons(ResolvePersonsRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
}

/// What is answered apart from what is new each time.
fn told(mut person: Person) -> Person {
    (person.name, person.etag) = (String::new(), String::new());
    person
}

#[tokio::test]
async fn a_dry_run_tells_nothing_of_a_person_whom_others_alone_know() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let dry = async |claim: IdentityClaim| {
        let single = RegisterPersonRequest {
            identity: Some(named(claim.clone())),
            validate_only: true,
            ..Default::default()
        };
        let single = shop.persons().register_person(single).await;
        let identity = Some(person_registration::Identity::Claim(claim));
        let registrations = vec![PersonRegistration { identity, proofing: None }];
        let many = BatchRegisterPersonsRequest { registrations, validate_only: true, ..Default::default() };
        let many = shop.persons().batch_register_persons(many).await.unwrap().into_inner().outcomes;
        match (single, many.into_iter().next().unwrap().outcome.unwrap()) {
            (Ok(single), Outcome::Person(one_of_many)) => {
                let single = told(single.into_inner().person.unwrap());
                assert_eq!(told(one_of_many), single);
                Ok(single)
            }
            (Err(status), Outcome::Failure(failure)) => {
                assert_eq!(reason_of(&status), Some(failure.reason.clone()));
                Err(failure.reason)
            }
            (single, many) => panic!("{single:?} {many:?}"),
        }
    };
    let passport = IdentityClaim {
        real_name: "Sample Person".to_owned(),
        document_type: DocumentType::Passport.into(),
        document_number: "E1234567".to_owned(),
    };
    let other_name = IdentityClaim { real_name: "Other Person".to_owned(), ..passport.clone() };
    let new = dry(passport.clone()).await.unwrap();
    assert_eq!((new.state(), new.age_band()), (PersonState::Unverified, AgeBand::Unknown));

    let theirs = crate::consent::with_passport(&rival, "E1234567").await;
    let age = Some(Age::AttestedAge(AttestedAge::Adult.into()));
    record(&rival, &theirs, Proofing { age, ..attested(ProofingResult::Match) }).await.unwrap();
    for claim in [passport.clone(), other_name.clone()] {
        assert_eq!(dry(claim).await.unwrap(), new);
    }
    let hold_until_time = Some(timestamp(world.clock.now().plus(Duration::from_hours(1))));
    let person = PairwiseName { organization: "organizations/rival".to_owned(), person: theirs };
    let freeze = FreezePersonRequest { person: Some(person.clone()), hold_until_time, ..Default::default() };
    world.operator().persons().freeze_person(freeze).await.unwrap();
    assert_eq!(dry(passport.clone()).await.unwrap(), new);
    let unfreeze = UnfreezePersonRequest { person: Some(person), ..Default::default() };
    world.operator().persons().unfreeze_person(unfreeze).await.unwrap();

    // Who registers is told, and leaves a trace; from then on also who only tries.
    let before = world.verify().await.events;
    crate::consent::with_passport(&shop, "E1234567").await;
    let known = dry(passport).await.unwrap();
    assert_eq!((known.state(), known.age_band()), (PersonState::Unverified, AgeBand::Adult));
    assert_eq!(dry(other_name).await.unwrap_err(), "PERSON_NAME_CONFLICT");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.events, before + 1);
}
