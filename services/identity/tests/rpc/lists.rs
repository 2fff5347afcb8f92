use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card, fields};
use greenroom_proto::identity::v1::{
    GetPersonRequest, ListPersonsRequest, ListPersonsResponse, ListProofingsRequest, ListProofingsResponse,
    Person, PersonState, Proofing, ProofingAuthentication, ProofingMethod, ProofingResult,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::{Code, Status};

const DAY: Duration = Duration::from_hours(24);

async fn persons(caller: &Caller, request: ListPersonsRequest) -> Result<ListPersonsResponse, Status> {
    Ok(caller.persons().list_persons(request).await?.into_inner())
}

async fn proofings(caller: &Caller, request: ListProofingsRequest) -> Result<ListProofingsResponse, Status> {
    Ok(caller.persons().list_proofings(request).await?.into_inner())
}

fn of(parent: &str) -> ListProofingsRequest {
    ListProofingsRequest { parent: parent.to_owned(), ..Default::default() }
}

fn names(persons: &[Person]) -> Vec<String> {
    persons.iter().map(|person| person.name.clone()).collect()
}

async fn crowd(caller: &Caller, sequence: std::ops::Range<usize>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for index in sequence {
        names.insert(caller.register(("样例众人", &card("19850101", index))).await);
    }
    names
}

#[tokio::test]
async fn an_organization_lists_its_own_persons_page_by_page_while_others_are_registered() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let mine = crowd(&shop, 0..7).await;
    crowd(&rival, 5..9).await;
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    for step in 0.. {
        let request = ListPersonsRequest { page_size: 3, page_token, ..Default::default() };
        let page = persons(&shop, request).await.unwrap();
        assert!(page.persons.len() <= 3);
        for person in &page.persons {
            let read = shop.persons().get_person(GetPersonRequest { name: person.name.clone() }).await;
            assert_eq!(read.unwrap().into_inner().person.as_ref(), Some(person));
        }
        seen.extend(names(&page.persons));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
        crowd(&shop, 100 + step..101 + step).await;
    }
    assert!(seen.is_sorted());
    let unique: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len());
    assert!(mine.is_subset(&unique));
    assert!(names(&persons(&rival, ListPersonsRequest::default()).await.unwrap().persons).len() == 4);
}

#[tokio::test]
async fn those_whose_proof_ends_are_listed_for_the_re_check() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let (late, soon) = (shop.register(MINA).await, shop.register(("样例一", &card("19850101", 1))).await);
    let nobody_checked = shop.register(("样例二", &card("19850101", 2))).await;
    record(&shop, &soon, attested(ProofingResult::Match)).await.unwrap();
    world.clock.advance(DAY * 30);
    let short = Proofing { document_valid_until: "2028-01-01".to_owned(), ..attested(ProofingResult::Match) };
    record(&shop, &late, short).await.unwrap();
    let due_before = async |instant| {
        let request = ListPersonsRequest { due_before_time: Some(timestamp(instant)), ..Default::default() };
        names(&persons(&shop, request).await.unwrap().persons)
    };
    let due = async |days: u32| due_before(world.clock.now().plus(DAY * days)).await;
    assert!(due(149).await.is_empty());
    assert_eq!(due(150).await, std::slice::from_ref(&soon));
    assert_eq!(due(180).await.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([soon.clone(), late]));
    // The list tells no more than the day, however often it is asked for: the clock stands at noon.
    let told = world.clock.now().plus(DAY * 150).minus(DAY / 2);
    assert!(due_before(told).await.is_empty());
    for within in [Duration::from_micros(1), DAY / 2, DAY / 2 + Duration::from_micros(1), DAY] {
        assert_eq!(due_before(told.plus(within)).await, std::slice::from_ref(&soon));
    }
    let all = names(&persons(&shop, ListPersonsRequest::default()).await.unwrap().persons);
    assert!(all.len() == 3 && all.contains(&nobody_checked));
}

#[tokio::test]
async fn a_page_token_belongs_to_one_list_of_one_organization() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    crowd(&shop, 0..2).await;
    let one = ListPersonsRequest { page_size: 1, ..Default::default() };
    let page_token = persons(&shop, one).await.unwrap().next_page_token;
    let next = ListPersonsRequest { page_token, ..Default::default() };
    assert_eq!(persons(&shop, next.clone()).await.unwrap().persons.len(), 1);
    let filtered = ListPersonsRequest { due_before_time: Some(timestamp(world.clock.now())), ..next.clone() };
    assert_refused(persons(&shop, filtered).await, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    assert_refused(persons(&rival, next).await, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    let impossible = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
    let request = ListPersonsRequest { due_before_time: Some(impossible), ..Default::default() };
    let status = assert_refused(persons(&shop, request).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["due_before_time"]);
}

#[tokio::test]
async fn every_check_is_listed_and_only_ones_own_say_by_whom() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let (ours, theirs) = (shop.register(MINA).await, rival.register(MINA).await);
    record(&shop, &ours, attested(ProofingResult::SourceUnavailable)).await.unwrap();
    world.clock.advance(DAY + Duration::from_hours(3));
    record(&rival, &theirs, attested(ProofingResult::Match)).await.unwrap();
    world.clock.advance(DAY);
    let seen = proofings(&shop, of(&ours)).await.unwrap().proofings;
    let results: Vec<_> = seen.iter().map(Proofing::result).collect();
    assert_eq!(results, [ProofingResult::SourceUnavailable, ProofingResult::Match]);
    assert_eq!(seen[0].client, "clients/shop");
    assert!(seen[0].name.starts_with(&format!("{ours}/proofings/")), "{}", seen[0].name);
    assert_eq!(seen[0].artefact_sha256, "ab".repeat(32));
    assert_eq!(
        (seen[1].method(), seen[1].source.as_str()),
        (ProofingMethod::AdministratorAttestation, "manual")
    );
    assert_eq!(seen[1].authentication(), ProofingAuthentication::InPerson);
    assert_eq!((seen[1].client.as_str(), seen[1].name.as_str()), ("", ""));
    assert_eq!(seen[1].artefact_sha256, "");
    let by_them = proofings(&rival, of(&theirs)).await.unwrap().proofings;
    assert_eq!((by_them[0].client.as_str(), by_them[1].client.as_str()), ("", "clients/rival"));
    // Nothing that both are told is the same exact instant.
    assert_ne!(seen[1].create_time, by_them[1].create_time);
    for foreign in [theirs.as_str(), "persons/nobody"] {
        assert_refused(proofings(&shop, of(foreign)).await, Code::NotFound, "PERSON_NOT_FOUND");
    }
}

#[tokio::test]
async fn checks_are_listed_page_by_page_and_the_tokens_tell_nothing() {
    let world = World::start().await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let (ours, theirs) = (shop.register(MINA).await, rival.register(MINA).await);
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(1));
        record(&rival, &theirs, attested(ProofingResult::Match)).await.unwrap();
    }
    let whole = proofings(&rival, of(&theirs)).await.unwrap().proofings;
    let ids: Vec<_> = whole.iter().map(|proofing| proofing.name.rsplit('/').next().unwrap()).collect();
    let (mut count, mut page_token) = (0, String::new());
    loop {
        let request = ListProofingsRequest { page_size: 2, page_token, ..of(&ours) };
        let page = proofings(&shop, request).await.unwrap();
        count += page.proofings.len();
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
        let read = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &page_token);
        let read = String::from_utf8_lossy(&read.unwrap()).into_owned();
        assert!(ids.iter().all(|id| !read.contains(id)), "{read}");
        let foreign = ListProofingsRequest { page_token: page_token.clone(), ..of(&theirs) };
        assert_refused(proofings(&rival, foreign).await, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    }
    assert_eq!(count, 5);
    assert!(world.verify().await.is_clean());
    let state = shop.persons().get_person(GetPersonRequest { name: ours }).await.unwrap();
    assert_eq!(state.into_inner().person.unwrap().state(), PersonState::Verified);
}
