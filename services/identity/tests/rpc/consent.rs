//! Guardians' words.

use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card, fields, request_id};
use greenroom_proto::identity::v1::proofing::Age;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_proto::identity::v1::{
    AgeBand, DocumentType, GetPersonRequest, GuardianConsent, IdentityClaim, OrganizationRole, Person,
    Proofing, ProofingResult, RecordGuardianConsentRequest, RegisterPersonRequest,
    WithdrawGuardianConsentRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A platform that also records what guardians say.
pub async fn consenting(world: &World, id: &str) -> Caller {
    let scopes = ["persons.consent", "persons.proof", "persons.read", "persons.write"];
    world.member(id, OrganizationRole::Platform, &scopes).await
}

pub fn consent(person: &str) -> RecordGuardianConsentRequest {
    let (person, artefact_sha256) = (person.to_owned(), "cd".repeat(32));
    RecordGuardianConsentRequest { person, artefact_sha256, ..Default::default() }
}

pub async fn agree(caller: &Caller, request: RecordGuardianConsentRequest) -> Result<Person, Status> {
    Ok(caller.persons().record_guardian_consent(request).await?.into_inner().person.unwrap())
}

async fn take_back(caller: &Caller, person: &str) -> Result<Person, Status> {
    let request = WithdrawGuardianConsentRequest { person: person.to_owned(), ..Default::default() };
    Ok(caller.persons().withdraw_guardian_consent(request).await?.into_inner().person.unwrap())
}

/// Somebody whose document tells no age.
pub async fn with_passport(caller: &Caller, number: &str) -> String {
    let claim = IdentityClaim {
        real_name: "Sample Person".to_owned(),
        document_type: DocumentType::Passport.into(),
        document_number: number.to_owned(),
    };
    let request = RegisterPersonRequest { identity: Some(Identity::Claim(claim)), ..Default::default() };
    caller.persons().register_person(request).await.unwrap().into_inner().person.unwrap().name
}

const YOUTH: &str = "20100101";

#[tokio::test]
async fn a_guardian_agrees_takes_it_back_and_may_agree_again() {
    let world = World::start().await;
    let shop = consenting(&world, "shop").await;
    let youth = shop.register(("样例少年", &card(YOUTH, 1))).await;
    let guardian = shop.register(MINA).await;
    record(&shop, &guardian, attested(ProofingResult::Match)).await.unwrap();
    let missing = take_back(&shop, &youth).await;
    assert_refused(missing, Code::FailedPrecondition, "CONSENT_MISSING");

    let given = agree(&shop, RecordGuardianConsentRequest { guardian, ..consent(&youth) }).await.unwrap();
    assert_eq!(given.guardian_consent(), GuardianConsent::Given);
    let read = shop.persons().get_person(GetPersonRequest { name: youth.clone() }).await.unwrap();
    assert_eq!(read.into_inner().person, Some(given));
    assert_eq!(take_back(&shop, &youth).await.unwrap().guardian_consent(), GuardianConsent::Withdrawn);
    assert_refused(take_back(&shop, &youth).await, Code::FailedPrecondition, "CONSENT_MISSING");
    assert_eq!(agree(&shop, consent(&youth)).await.unwrap().guardian_consent(), GuardianConsent::Given);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_consent_has_an_effect_for_sixteen_and_seventeen_or_an_unknown_age() {
    let world = World::start().await;
    let shop = consenting(&world, "shop").await;
    for (birth, band) in [("20000101", "ADULT"), ("20150101", "UNDER_16")] {
        let person = shop.register(("样例某人", &card(birth, 1))).await;
        let refused = agree(&shop, consent(&person)).await;
        let status = assert_refused(refused, Code::FailedPrecondition, "CONSENT_WITHOUT_EFFECT");
        assert_eq!(status.get_details_error_info().unwrap().metadata["age_band"], band);
    }
    let unknown = with_passport(&shop, "E1234567").await;
    assert_eq!(agree(&shop, consent(&unknown)).await.unwrap().guardian_consent(), GuardianConsent::Given);
}

#[tokio::test]
async fn a_guardian_is_somebody_else_proven_and_known_to_be_an_adult() {
    let world = World::start().await;
    let shop = consenting(&world, "shop").await;
    let youth = shop.register(("样例少年", &card(YOUTH, 1))).await;
    record(&shop, &youth, attested(ProofingResult::Match)).await.unwrap();
    let other = shop.register(("样例同学", &card(YOUTH, 2))).await;
    record(&shop, &other, attested(ProofingResult::Match)).await.unwrap();
    let ageless = with_passport(&shop, "E1234567").await;
    record(&shop, &ageless, attested(ProofingResult::Match)).await.unwrap();
    let unproven = shop.register(MINA).await;
    let nobody = "persons/nobody".to_owned();
    for (guardian, faults) in [(youth.clone(), 2), (other, 1), (ageless, 1), (unproven, 1), (nobody, 1)] {
        let request = RecordGuardianConsentRequest { guardian, ..consent(&youth) };
        let status = assert_refused(agree(&shop, request).await, Code::InvalidArgument, "FIELDS_INVALID");
        assert_eq!(fields(&status), vec!["guardian"; faults]);
    }
}

#[tokio::test]
async fn a_consent_names_its_statement_and_is_taken_in_once() {
    let world = World::start().await;
    let shop = consenting(&world, "shop").await;
    let youth = shop.register(("样例少年", &card(YOUTH, 1))).await;
    let nameless = RecordGuardianConsentRequest::default();
    let status = assert_refused(agree(&shop, nameless).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["person", "artefact_sha256"]);

    let read = shop.persons().get_person(GetPersonRequest { name: youth.clone() }).await.unwrap();
    let etag = read.into_inner().person.unwrap().etag;
    let request = RecordGuardianConsentRequest { etag, request_id: request_id(), ..consent(&youth) };
    let before = world.verify().await.events;
    let tried = RecordGuardianConsentRequest { validate_only: true, ..request.clone() };
    assert_eq!(agree(&shop, tried).await.unwrap().guardian_consent(), GuardianConsent::Given);
    assert_eq!(world.verify().await.events, before);
    let first = agree(&shop, request.clone()).await.unwrap();
    assert_eq!(agree(&shop, request.clone()).await.unwrap(), first);
    assert_eq!(world.verify().await.events, before + 2);
    let stale = RecordGuardianConsentRequest { request_id: request_id(), ..request };
    assert_refused(agree(&shop, stale).await, Code::Aborted, "ETAG_MISMATCH");
}

#[tokio::test]
async fn an_issuer_records_no_consent() {
    let world = World::start().await;
    let issuer = world
        .demoted("assessor", OrganizationRole::Issuer, OrganizationRole::Platform, &["persons.consent"])
        .await;
    let refused = agree(&issuer, consent("persons/x")).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
}

#[tokio::test]
async fn a_consent_given_where_nobody_knew_the_age_ends_once_it_turns_out_to_be_under_sixteen() {
    let world = World::start().await;
    let shop = consenting(&world, "shop").await;
    for (number, birth, consent_since) in [
        ("E12345678", "2012-01-01", GuardianConsent::NotRecorded),
        ("E12345679", "2010-01-01", GuardianConsent::Given),
    ] {
        let name = with_passport(&shop, number).await;
        assert_eq!(agree(&shop, consent(&name)).await.unwrap().guardian_consent(), GuardianConsent::Given);
        let age = Some(Age::BirthDate(birth.to_owned()));
        let known = record(&shop, &name, Proofing { age, ..attested(ProofingResult::Match) }).await.unwrap();
        assert_ne!(known.age_band(), AgeBand::Unknown);
        assert_eq!(known.guardian_consent(), consent_since);
    }
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}
