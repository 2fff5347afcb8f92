use crate::world::{MINA, World, assert_refused, card, claim};
use greenroom_domain::identity::NO_TOKEN;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{
    AgeBand, ClientState, DisableClientRequest, FeedBeginning, IdentityEvent, PersonFact, Proofing,
    ProofingMethod, ProofingResult, RecordProofingRequest, RegisterPersonRequest, WatchIdentityEventsRequest,
    WatchIdentityEventsResponse,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Streaming};

/// All that the feed tells behind a cursor.
pub async fn events(world: &World, cursor: &str) -> (Vec<IdentityEvent>, String) {
    let request = WatchIdentityEventsRequest { cursor: cursor.to_owned(), ..Default::default() };
    read(world.suite("registry").feed().watch_identity_events(request).await.unwrap().into_inner()).await
}

async fn read(mut stream: Streaming<WatchIdentityEventsResponse>) -> (Vec<IdentityEvent>, String) {
    let mut events = Vec::new();
    loop {
        let batch = stream.message().await.unwrap().unwrap();
        events.extend(batch.events);
        if batch.current_time.is_some() {
            return (events, batch.cursor);
        }
    }
}

fn person(event: &IdentityEvent) -> PersonFact {
    match event.fact.clone().unwrap().fact.unwrap() {
        Fact::Person(fact) => fact,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_feed_begins_with_the_suite_itself_and_goes_on_without_gaps() {
    let world = World::start().await;
    let (events, cursor) = events(&world, "").await;
    let kinds: Vec<_> = events
        .iter()
        .map(|event| match event.fact.clone().unwrap().fact.unwrap() {
            Fact::Organization(fact) => fact.organization,
            Fact::Client(fact) => fact.client,
            Fact::SigningKey(fact) => format!("key {}", fact.public_jwk.contains("OKP")),
            other => format!("{other:?}"),
        })
        .collect();
    let suite =
        ["organizations/suite", "clients/suite-operator", "clients/certification", "clients/registry"];
    assert_eq!(kinds[..4], suite);
    assert_eq!(kinds[4..], ["key true"]);
    assert!(events.iter().map(|event| event.sequence).eq(1..=5));

    world.platform("shop").await;
    let (later, _) = self::events(&world, &cursor).await;
    assert!(later.iter().map(|event| event.sequence).eq(6..=7));
    let caused_by: Vec<_> = later.iter().map(|event| event.client.as_str()).collect();
    assert_eq!(caused_by, ["clients/suite-operator"; 2]);
    assert_eq!(later[1].method, "/greenroom.identity.v1.ClientService/CreateClient");
}

#[tokio::test]
async fn a_persons_fact_tells_of_minors_what_will_end_and_of_adults_nothing() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let (_, cursor) = events(&world, "").await;
    shop.register(MINA).await;
    shop.register(("样例少年", &card("20101103", 1))).await;
    let (events, _) = events(&world, &cursor).await;
    // Behind each person the name that the shop has for it.
    let (adult, minor) = (person(&events[0]), person(&events[2]));
    assert_eq!((adult.age_band(), adult.age_band_until_time), (AgeBand::Adult, None));
    let turn = world.clock.now().plus(std::time::Duration::from_hours(36));
    assert_eq!((minor.age_band(), minor.age_band_until_time), (AgeBand::Under16, Some(timestamp(turn))));
    assert_eq!(adult.record_digest.len(), 32);
    let told = format!("{events:?}");
    assert!(!told.contains("样例") && !told.contains("19900307") && !told.contains("20101103"), "{told}");
}

#[tokio::test]
async fn evidence_without_effect_and_a_further_name_are_events_too() {
    let world = World::with(|config| config.allow_sandbox_source = true).await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let person = shop.register(MINA).await;
    let (_, cursor) = events(&world, "").await;
    let told = async |cursor: &str| {
        let (events, cursor) = events(&world, cursor).await;
        let facts = events.into_iter().map(|event| event.fact.unwrap().fact.unwrap()).collect::<Vec<_>>();
        (facts, cursor)
    };

    let identity = Some(crate::world::named(claim(MINA.0, MINA.1)));
    let register = RegisterPersonRequest { identity, ..Default::default() };
    let name = rival.persons().register_person(register).await.unwrap().into_inner().person.unwrap().name;
    let (facts, cursor) = told(&cursor).await;
    let [Fact::PairwiseName(fact)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((fact.organization.as_str(), fact.record_digest.len()), ("organizations/rival", 32));
    assert_ne!(fact.person, name);

    for result in [ProofingResult::SourceUnavailable, ProofingResult::Match] {
        let proofing =
            Proofing { method: ProofingMethod::Sandbox.into(), result: result.into(), ..Default::default() };
        let request =
            RecordProofingRequest { person: person.clone(), proofing: Some(proofing), ..Default::default() };
        shop.persons().record_proofing(request).await.unwrap();
    }
    let (facts, _) = told(&cursor).await;
    let [Fact::Proofing(outage), Fact::Proofing(_), Fact::Person(_)] = facts.as_slice() else {
        panic!("{facts:?}")
    };
    assert_eq!(outage.person, fact.person);
}

#[tokio::test]
async fn a_disabled_clients_fact_says_that_no_token_counts_whenever_it_was_issued() {
    let world = World::start().await;
    world.platform("shop").await;
    let (_, cursor) = events(&world, "").await;
    let request = DisableClientRequest { name: "clients/shop".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    let (events, _) = events(&world, &cursor).await;
    let Some(Fact::Client(fact)) = events[0].fact.clone().unwrap().fact else { panic!("{events:?}") };
    assert_eq!((fact.state(), fact.version), (ClientState::Disabled, 2));
    assert_eq!(fact.tokens_valid_from, Some(timestamp(NO_TOKEN)));
}

#[tokio::test]
async fn who_only_refuses_tokens_begins_with_what_a_living_one_can_meet() {
    let world = World::start().await;
    let from_living = async || {
        let beginning = FeedBeginning::LivingTokens.into();
        let request = WatchIdentityEventsRequest { beginning, ..Default::default() };
        read(world.suite("registry").feed().watch_identity_events(request).await.unwrap().into_inner()).await
    };
    let disable = async |id: &str| {
        world.platform(id).await;
        let request = DisableClientRequest { name: format!("clients/{id}"), ..Default::default() };
        world.operator().clients().disable_client(request).await.unwrap();
    };
    disable("first").await;
    let (all, end) = events(&world, "").await;
    assert_eq!(from_living().await, (all.clone(), end.clone()));
    // As long as a token may live that was being issued while the client was being disabled.
    world.clock.advance(Duration::from_hours(3));
    assert_eq!(from_living().await.0, all);
    disable("second").await;
    world.clock.advance(Duration::from_mins(6));
    let (later, cursor) = events(&world, &end).await;
    assert_eq!((from_living().await, later.len()), ((later, cursor.clone()), 3));
    world.clock.advance(Duration::from_hours(4));
    assert_eq!(from_living().await, (Vec::new(), cursor));
}

#[tokio::test]
async fn cursors_that_are_not_of_this_database_are_refused_by_name() {
    let (world, other) = (World::start().await, World::start().await);
    let (_, foreign) = events(&other, "").await;
    for (cursor, code, reason) in [
        ("nonsense", Code::InvalidArgument, "CURSOR_MALFORMED"),
        (foreign.as_str(), Code::OutOfRange, "CURSOR_FOREIGN_DATABASE"),
    ] {
        let request = WatchIdentityEventsRequest { cursor: cursor.to_owned(), ..Default::default() };
        assert_refused(world.suite("registry").feed().watch_identity_events(request).await, code, reason);
    }
}
