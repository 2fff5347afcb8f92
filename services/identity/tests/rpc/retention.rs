//! Frozen and erased records.

use crate::consent::{agree, consent, consenting, with_passport};
use crate::fake_source::begin;
use crate::feed::events;
use crate::proofing::{attested, record};
use crate::resolving::{by_claim, by_name, resolve, suite_id};
use crate::world::{Caller, MINA, World, assert_refused, card, claim, fields, named, request_id};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::proofing::Age;
use greenroom_proto::identity::v1::{
    BatchRegisterPersonsRequest, ErasePersonRequest, ErasePersonResponse, FreezePersonRequest,
    FreezePersonResponse, GetPersonRequest, MatchPersonRequest, PairwiseName, Person, PersonRegistration,
    PersonResolutionOutcome as Outcome, PersonState, Proofing, ProofingResult, RegisterPersonRequest,
    UnfreezePersonRequest, person_registration,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;
use tonic::{Code, Status};

const DAY: Duration = Duration::from_hours(24);

pub fn pairwise(organization: &str, person: &str) -> PairwiseName {
    PairwiseName { organization: format!("organizations/{organization}"), person: person.to_owned() }
}

/// Freezes for ten days.
pub async fn freeze(world: &World, name: PairwiseName) -> Result<FreezePersonResponse, Status> {
    let hold_until_time = Some(timestamp(world.clock.now().plus(DAY * 10)));
    let request = FreezePersonRequest { person: Some(name), hold_until_time, ..Default::default() };
    Ok(world.operator().persons().freeze_person(request).await?.into_inner())
}

pub async fn unfreeze(world: &World, name: PairwiseName) -> Result<Person, Status> {
    let request = UnfreezePersonRequest { person: Some(name), ..Default::default() };
    Ok(world.operator().persons().unfreeze_person(request).await?.into_inner().person.unwrap())
}

pub async fn erase(world: &World, name: PairwiseName) -> Result<ErasePersonResponse, Status> {
    let request = ErasePersonRequest { person: Some(name), request_id: request_id(), ..Default::default() };
    Ok(world.operator().persons().erase_person(request).await?.into_inner())
}

async fn get(caller: &Caller, name: &str) -> Person {
    let read = caller.persons().get_person(GetPersonRequest { name: name.to_owned() }).await;
    read.unwrap().into_inner().person.unwrap()
}

async fn register(caller: &Caller) -> Result<String, Status> {
    let request =
        RegisterPersonRequest { identity: Some(named(claim(MINA.0, MINA.1))), ..Default::default() };
    Ok(caller.persons().register_person(request).await?.into_inner().person.unwrap().name)
}

async fn matches(caller: &Caller, person: &str) -> Result<(), Status> {
    let request = MatchPersonRequest { person: person.to_owned(), claim: Some(claim(MINA.0, MINA.1)) };
    caller.persons().match_person(request).await.map(drop)
}

#[tokio::test]
async fn a_frozen_record_is_stored_and_nothing_else_until_it_is_used_again() {
    let world = World::start().await;
    let (shop, rival) = (consenting(&world, "shop").await, world.platform("rival").await);
    let (ours, theirs) = (shop.register(MINA).await, rival.register(MINA).await);
    record(&shop, &ours, attested(ProofingResult::Match)).await.unwrap();
    let service = world.suite("certification");
    let id = suite_id(&service, "shop", &ours).await;

    let frozen = freeze(&world, pairwise("shop", &ours)).await.unwrap();
    assert_eq!(frozen.organizations, ["organizations/rival", "organizations/shop"]);
    let person = frozen.person.unwrap();
    assert_eq!((person.state(), &person.name), (PersonState::Frozen, &ours));
    // Told to the day, and never too early: the clock stands at noon.
    assert_eq!(person.hold_until_time, Some(timestamp(world.clock.now().plus(DAY * 10 + DAY / 2))));
    assert_eq!(get(&shop, &ours).await, person);
    assert_eq!(get(&rival, &theirs).await.state(), PersonState::Frozen);

    let late = world.platform("late").await;
    for refused in [
        register(&shop).await.map(drop),
        register(&late).await.map(drop),
        record(&shop, &ours, attested(ProofingResult::Match)).await.map(drop),
        agree(&shop, consent(&ours)).await.map(drop),
        matches(&service, &id).await,
    ] {
        assert_refused(refused, Code::FailedPrecondition, "PERSON_FROZEN");
    }
    let asked = || vec![by_claim(claim(MINA.0, MINA.1)), by_name("shop", &ours)];
    for one in resolve(&service, asked(), true).await.resolutions {
        assert_eq!((one.outcome(), one.person.as_str()), (Outcome::NotFound, ""));
    }

    let again = unfreeze(&world, pairwise("rival", &theirs)).await.unwrap();
    // The hold goes on; the operator sees it, and nobody else.
    assert_eq!((again.state(), again.hold_until_time), (PersonState::Unverified, person.hold_until_time));
    assert_eq!(get(&world.operator(), &id).await.hold_until_time, person.hold_until_time);
    assert_eq!(get(&shop, &ours).await.hold_until_time, None);
    world.clock.advance(DAY * 10);
    assert_eq!(get(&world.operator(), &id).await.hold_until_time, None);
    assert_eq!((again.name, again.evidence_until_time), (theirs.clone(), None));
    let refused = unfreeze(&world, pairwise("rival", &theirs)).await;
    assert_refused(refused, Code::FailedPrecondition, "PERSON_NOT_FROZEN");
    assert_eq!(resolve(&service, asked(), false).await.resolutions[0].outcome(), Outcome::Found);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_freezing_names_whom_and_until_when_and_can_be_tried() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let mut operator = world.operator().persons();
    let status = operator.freeze_person(FreezePersonRequest::default()).await;
    let status = assert_refused(status, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["person", "hold_until_time"]);
    let hold_until_time = Some(timestamp(world.clock.now()));
    let now =
        FreezePersonRequest { person: Some(pairwise("shop", &name)), hold_until_time, ..Default::default() };
    let status = assert_refused(operator.freeze_person(now).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["hold_until_time"]);
    let unknown = freeze(&world, pairwise("rival", &name)).await;
    assert_refused(unknown, Code::NotFound, "PERSON_NOT_FOUND");

    let etag = get(&shop, &name).await.etag;
    let hold_until_time = Some(timestamp(world.clock.now().plus(DAY)));
    let request = FreezePersonRequest {
        person: Some(pairwise("shop", &name)),
        hold_until_time,
        etag,
        ..Default::default()
    };
    let tried = FreezePersonRequest { validate_only: true, ..request.clone() };
    let tried = operator.freeze_person(tried).await.unwrap().into_inner();
    assert_eq!(tried.organizations, ["organizations/shop"]);
    assert_eq!(get(&shop, &name).await.state(), PersonState::Unverified);
    operator.freeze_person(request.clone()).await.unwrap();
    assert_refused(operator.freeze_person(request).await, Code::Aborted, "ETAG_MISMATCH");
    // The later of the two instants counts.
    freeze(&world, pairwise("shop", &name)).await.unwrap();
    let until = get(&shop, &name).await.hold_until_time;
    assert_eq!(until, Some(timestamp(world.clock.now().plus(DAY * 10 + DAY / 2))));
}

#[tokio::test]
async fn a_repeated_freezing_is_answered_as_it_was_whatever_came_since() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let request = FreezePersonRequest {
        person: Some(pairwise("shop", &name)),
        hold_until_time: Some(timestamp(world.clock.now().plus(DAY))),
        request_id: request_id(),
        ..Default::default()
    };
    let freeze = async || {
        world.operator().persons().freeze_person(request.clone()).await.map(tonic::Response::into_inner)
    };
    let first = freeze().await.unwrap();
    // The period is over, and so is the record.
    world.clock.advance(DAY * 2);
    assert_eq!(freeze().await.unwrap(), first);
    erase(&world, pairwise("shop", &name)).await.unwrap();
    assert_eq!(freeze().await.unwrap(), first);
}

#[tokio::test]
async fn a_legal_period_forbids_erasure_also_of_a_record_that_is_used_again() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let before =
        Proofing { check_time: Some(timestamp(world.clock.now())), ..attested(ProofingResult::Match) };
    record(&shop, &name, before.clone()).await.unwrap();
    freeze(&world, pairwise("shop", &name)).await.unwrap();
    world.clock.advance(DAY);
    unfreeze(&world, pairwise("shop", &name)).await.unwrap();
    let held = erase(&world, pairwise("shop", &name)).await;
    assert_refused(held, Code::FailedPrecondition, "PERSON_HELD");
    // The check made before is evidence, and proves nothing again.
    let again = record(&shop, &name, before).await.unwrap();
    assert_eq!(again.state(), PersonState::Unverified);
    let anew = record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!(anew.state(), PersonState::Verified);
    world.clock.advance(DAY * 9);
    erase(&world, pairwise("shop", &name)).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_held_record_is_not_erased_and_an_erased_one_keeps_its_name_alone() {
    let world = World::start().await;
    let (shop, rival) = (consenting(&world, "shop").await, world.platform("rival").await);
    let (ours, theirs) = (shop.register(MINA).await, rival.register(MINA).await);
    record(&shop, &ours, attested(ProofingResult::Match)).await.unwrap();
    let service = world.suite("certification");
    let id = suite_id(&service, "shop", &ours).await;
    freeze(&world, pairwise("shop", &ours)).await.unwrap();
    let held = erase(&world, pairwise("shop", &ours)).await;
    assert_refused(held, Code::FailedPrecondition, "PERSON_HELD");
    world.clock.advance(DAY * 10);

    let erased = erase(&world, pairwise("shop", &ours)).await.unwrap();
    assert_eq!(erased.organizations, ["organizations/rival", "organizations/shop"]);
    let nothing_else = |name: &str| Person {
        name: name.to_owned(),
        state: PersonState::Erased.into(),
        ..Default::default()
    };
    assert_eq!(erased.person, Some(nothing_else(&ours)));
    assert_eq!(get(&shop, &ours).await, nothing_else(&ours));
    assert_eq!(get(&rival, &theirs).await, nothing_else(&theirs));
    for refused in [
        record(&shop, &ours, attested(ProofingResult::Match)).await.map(drop),
        agree(&shop, consent(&ours)).await.map(drop),
        matches(&service, &id).await,
        erase(&world, pairwise("shop", &ours)).await.map(drop),
        freeze(&world, pairwise("shop", &ours)).await.map(drop),
        unfreeze(&world, pairwise("shop", &ours)).await.map(drop),
    ] {
        assert_refused(refused, Code::FailedPrecondition, "PERSON_ERASED");
    }
    let (told, _) = events(&world, "").await;
    let last = told.into_iter().rev().find_map(|event| match event.fact?.fact? {
        Fact::Person(fact) => Some(fact),
        _ => None,
    });
    let last = last.unwrap();
    assert_eq!((last.person.as_str(), last.state()), (id.as_str(), PersonState::Erased));

    let gone = resolve(&service, vec![by_name("shop", &ours)], false).await;
    assert_eq!(gone.resolutions[0].outcome(), Outcome::NotFound);
    let anew = register(&shop).await.unwrap();
    assert_ne!(anew, ours);
    assert_ne!(suite_id(&service, "shop", &anew).await, id);
    record(&shop, &anew, attested(ProofingResult::Match)).await.unwrap();
    let report = world.restart().await.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let database =
        paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("identity.db"));
    database.map(|path| std::fs::read(path).unwrap()).collect()
}

/// How many of the values are in the files: each of them is random from its first byte but one on.
fn found_in(files: &[Vec<u8>], values: &[Vec<u8>]) -> usize {
    let heads: HashSet<&[u8]> = values.iter().filter_map(|value| value.get(..16)).collect();
    let windows = files.iter().flat_map(|file| file.windows(16));
    windows.filter(|window| heads.contains(window)).collect::<HashSet<_>>().len()
}

fn contain(files: &[Vec<u8>], text: &[u8]) -> bool {
    files.iter().any(|file| file.windows(text.len()).any(|window| window == text))
}

async fn columns(folder: &Path, select: &str) -> Vec<Vec<u8>> {
    let url = format!("sqlite:{}", folder.join("identity.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(select.to_owned())).fetch_all(&mut database).await.unwrap();
    database.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn what_an_erased_record_was_sealed_with_is_in_no_file_of_the_database() {
    let world = World::on_sqlite().await;
    let shop = consenting(&world, "shop").await;
    let mut names = Vec::new();
    for index in 0..30 {
        let name = with_passport(&shop, &format!("E{:07}", 1_000_000 + index)).await;
        names.push(name);
    }
    let sealed = async || {
        let mut all = columns(world.folder(), "SELECT wrapped_key FROM persons ORDER BY id").await;
        all.extend(columns(world.folder(), "SELECT record FROM persons ORDER BY id").await);
        all.extend(columns(world.folder(), "SELECT claim_lookup FROM persons ORDER BY id").await);
        all
    };
    let mut kept = sealed().await;
    // A birth date learned seals the record anew, under another key.
    for name in &names {
        let age = Some(Age::BirthDate("2009-05-06".to_owned()));
        record(&shop, name, Proofing { age, ..attested(ProofingResult::Match) }).await.unwrap();
    }
    kept.extend(sealed().await);
    assert!(found_in(&files(world.folder()), &kept) >= 90);
    let mut of_others = sealed().await;
    for name in names.iter().skip(1) {
        erase(&world, pairwise("shop", name)).await.unwrap();
    }
    // One person is left; what belongs to it now may stay, what belonged to it before may not.
    let left = sealed().await;
    of_others.retain(|value| !left.contains(value));
    assert_eq!(of_others.len(), 29 * 3);
    kept.retain(|value| !left.contains(value));

    let running = files(world.folder());
    let (folder, config, _) = world.stop().await;
    for found in [running, files(folder.path())] {
        assert_eq!(found_in(&found, &kept), 0);
        assert_eq!(found_in(&found, &left), 32);
    }
    for answer in columns(folder.path(), "SELECT answer FROM requests").await {
        let answer = [answer];
        assert!(!contain(&answer, b"Sample Person") && !contain(&answer, b"E1000"));
    }
    let report = greenroom_identity::verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn no_source_is_asked_about_a_record_that_is_not_processed() {
    let world = World::on_sqlite().await;
    let shop = world.platform("shop").await;
    let service = world.suite("certification");
    for (index, id) in ["a", "b"].into_iter().enumerate() {
        let name = shop.register(("样例某人", &card("19900101", index))).await;
        let person = suite_id(&service, "shop", &name).await;
        let person = person.strip_prefix("persons/").unwrap();
        let far = world.clock.now().plus(DAY).as_micros();
        let insert = format!(
            "INSERT INTO proofing_jobs VALUES ('{id}', '{person}', 'registry-office', 'WAITING', 'ticket', 1, 0, {far}, \
             '', '', '', '', 0, 0, 1)"
        );
        columns(world.folder(), &insert).await;
        if index == 0 {
            freeze(&world, pairwise("shop", &name)).await.unwrap();
        } else {
            erase(&world, pairwise("shop", &name)).await.unwrap();
        }
    }
    let select = "SELECT CAST(state || ticket AS BLOB) FROM proofing_jobs WHERE due_us IS NULL ORDER BY id";
    let states = columns(world.folder(), select).await;
    assert_eq!(states, [b"GIVEN_UP", b"GIVEN_UP"]);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn only_the_operator_freezes_and_erases() {
    let world = World::start().await;
    let shop = world.former_operator("shop", &["persons.freeze", "persons.erase"]).await;
    let refused = shop.persons().freeze_person(FreezePersonRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
    let refused = shop.persons().unfreeze_person(UnfreezePersonRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
    let refused = shop.persons().erase_person(ErasePersonRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
}

/// Everything that must not be made for a record that is frozen or erased, and was: what the log tells after it was.
async fn made_too_late(world: &World) -> Vec<String> {
    let mut closed = HashSet::new();
    let mut late = Vec::new();
    for event in events(world, "").await.0 {
        let (what, person) = match event.fact.unwrap().fact.unwrap() {
            Fact::Person(fact) if matches!(fact.state(), PersonState::Frozen | PersonState::Erased) => {
                closed.insert(fact.person);
                continue;
            }
            Fact::PairwiseName(fact) => ("name", fact.person),
            Fact::Proofing(fact) => ("evidence", fact.person),
            Fact::ProofingJob(fact) if fact.version == 1 => ("job", fact.person),
            _ => continue,
        };
        if closed.contains(&person) {
            late.push(format!("{what} {}", event.sequence));
        }
    }
    late
}

#[tokio::test]
async fn nothing_is_made_for_a_record_that_is_frozen_or_erased_at_the_same_time() {
    let world = World::with(|config| config.allow_sandbox_source = true).await;
    let (shop, rival) = (world.platform("shop").await, world.platform("rival").await);
    let late = world.platform("late").await;
    for index in 0..30 {
        let number = card("19900101", index);
        let somebody = ("样例某人", number.as_str());
        let name = shop.register(somebody).await;
        let close = async {
            let named = pairwise("shop", &name);
            if index % 2 == 0 {
                freeze(&world, named).await.map(drop)
            } else {
                erase(&world, named).await.map(drop)
            }
        };
        let alone = async {
            let identity = Some(named(claim(somebody.0, somebody.1)));
            let request = RegisterPersonRequest { identity, ..Default::default() };
            drop(rival.persons().register_person(request).await);
        };
        let many = async {
            let identity = Some(person_registration::Identity::Claim(claim(somebody.0, somebody.1)));
            let proofing = (index % 3 == 0).then(|| attested(ProofingResult::SourceUnavailable));
            let registrations = vec![PersonRegistration { identity, proofing }];
            let request = BatchRegisterPersonsRequest { registrations, ..Default::default() };
            drop(late.persons().batch_register_persons(request).await);
        };
        let checked = async {
            drop(record(&shop, &name, attested(ProofingResult::SourceUnavailable)).await);
        };
        let asked = async {
            drop(begin(&shop, &name, "sandbox").await);
        };
        let (closed, (), (), (), ()) = tokio::join!(close, alone, many, checked, asked);
        closed.unwrap();
    }
    assert_eq!(made_too_late(&world).await, [""; 0]);
    world.settle().await;
}
