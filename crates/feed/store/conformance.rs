//! What every store promises of its feed, on every engine: compiled and run in each store crate.

use crate::feed_store::unique_or;
use crate::{FeedStore, MIGRATIONS, test_database};
use greenroom_auth::{Caller, Scopes};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::{Actor, Advance, EventDraft, Position, StoreError, Write};
use greenroom_feed::log::EventLog as _;
use greenroom_feed::seek;
use greenroom_feed::tail::{Pace, Tail};
use greenroom_feed::verify::{ChainFault, walk};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Mode, Once, Planned};
use greenroom_testkit::ManualClock;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;

const REQUEST_ID: &str = "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10";

fn event(subject: &str) -> EventDraft {
    EventDraft { kind: "test", subject: subject.to_owned(), payload: subject.as_bytes().to_vec() }
}

fn write_of(subjects: impl IntoIterator<Item = String>) -> Write {
    let events = subjects.into_iter().map(|subject| event(&subject)).collect();
    Write::by_service("test", events, Timestamp::from_micros(1))
}

async fn commit(store: &FeedStore, write: &Write) -> Result<Position, StoreError> {
    let unit = store.begin().await?;
    store.finish(unit, write).await
}

async fn open(url: &str) -> FeedStore {
    FeedStore::open(url, &MIGRATIONS).await.unwrap()
}

/// Reads a feed from its beginning until `count` events have come.
async fn read_all(store: &FeedStore, count: usize) -> Vec<String> {
    let mut tail = Tail::new(store.clone(), 0, Arc::new(|| Timestamp::from_micros(1)), Pace::default());
    let mut subjects = Vec::new();
    while subjects.len() < count {
        // The tail itself refuses a gap, so that the subjects come in the order of their numbers.
        subjects.extend(tail.next().await.unwrap().events.into_iter().map(|event| event.subject));
    }
    subjects
}

fn cases(cases: u32, strategy: impl Strategy<Value = Vec<usize>>, test: impl AsyncFn(Vec<usize>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&strategy, |input| {
        runtime.block_on(test(input));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn two_writers_and_a_reader_never_skip_or_repeat() {
    cases(6, prop::collection::vec(0usize..5, 1..25), async |batches| {
        let database = test_database().await;
        let (left, right, reader) =
            (open(&database.url).await, open(&database.url).await, open(&database.url).await);
        let writing = |store: FeedStore, writer: &'static str, batches: Vec<usize>| async move {
            let mut number = 0;
            for size in batches {
                let subjects = (number..number + size).map(|n| format!("{writer}/{n}"));
                commit(&store, &write_of(subjects)).await.unwrap();
                number += size;
            }
        };
        let total = batches.iter().sum::<usize>();
        let ((), (), read) = tokio::join!(
            writing(left, "left", batches.clone()),
            writing(right, "right", batches),
            read_all(&reader, 2 * total)
        );
        for writer in ["left", "right"] {
            let theirs: Vec<&String> = read.iter().filter(|subject| subject.starts_with(writer)).collect();
            let expected: Vec<String> = (0..total).map(|n| format!("{writer}/{n}")).collect();
            assert_eq!(theirs, expected.iter().collect::<Vec<_>>());
        }
        assert_eq!(walk(&reader, |_| {}).await.unwrap().fault, None);
    });
}

#[test]
fn a_place_found_by_time_has_nothing_late_before_it_and_little_early_behind_it() {
    // Each event is decided so much after the one before, or before it, and at most so long before its commit.
    const LONGEST: usize = 20;
    cases(6, prop::collection::vec(0usize..2 * LONGEST, 1..40), async |steps| {
        let database = test_database().await;
        let store = open(&database.url).await;
        let (mut committed, mut decided) = (0, Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            committed += step;
            let at = i64::try_from(committed + LONGEST - step % LONGEST).unwrap();
            let now = Timestamp::from_micros(at);
            commit(&store, &Write { now, ..write_of([number.to_string()]) }).await.unwrap();
            decided.push(at);
        }
        let overlap = i64::try_from(LONGEST).unwrap();
        let last = decided.iter().max().unwrap() + 2;
        for instant in (0..=last).step_by(7) {
            let place = seek::before(&store, Timestamp::from_micros(instant)).await.unwrap();
            let (before, behind) = decided.split_at(usize::try_from(place).unwrap());
            assert!(before.iter().all(|at| *at < instant + overlap), "{instant}: {before:?}");
            assert!(behind.iter().all(|at| *at > instant - overlap), "{instant}: {behind:?}");
        }
    });
}

/// Where a follower dies while it applies one batch: before it, between its rows and the commit, or after the commit
/// and before it could tell anybody.
#[tokio::test]
async fn the_events_of_one_write_keep_their_order_however_many_there_are() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let mut expected = Vec::new();
    for size in [1, 9, 10, 11, 20, 37] {
        let subjects: Vec<_> = (0..size).map(|number| format!("{size}/{number}")).collect();
        commit(&store, &write_of(subjects.clone())).await.unwrap();
        expected.extend(subjects);
    }
    assert_eq!(read_all(&store, expected.len()).await, expected);
    assert_eq!(walk(&store, |_| {}).await.unwrap().fault, None);
}

async fn apply_one(store: &FeedStore, dies: usize, total: i64, size: i64) -> Result<bool, StoreError> {
    let from = store.cursor("test").await?;
    let at = from.as_ref().map_or(0, |position| position.sequence);
    let through = total.min(at + size);
    if at == total || dies == 0 {
        return Ok(at == total);
    }
    let mut write = write_of((at..through).map(|n| format!("effect/{n}")));
    let database = uuid::Uuid::from_u128(7).to_string();
    write.advance = Some(Advance { source: "test", from, to: Position { database, sequence: through } });
    let mut unit = store.begin().await?;
    // A row of the follower's own: it has to stand or fall with the cursor.
    let row =
        format!("INSERT INTO feed_cursors (source, database_id, seq) VALUES ('row/{at}', '', {through})");
    let written = sqlx::raw_sql(sqlx::AssertSqlSafe(row)).execute(unit.connection()).await;
    written.map_err(|error| unique_or(error, StoreError::CursorMoved))?;
    if dies == 1 {
        drop(unit);
        return Ok(false);
    }
    store.finish(unit, &write).await?;
    Ok(false)
}

#[test]
fn a_follower_killed_between_any_two_steps_loses_nothing_and_applies_nothing_twice() {
    cases(8, prop::collection::vec(0usize..3, 0..12), async |deaths| {
        let database = test_database().await;
        let total = 10;
        let mut deaths = deaths.into_iter();
        loop {
            // A new process each time: nothing survives but the database.
            let store = open(&database.url).await;
            let done = apply_one(&store, deaths.next().unwrap_or(2), total, 3).await.unwrap();
            store.close().await;
            if done {
                break;
            }
        }
        let store = open(&database.url).await;
        let expected: Vec<String> = (0..total).map(|n| format!("effect/{n}")).collect();
        assert_eq!(read_all(&store, expected.len()).await, expected);
        assert_eq!(store.head().await.unwrap().sequence, total);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_ingesters_exactly_one_applies_a_batch() {
    let database = test_database().await;
    let total = 30;
    let ingesters = (0..4).map(|_| async {
        let store = open(&database.url).await;
        loop {
            match apply_one(&store, 2, total, 3).await {
                Ok(true) => return,
                Ok(false) | Err(StoreError::CursorMoved | StoreError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    futures::future::join_all(ingesters).await;
    let store = open(&database.url).await;
    let expected: Vec<String> = (0..total).map(|n| format!("effect/{n}")).collect();
    assert_eq!(read_all(&store, expected.len()).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_open_a_new_database_at_the_same_time_agree_on_it() {
    let database = test_database().await;
    let heads = futures::future::join_all((0..6).map(|_| async {
        let store = open(&database.url).await;
        store.head().await.unwrap()
    }));
    let heads = heads.await;
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
}

#[tokio::test]
async fn a_binary_of_the_release_before_opens_a_newer_schema() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'later', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    sqlx::raw_sql(later).execute(store.pool()).await.unwrap();
    store.close().await;
    assert_eq!(open(&database.url).await.head().await.unwrap().sequence, 0);
}

#[tokio::test]
async fn a_transaction_dropped_before_its_commit_leaves_nothing() {
    let database = test_database().await;
    let store = open(&database.url).await;
    drop(store.begin().await.unwrap());
    assert_eq!(store.head().await.unwrap().sequence, 0);
    assert_eq!(commit(&store, &write_of(["a".to_owned()])).await.unwrap().sequence, 1);
}

#[tokio::test]
async fn a_database_keeps_its_id_and_its_chain_when_it_is_opened_again() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let before = commit(&store, &write_of(["a".to_owned(), "b".to_owned()])).await.unwrap();
    store.close().await;
    let store = open(&database.url).await;
    assert_eq!(store.head().await.unwrap(), before);
    commit(&store, &write_of(["c".to_owned()])).await.unwrap();
    let walked = walk(&store, |_| {}).await.unwrap();
    assert_eq!((walked.events, walked.fault), (3, None));
}

#[tokio::test]
async fn one_changed_byte_in_the_log_is_found_and_named() {
    let database = test_database().await;
    let store = open(&database.url).await;
    commit(&store, &write_of(["a".to_owned(), "b".to_owned(), "c".to_owned()])).await.unwrap();
    let change = "UPDATE feed_events SET method = 'other' WHERE seq = 2";
    sqlx::raw_sql(change).execute(store.pool()).await.unwrap();
    let fault = walk(&store, |_| {}).await.unwrap().fault;
    assert_eq!(fault, Some(ChainFault::Changed { sequence: 2, subject: "b".to_owned() }));
}

#[tokio::test]
async fn the_human_behind_an_act_is_read_back_and_cannot_be_exchanged() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let person = PersonId::try_new("mina").unwrap();
    let actor = Actor { person: Some(person), ..call().actor() };
    commit(&store, &Write { actor, ..write_of(["a".to_owned()]) }).await.unwrap();
    commit(&store, &write_of(["b".to_owned()])).await.unwrap();
    let events = store.read_after(0, 9).await.unwrap();
    let persons: Vec<&str> = events.iter().map(|event| event.person.as_str()).collect();
    assert_eq!(persons, ["mina", ""]);
    assert_eq!(walk(&store, |_| {}).await.unwrap().fault, None);
    sqlx::raw_sql("UPDATE feed_events SET person = 'jun' WHERE seq = 1").execute(store.pool()).await.unwrap();
    let fault = walk(&store, |_| {}).await.unwrap().fault;
    assert_eq!(fault, Some(ChainFault::Changed { sequence: 1, subject: "a".to_owned() }));
}

#[tokio::test]
async fn events_cut_off_at_the_end_of_the_log_are_missed() {
    let database = test_database().await;
    let store = open(&database.url).await;
    commit(&store, &write_of(["a".to_owned(), "b".to_owned()])).await.unwrap();
    sqlx::raw_sql("DELETE FROM feed_events WHERE seq = 2").execute(store.pool()).await.unwrap();
    let fault = walk(&store, |_| {}).await.unwrap().fault;
    assert_eq!(fault, Some(ChainFault::HeadDiffers { head: 2, found: 1 }));
}

fn call() -> Call {
    let caller = Caller {
        client_id: ClientId::try_new("tester").unwrap(),
        organization: OrganizationId::try_new("acme").unwrap(),
        roles: Vec::new(),
        scopes: Scopes::parse("a").unwrap(),
        person: None,
        token_id: "t".to_owned(),
        expire_time: Timestamp::from_micros(i64::MAX),
    };
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let standing = greenroom_rpc::call::Standing::new(|| true);
    Call { caller: Arc::new(caller), method: "/test/Write".into(), deadline, standing }
}

/// One write whose answer is different each time it is decided, so that a second effect would show.
async fn write_once(
    store: &FeedStore,
    body: &str,
    request_id: &str,
    mode: Mode,
) -> Result<Done<String>, Fault> {
    let clock = ManualClock::monday_noon().shared();
    let once = Once::of_body(&call(), body.as_bytes(), request_id, mode, b"key", &clock)?;
    let plan = || async {
        let answer = uuid::Uuid::new_v4().to_string();
        Ok::<_, Fault>(Planned { change: (), events: vec![event(&answer)], answer })
    };
    once.run(store, plan, |(), write| async move { commit(store, &write).await }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_with_one_request_id_get_one_answer_and_one_effect() {
    let database = test_database().await;
    let replicas = [open(&database.url).await, open(&database.url).await];
    let calls = (0..50).map(|n| write_once(&replicas[n % 2], "body", REQUEST_ID, Mode::Commit));
    let answers = futures::future::join_all(calls).await;
    let first = answers[0].as_ref().unwrap();
    for done in &answers {
        let done = done.as_ref().unwrap();
        assert_eq!((&done.answer, &done.position), (&first.answer, &first.position));
    }
    assert_eq!(replicas[0].head().await.unwrap().sequence, 1);
}

#[tokio::test]
async fn an_answer_survives_a_crash_and_another_body_is_refused_by_name() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let before = write_once(&store, "body", REQUEST_ID, Mode::Commit).await.unwrap();
    store.close().await;
    let store = open(&database.url).await;
    let after = write_once(&store, "body", REQUEST_ID, Mode::Commit).await.unwrap();
    assert_eq!((&before.answer, &before.position), (&after.answer, &after.position));
    let refused = write_once(&store, "other", REQUEST_ID, Mode::Commit).await.unwrap_err();
    assert_eq!(refused.reason(), "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn validating_only_stores_nothing_and_spends_no_request_id() {
    let database = test_database().await;
    let store = open(&database.url).await;
    let checked = write_once(&store, "body", REQUEST_ID, Mode::ValidateOnly).await.unwrap();
    assert_eq!((checked.position, store.head().await.unwrap().sequence), (None, 0));
    write_once(&store, "another body", REQUEST_ID, Mode::Commit).await.unwrap();
    assert_eq!(store.head().await.unwrap().sequence, 1);
}

#[tokio::test]
async fn a_malformed_request_id_is_refused() {
    let database = test_database().await;
    let store = open(&database.url).await;
    for id in ["x", "00000000-0000-0000-0000-000000000000", "3f2c1a9e8a4b4c1d9a510d6c2f1b7e10"] {
        assert_eq!(
            write_once(&store, "body", id, Mode::Commit).await.unwrap_err().reason(),
            "FIELDS_INVALID"
        );
    }
}
