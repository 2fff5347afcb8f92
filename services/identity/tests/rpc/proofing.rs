use crate::world::{Caller, MINA, World, assert_refused, fields};
use greenroom_proto::identity::v1::{
    GetPersonRequest, Person, PersonState, Proofing, ProofingAuthentication, ProofingMethod, ProofingResult,
    RecordProofingRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Status};

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
