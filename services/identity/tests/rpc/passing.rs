//! What time brings, told at its instant.

use crate::feed::events;
use crate::proofing::{attested, record};
use crate::world::{MINA, World, card};
use greenroom_domain::kernel::{Date, Timestamp};
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{AgeBand, OrganizationRole, PersonState, Proofing, ProofingResult};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::instant;
use greenroom_testkit::eventually;
use sqlx::{Connection as _, SqliteConnection};
use std::time::Duration;

type Told = (PersonState, AgeBand, Timestamp);

fn midnight(date: &str) -> Timestamp {
    Date::parse(date).unwrap().beijing_midnight()
}

fn advance_to(world: &World, instant: Timestamp) {
    let micros = instant.as_micros() - world.clock.now().as_micros();
    world.clock.advance(Duration::from_micros(u64::try_from(micros).unwrap()));
}

/// What was told of persons, in its order, and when each was written.
async fn told(world: &World) -> Vec<Told> {
    let (events, _) = events(world, "").await;
    let facts = events.into_iter().filter_map(|event| match event.fact?.fact? {
        Fact::Person(fact) => Some((fact.state(), fact.age_band(), instant(&event.commit_time?).unwrap())),
        _ => None,
    });
    facts.collect()
}

async fn told_in_all(world: &World, count: usize) -> Vec<Told> {
    eventually("time is told", async || Some(told(world).await).filter(|told| told.len() >= count)).await
}

/// Sixteen on the second day of the test, with a document that ends two months later.
async fn youth(world: &World) -> String {
    let shop = world.platform("shop").await;
    let name = shop.register(("样例少年", &card("20101103", 1))).await;
    let check = Proofing { document_valid_until: "2027-01-10".to_owned(), ..attested(ProofingResult::Match) };
    record(&shop, &name, check).await.unwrap();
    name
}

const BROUGHT: [(&str, PersonState, AgeBand); 3] = [
    ("2026-11-04", PersonState::Verified, AgeBand::From16To17),
    ("2027-01-11", PersonState::DocumentExpired, AgeBand::From16To17),
    ("2028-11-04", PersonState::DocumentExpired, AgeBand::Adult),
];

#[tokio::test]
async fn birthdays_and_the_end_of_a_document_are_told_at_their_instants() {
    let world = World::start().await;
    youth(&world).await;
    for (count, (date, state, band)) in BROUGHT.into_iter().enumerate() {
        advance_to(&world, midnight(date));
        let told = told_in_all(&world, count + 3).await;
        assert_eq!(told[count + 2], (state, band, midnight(date)));
    }
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_re_check_falls_due_at_its_instant() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    world.clock.advance(Duration::from_hours(24) * 180);
    let told = told_in_all(&world, 3).await;
    assert_eq!(told[2], (PersonState::RecheckDue, AgeBand::Adult, world.clock.now()));
}

#[tokio::test]
async fn what_came_while_the_service_was_down_is_told_once_and_in_its_order() {
    let world = World::start().await;
    youth(&world).await;
    let stopped = world.stop().await;
    stopped.2.advance(Duration::from_hours(24) * 3000);
    let world = World::in_folder_of(stopped).await;
    let brought: Vec<_> = told_in_all(&world, 5).await[2..].iter().map(|told| (told.0, told.1)).collect();
    assert_eq!(brought, BROUGHT.map(|(_, state, band)| (state, band)));
    let world = world.restart().await;
    let again = world.platform("late").await;
    record(&again, &again.register(MINA).await, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!(told(&world).await.len(), 7);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn two_replicas_tell_each_change_once() {
    let world = World::start().await;
    let replica = world.replica_at(world.clock.now()).await;
    tell_once(world, replica).await;
}

async fn tell_once(world: World, replica: World) {
    let shop = world.member("shop", OrganizationRole::Platform, &["persons.proof", "persons.write"]).await;
    for sequence in 0..20 {
        let name = shop.register(("样例少年", &card("20101103", sequence))).await;
        record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    }
    let day = Duration::from_hours(24);
    for _ in 0..3 {
        world.clock.advance(day * 300);
        replica.clock.advance(day * 300);
    }
    // Two facts at first; then sixteen, the re-check, and eighteen.
    let found = told_in_all(&world, 20 * 5).await;
    assert_eq!(found.len(), 20 * 5);
    replica.stop().await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(told(&world).await.len(), 20 * 5);
}

#[tokio::test]
async fn a_record_that_cannot_be_opened_keeps_nobody_else_waiting_and_stays_as_it_was_told() {
    let world = World::on_sqlite().await;
    youth(&world).await;
    let url = format!("sqlite:{}", world.folder().join("identity.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let damage = "ALTER TABLE persons ADD COLUMN kept BLOB;
        UPDATE persons SET kept = record, record = zeroblob(9);";
    sqlx::raw_sql(damage).execute(&mut database).await.unwrap();
    let other = world.platform("other").await;
    let name = other.register(MINA).await;
    record(&other, &name, attested(ProofingResult::Match)).await.unwrap();

    advance_to(&world, midnight("2027-11-11"));
    let told = told_in_all(&world, 5).await;
    assert_eq!(told.len(), 5);
    assert_eq!((told[4].0, told[4].1), (PersonState::RecheckDue, AgeBand::Adult));
    let mend = "UPDATE persons SET record = kept WHERE length(record) = 9";
    sqlx::raw_sql(mend).execute(&mut database).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    world.clock.advance(Duration::from_hours(24));
    // What had come before is told now, as of its instants.
    let told = told_in_all(&world, 7).await;
    let brought: Vec<_> = told[5..].iter().map(|told| (told.0, told.1)).collect();
    assert_eq!(brought, BROUGHT.map(|(_, state, band)| (state, band))[..2]);
    world.settle().await;
}

#[tokio::test]
async fn a_damaged_row_keeps_nobody_else_waiting() {
    let world = World::on_sqlite().await;
    let shop = world.platform("shop").await;
    shop.register(("样例少年", &card("20101103", 1))).await;
    let url = format!("sqlite:{}", world.folder().join("identity.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("UPDATE persons SET lookup = x'00'").execute(&mut database).await.unwrap();
    shop.register(("样例后生", &card("20101104", 1))).await;
    advance_to(&world, midnight("2026-11-06"));
    assert_eq!(told_in_all(&world, 3).await[2].1, AgeBand::From16To17);
}
