use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card, claim, fields};
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::{
    FieldMatch, IdentityClaim, MatchPersonRequest, NamePersonRequest, OrganizationRole, PairwiseName,
    PersonQuery, PersonResolution, PersonResolutionOutcome as Outcome, ProofingResult, ResolvePersonsRequest,
    ResolvePersonsResponse,
};
use tonic::Code;

pub fn by_claim(claim: IdentityClaim) -> PersonQuery {
    PersonQuery { by: Some(By::Claim(claim)) }
}

pub fn by_name(organization: &str, person: &str) -> PersonQuery {
    let organization = format!("organizations/{organization}");
    PersonQuery { by: Some(By::Pairwise(PairwiseName { organization, person: person.to_owned() })) }
}

pub async fn resolve(
    caller: &Caller,
    queries: Vec<PersonQuery>,
    register_missing: bool,
) -> ResolvePersonsResponse {
    let request = ResolvePersonsRequest { queries, register_missing };
    caller.persons().resolve_persons(request).await.unwrap().into_inner()
}

/// The suite-wide id behind an organization's own name for a person.
pub async fn suite_id(caller: &Caller, organization: &str, pairwise: &str) -> String {
    let mut answer = resolve(caller, vec![by_name(organization, pairwise)], false).await;
    let resolution = answer.resolutions.remove(0);
    assert_eq!(resolution.outcome(), Outcome::Found);
    resolution.person
}

/// Asks about nobody; fails unless the caller may ask.
pub async fn nobody(caller: &Caller) {
    assert!(resolve(caller, Vec::new(), false).await.resolutions.is_empty());
}

#[tokio::test]
async fn every_query_has_its_own_outcome_in_its_place() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let pairwise = shop.register(MINA).await;
    let service = world.suite("certification");
    let newcomer = card("19850101", 1);
    let queries = vec![
        by_name("shop", &pairwise),
        by_name("rival", &pairwise),
        by_name("shop", "nonsense"),
        by_claim(claim(MINA.0, MINA.1)),
        by_claim(claim("样例冒名", MINA.1)),
        by_claim(claim("样例新人", &newcomer)),
        by_claim(claim("样例新人", "110105199003070026")),
    ];
    let answer = resolve(&service, queries.clone(), false).await;
    let outcomes: Vec<_> = answer.resolutions.iter().map(PersonResolution::outcome).collect();
    let expected = [
        Outcome::Found,
        Outcome::NotFound,
        Outcome::Invalid,
        Outcome::Found,
        Outcome::NameConflict,
        Outcome::NotFound,
        Outcome::Invalid,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(answer.resolutions[0].person, answer.resolutions[3].person);
    assert_ne!(answer.resolutions[0].person, pairwise);
    assert_eq!(answer.resolutions[6].faults, ["CHECK_DIGIT_WRONG"]);

    let registered = resolve(&service, queries.clone(), true).await;
    assert_eq!(registered.resolutions[5].outcome(), Outcome::Registered);
    let found = resolve(&service, queries, true).await;
    assert_eq!(found.resolutions[5].outcome(), Outcome::Found);
    assert_eq!(found.resolutions[5].person, registered.resolutions[5].person);
    assert_eq!(found.revision, registered.revision);
}

#[tokio::test]
async fn a_document_asked_about_twice_in_one_call_is_registered_once() {
    let world = World::start().await;
    let service = world.suite("certification");
    let number = card("19850101", 1);
    let queries = ["样例新人", "样例新人", "样例别名"].map(|name| by_claim(claim(name, &number))).to_vec();
    let answer = resolve(&service, queries, true).await;
    let outcomes: Vec<_> = answer.resolutions.iter().map(PersonResolution::outcome).collect();
    assert_eq!(outcomes, [Outcome::Registered, Outcome::Found, Outcome::NameConflict]);
    assert_eq!(answer.resolutions[0].person, answer.resolutions[1].person);
}

#[tokio::test]
async fn a_thousand_persons_are_registered_in_one_call_and_parallel_calls_agree() {
    let world = World::start().await;
    let service = world.suite("certification");
    let queries: Vec<_> = (0..1000)
        .map(|index| by_claim(claim("样例众人", &card(["19850101", "19850102"][index % 2], index / 2))))
        .collect();
    let before = world.verify().await.events;
    let calls = (0..4).map(|_| {
        let (service, queries) = (service.clone(), queries.clone());
        tokio::spawn(async move { resolve(&service, queries, true).await })
    });
    let mut persons = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let resolutions = call.await.unwrap().resolutions;
        persons.push(resolutions.into_iter().map(|one| one.person).collect::<Vec<_>>());
    }
    persons.dedup();
    assert_eq!((persons.len(), persons[0].len()), (1, 1000));
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.events, before + 1000);
}

#[tokio::test]
async fn who_is_registered_by_hand_is_found_in_spite_of_a_wrong_name_and_alone_once_proven() {
    let world = World::start().await;
    let (squatter, shop) = (world.platform("squatter").await, world.platform("shop").await);
    let service = world.suite("certification");
    squatter.register(("样例冒名", MINA.1)).await;
    let asked = || vec![by_claim(claim(MINA.0, MINA.1)), by_claim(claim("样例冒名", MINA.1))];
    let outcomes = async || {
        let answer = resolve(&service, asked(), true).await;
        answer.resolutions.iter().map(PersonResolution::outcome).collect::<Vec<_>>()
    };
    assert_eq!(outcomes().await, [Outcome::NameConflict, Outcome::Found]);
    let person = shop.register(MINA).await;
    assert_eq!(outcomes().await, [Outcome::Found, Outcome::Found]);
    record(&shop, &person, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!(outcomes().await, [Outcome::Found, Outcome::NameConflict]);
}

#[tokio::test]
async fn an_organization_is_told_of_a_person_under_one_name_of_its_own_and_may_compare_it() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let registrar = world.member("registrar", OrganizationRole::Issuer, &["persons.match"]).await;
    let pairwise = shop.register(MINA).await;
    let service = world.suite("certification");
    let person = suite_id(&service, "shop", &pairwise).await;
    let name = async |organization: &str| {
        let organization = format!("organizations/{organization}");
        let request = NamePersonRequest { person: person.clone(), organization };
        Ok::<_, tonic::Status>(service.persons().name_person(request).await?.into_inner().person)
    };
    let named = name("registrar").await.unwrap();
    assert!(named != person && named != pairwise);
    assert_eq!(name("registrar").await.unwrap(), named, "one name for ever");
    assert_eq!(name("shop").await.unwrap(), pairwise);
    assert_eq!(suite_id(&service, "registrar", &named).await, person);
    assert_refused(name("nobody").await, Code::NotFound, "ORGANIZATION_NOT_FOUND");

    let compared = async |person: &str, name: &str| {
        let request = MatchPersonRequest { person: person.to_owned(), claim: Some(claim(name, MINA.1)) };
        registrar.persons().match_person(request).await.map(|answer| answer.into_inner().real_name())
    };
    assert_eq!(compared(&named, MINA.0).await.unwrap(), FieldMatch::Match);
    assert_eq!(compared(&named, "样例冒名").await.unwrap(), FieldMatch::Mismatch);
    for foreign in [&person, &pairwise] {
        assert_refused(compared(foreign, MINA.0).await, Code::NotFound, "PERSON_NOT_FOUND");
    }
    let request = NamePersonRequest { person: named, organization: "organizations/registrar".to_owned() };
    let unknown = service.persons().name_person(request).await;
    assert_refused(unknown, Code::NotFound, "PERSON_NOT_FOUND");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn too_many_queries_and_empty_ones_are_refused() {
    let world = World::start().await;
    let request =
        ResolvePersonsRequest { queries: vec![PersonQuery::default(); 1001], register_missing: false };
    let refused = world.suite("registry").persons().resolve_persons(request).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status)[..2], ["queries", "queries[0].by"]);
}
