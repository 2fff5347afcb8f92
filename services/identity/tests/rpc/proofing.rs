use crate::consent::with_passport;
use crate::world::{Caller, MINA, World, assert_refused, claim, fields};
use greenroom_proto::identity::v1::proofing::Age;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_proto::identity::v1::{
    AgeBand, AttestedAge, FieldMatch, GetPersonRequest, IdentityMode, MatchPersonRequest, NetworkIdentity,
    Person, PersonState, Proofing, ProofingAuthentication, ProofingMethod, ProofingResult,
    RecordProofingRequest, RegisterPersonRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const DAY: Duration = Duration::from_hours(24);

pub fn attested(result: ProofingResult) -> Proofing {
    Proofing {
        method: ProofingMethod::AdministratorAttestation.into(),
        authentication: ProofingAuthentication::InPerson.into(),
        result: result.into(),
        artefact_sha256: "ab".repeat(32),
        ..Default::default()
    }
}

pub async fn record(caller: &Caller, person: &str, proofing: Proofing) -> Result<Person, Status> {
    let request =
        RecordProofingRequest { person: person.to_owned(), proofing: Some(proofing), ..Default::default() };
    Ok(caller.persons().record_proofing(request).await?.into_inner().person.unwrap())
}

async fn state(caller: &Caller, name: &str) -> PersonState {
    let read = caller.persons().get_person(GetPersonRequest { name: name.to_owned() }).await.unwrap();
    read.into_inner().person.unwrap().state()
}

#[tokio::test]
async fn a_proven_identity_is_due_for_a_re_check_after_its_period() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    // Told to the day, the clock stands at noon.
    let until = world.clock.now().plus(DAY * 180).minus(DAY / 2);
    let person = record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!((person.state(), person.evidence_until_time), (PersonState::Verified, Some(timestamp(until))));

    world.clock.advance(DAY * 179);
    assert_eq!(state(&shop, &name).await, PersonState::Verified);
    world.clock.advance(DAY);
    assert_eq!(state(&shop, &name).await, PersonState::RecheckDue);
    record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!(state(&shop, &name).await, PersonState::Verified);
}

#[tokio::test]
async fn a_proof_lasts_no_longer_than_the_document_which_counts_to_the_end_of_its_last_day() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    // The clock stands at noon of 2026-11-02 in Beijing.
    let check = Proofing { document_valid_until: "2026-11-02".to_owned(), ..attested(ProofingResult::Match) };
    let person = record(&shop, &name, check.clone()).await.unwrap();
    let midnight = world.clock.now().plus(Duration::from_hours(12));
    assert_eq!(
        (person.state(), person.evidence_until_time),
        (PersonState::Verified, Some(timestamp(midnight)))
    );
    world.clock.advance(Duration::from_hours(12));
    assert_eq!(state(&shop, &name).await, PersonState::DocumentExpired);
    let expired = record(&shop, &name, check).await.unwrap();
    assert_eq!(expired.state(), PersonState::DocumentExpired);
}

#[tokio::test]
async fn a_mismatch_counts_at_once_and_an_outage_of_the_source_never() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let verified = record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    let outage = record(&shop, &name, attested(ProofingResult::SourceUnavailable)).await.unwrap();
    assert_eq!(outage, verified);
    let unknown = record(&shop, &name, attested(ProofingResult::NotFound)).await.unwrap();
    assert_eq!(unknown.state(), PersonState::RecheckDue);
    let mismatch = record(&shop, &name, attested(ProofingResult::Mismatch)).await.unwrap();
    assert_eq!((mismatch.state(), mismatch.evidence_until_time), (PersonState::Mismatch, None));
}

#[tokio::test]
async fn older_evidence_is_kept_and_changes_nothing() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let newest = record(&shop, &name, attested(ProofingResult::Mismatch)).await.unwrap();
    let yesterday = Some(timestamp(world.clock.now().minus(DAY)));
    let older = Proofing { check_time: yesterday, ..attested(ProofingResult::Match) };
    assert_eq!(record(&shop, &name, older).await.unwrap(), newest);
}

#[tokio::test]
async fn a_check_a_moment_ahead_of_the_clock_counts_as_made_now() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let ahead = |seconds| Proofing {
        check_time: Some(timestamp(world.clock.now().plus(Duration::from_secs(seconds)))),
        ..attested(ProofingResult::Match)
    };
    let status =
        assert_refused(record(&shop, &name, ahead(6)).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["proofing.check_time"]);
    let person = record(&shop, &name, ahead(5)).await.unwrap();
    assert_eq!(person.state(), PersonState::Verified);
}

#[tokio::test]
async fn what_is_wrong_with_a_check_is_told_at_once() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let wrong = Proofing {
        method: ProofingMethod::AdministratorAttestation.into(),
        check_time: Some(timestamp(world.clock.now().plus(DAY))),
        document_valid_until: "2026-02-30".to_owned(),
        ..Default::default()
    };
    let status = assert_refused(record(&shop, &name, wrong).await, Code::InvalidArgument, "FIELDS_INVALID");
    let expected = ["result", "check_time", "artefact_sha256", "document_valid_until", "authentication"];
    assert_eq!(fields(&status), expected.map(|field| format!("proofing.{field}")));
    let of_source = Proofing { method: ProofingMethod::Source.into(), ..attested(ProofingResult::Match) };
    let status =
        assert_refused(record(&shop, &name, of_source).await, Code::InvalidArgument, "FIELDS_INVALID");
    let told = status.get_details_bad_request().unwrap().field_violations.remove(0);
    assert_eq!(told.field, "proofing.method");
    assert!(told.description.contains("StartProofing"), "{}", told.description);
}

#[tokio::test]
async fn the_sandbox_counts_only_where_the_configuration_says_so() {
    let sandbox = || Proofing {
        method: ProofingMethod::Sandbox.into(),
        result: ProofingResult::Match.into(),
        ..Default::default()
    };
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let refused = record(&shop, &name, sandbox()).await;
    assert_refused(refused, Code::InvalidArgument, "SANDBOX_SOURCE_DISABLED");

    let world = World::with(|config| config.allow_sandbox_source = true).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    assert_eq!(record(&shop, &name, sandbox()).await.unwrap().state(), PersonState::Verified);
}

#[tokio::test]
async fn a_check_decided_on_an_older_state_is_refused() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let person = shop.register(MINA).await;
    let read = shop.persons().get_person(GetPersonRequest { name: person.clone() }).await.unwrap();
    let request = RecordProofingRequest {
        person,
        proofing: Some(attested(ProofingResult::Match)),
        etag: read.into_inner().person.unwrap().etag,
        ..Default::default()
    };
    shop.persons().record_proofing(request.clone()).await.unwrap();
    let stale = shop.persons().record_proofing(request.clone()).await;
    assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
    let foreign = RecordProofingRequest { person: "persons/nobody".to_owned(), ..request };
    let unknown = shop.persons().record_proofing(foreign).await;
    assert_refused(unknown, Code::NotFound, "PERSON_NOT_FOUND");
}

async fn with_network_number(caller: &Caller, number: &str) -> String {
    let identity = Some(Identity::NetworkIdentity(NetworkIdentity { network_number: number.to_owned() }));
    let request = RegisterPersonRequest { identity, ..Default::default() };
    caller.persons().register_person(request).await.unwrap().into_inner().person.unwrap().name
}

fn telling(age: Age, result: ProofingResult) -> Proofing {
    Proofing { age: Some(age), ..attested(result) }
}

fn born(date: &str) -> Age {
    Age::BirthDate(date.to_owned())
}

#[tokio::test]
async fn a_match_teaches_the_age_that_a_document_does_not_tell() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = with_passport(&shop, "E1234567").await;
    let mismatch = telling(born("2010-03-04"), ProofingResult::Mismatch);
    assert_eq!(record(&shop, &name, mismatch).await.unwrap().age_band(), AgeBand::Unknown);
    let told = telling(born("2010-03-04"), ProofingResult::Match);
    let person = record(&shop, &name, told).await.unwrap();
    assert_eq!((person.state(), person.age_band()), (PersonState::Verified, AgeBand::From16To17));
    // It is kept, and grows up.
    let world = world.restart().await;
    let shop = world.platform("late").await;
    let name = with_passport(&shop, "E1234567").await;
    world.clock.advance(DAY * 500);
    let read = shop.persons().get_person(GetPersonRequest { name }).await.unwrap();
    assert_eq!(read.into_inner().person.unwrap().age_band(), AgeBand::Adult);
    let report = eventually("the patrol is done", async || {
        let report = world.verify().await;
        report.is_clean().then_some(report)
    });
    assert!(report.await.is_clean());
}

#[tokio::test]
async fn an_age_that_contradicts_what_is_known_is_refused_with_the_whole_check() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = with_passport(&shop, "E1234567").await;
    let adult = Age::AttestedAge(AttestedAge::Adult.into());
    record(&shop, &name, telling(adult.clone(), ProofingResult::Match)).await.unwrap();
    let mina = shop.register(MINA).await;
    let before = world.verify().await.events;
    let older = Proofing {
        check_time: Some(timestamp(world.clock.now().minus(DAY))),
        ..telling(born("2012-01-01"), ProofingResult::Match)
    };
    for (person, check) in [
        (&name, telling(born("2012-01-01"), ProofingResult::Match)),
        (&name, older),
        (&mina, telling(born("1990-03-08"), ProofingResult::Match)),
    ] {
        let refused = record(&shop, person, check).await;
        assert_refused(refused, Code::FailedPrecondition, "BIRTH_DATE_CONFLICT");
    }
    assert_eq!(world.verify().await.events, before);
    let person = record(&shop, &name, telling(born("1990-01-01"), ProofingResult::Match)).await.unwrap();
    assert_eq!(person.age_band(), AgeBand::Adult);
    let refused = record(&shop, &name, telling(born("1990-01-02"), ProofingResult::Match)).await;
    assert_refused(refused, Code::FailedPrecondition, "BIRTH_DATE_CONFLICT");
    record(&shop, &mina, telling(adult, ProofingResult::Match)).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn somebody_known_by_a_network_number_is_proven_and_compared_without_a_document() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = with_network_number(&shop, "wh1234aBcd").await;
    let dated = Proofing { document_valid_until: "2030-01-01".to_owned(), ..attested(ProofingResult::Match) };
    let status = assert_refused(record(&shop, &name, dated).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["proofing.document_valid_until"]);
    let adult = telling(Age::AttestedAge(AttestedAge::Adult.into()), ProofingResult::Match);
    let person = record(&shop, &name, adult).await.unwrap();
    assert_eq!((person.state(), person.age_band()), (PersonState::Verified, AgeBand::Adult));
    assert_eq!(person.identity_mode(), IdentityMode::NetworkNumber);
    assert_eq!(person.document_until_time, None);

    let service = world.suite("certification");
    let person = crate::resolving::suite_id(&service, "shop", &name).await;
    let request = MatchPersonRequest { person, claim: Some(claim(MINA.0, MINA.1)) };
    let answer = service.persons().match_person(request).await.unwrap().into_inner();
    let fits = [answer.real_name(), answer.document_type(), answer.document_number()];
    assert_eq!(fits, [FieldMatch::NotOnRecord; 3]);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}
