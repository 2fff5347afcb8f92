//! The master key is rotated while the service runs.

use crate::fake_source::{FakeSource, begin, evidence, job_in, says, with_police};
use crate::proofing::{attested, record};
use crate::world::{Caller, MINA, World, assert_refused, card};
use greenroom_identity::MasterState::{self, Former, Present};
use greenroom_identity::{
    Begin, Config, Origin, Pace, Progress, Rotated, RotationError, StartError, forget_master, list_masters,
    rotate_master, stage_master, start,
};
use greenroom_proto::identity::source::v1::CheckVerdict;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{
    AgeBand, GetPersonRequest, IdentityEvent, ProofingJobState, ProofingResult,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_testkit::{ManualClock, database, eventually};
use sqlx::Connection as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

const PACE: Pace = Pace { batch: 3, settle: Duration::ZERO };
const HOUR: Duration = Duration::from_hours(1);

async fn rotate(config: &Config, clock: &ManualClock, begin: Begin) -> Result<Rotated, RotationError> {
    rotate_master(config, &clock.shared(), begin, PACE, |_| {}).await
}

fn somebody(serial: usize) -> (String, String) {
    (format!("样例{serial}"), card("19900307", serial))
}

async fn register(shop: &Caller, serials: std::ops::Range<usize>) -> Vec<String> {
    let mut names = Vec::new();
    for serial in serials {
        let (name, number) = somebody(serial);
        names.push(shop.register((&name, &number)).await);
    }
    names
}

async fn prove(shop: &Caller, person: &str) -> Result<(), Status> {
    record(shop, person, attested(ProofingResult::Match)).await.map(drop)
}

async fn read(shop: &Caller, person: &str) -> Result<(), Status> {
    shop.persons().get_person(GetPersonRequest { name: person.to_owned() }).await.map(drop)
}

/// What the rows are wrapped with: of each key what it is, and how many persons and signing keys it wraps.
async fn wrapped(config: &Config) -> Vec<(MasterState, i64, i64)> {
    let keys = list_masters(config).await.unwrap();
    keys.iter().map(|key| (key.state, key.persons, key.signing_keys)).collect()
}

async fn key(config: &Config, state: MasterState) -> String {
    let keys = list_masters(config).await.unwrap();
    keys.into_iter().find(|key| key.state == state).unwrap().id
}

async fn present(config: &Config) -> String {
    key(config, Present).await
}

async fn assert_clean(world: &World) {
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

async fn under_load(world: World) {
    let shop = world.platform("shop").await;
    let names = Arc::new(register(&shop, 0..30).await);
    let (ended, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers = (0..4).map(|caller| {
        let (shop, names) = (shop.clone(), Arc::clone(&names));
        let (ended, made) = (Arc::clone(&ended), Arc::clone(&made));
        tokio::spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                let number = made.fetch_add(1, Ordering::Relaxed);
                let known = &names[number % names.len()];
                match caller {
                    // The sequence number of a card has three digits.
                    0 => drop(register(&shop, 100 + number % 800..101 + number % 800).await),
                    1 => prove(&shop, known).await.unwrap(),
                    _ => read(&shop, known).await.unwrap(),
                }
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    for round in 1..=3 {
        let before = made.load(Ordering::Relaxed);
        eventually("requests run", async || (made.load(Ordering::Relaxed) > before + 8).then_some(())).await;
        let rotated = rotate(&world.config, &world.clock, Begin::Anew).await.unwrap();
        assert_eq!((rotated.origin, rotated.remaining), (Origin::Made, 0), "round {round}");
        assert!(rotated.rewrapped > 30, "{rotated:?}");
    }
    ended.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    let wrapped = wrapped(&world.config).await;
    assert_eq!(wrapped.len(), 4);
    assert!(
        wrapped[..3].iter().all(|(state, persons, keys)| { (*state, *persons, *keys) == (Former, 0, 0) })
    );
    assert_clean(&world).await;
    let world = world.restart().await;
    let shop = world.platform("later").await;
    register(&shop, 0..30).await;
    assert_clean(&world).await;
}

#[tokio::test]
async fn nobody_notices_a_rotation() {
    under_load(World::start().await).await;
}

#[tokio::test]
async fn on_postgres_nobody_notices_a_rotation() {
    let database = database::postgres().await;
    under_load(World::with(|config| config.database_url.clone_from(&database.url)).await).await;
}

/// Polls a future so many times and then drops it; gives what it was ready with.
async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_rotation_cut_off_anywhere_and_gone_on_with_ends_like_one_that_was_not() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let names = register(&shop, 0..10).await;
    for polls in 1.. {
        let before = present(&world.config).await;
        let whole = drop_after(polls, rotate(&world.config, &world.clock, Begin::Anew)).await;
        if let Some(rotated) = whole {
            assert_eq!(rotated.unwrap().rewrapped, 11);
            assert!(polls > 10, "{polls}");
            break;
        }
        // Nothing is lost half way.
        assert_clean(&world).await;
        if present(&world.config).await == before {
            continue;
        }
        let resumed = rotate(&world.config, &world.clock, Begin::Resume).await.unwrap();
        assert_eq!((resumed.origin, resumed.remaining), (Origin::Earlier, 0));
        assert_eq!(wrapped(&world.config).await, [(Former, 0, 0), (Present, 10, 1)], "after {polls} polls");
        world.clock.advance(HOUR);
        forget_master(&world.config, &before, world.clock.now()).await.unwrap();
    }
    for name in &names {
        read(&shop, name).await.unwrap();
    }
    assert_clean(&world).await;
}

#[tokio::test]
async fn a_rotation_that_was_cut_off_is_gone_on_with_before_there_is_another_key() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    register(&shop, 0..10).await;
    let (mut polls, first) = (0, present(&world.config).await);
    while present(&world.config).await == first {
        polls += 1;
        assert!(drop_after(polls, rotate(&world.config, &world.clock, Begin::Anew)).await.is_none());
    }
    let gone_on_with = rotate(&world.config, &world.clock, Begin::Anew).await.unwrap();
    // How far the one before had come is for the machine to say.
    assert!(gone_on_with.origin == Origin::Earlier && gone_on_with.rewrapped <= 11, "{gone_on_with:?}");
    assert_eq!(wrapped(&world.config).await, [(Former, 0, 0), (Present, 10, 1)]);
}

#[tokio::test]
async fn how_far_a_rotation_is_is_told_truly_also_after_it_was_cut_off() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    register(&shop, 0..10).await;
    let rotated = async |begin, polls| {
        let mut told = Vec::new();
        let tell = |progress| told.push(progress);
        let clock = world.clock.shared();
        let rotation = rotate_master(&world.config, &clock, begin, PACE, tell);
        let whole = drop_after(polls, rotation).await.map(Result::unwrap);
        (whole, told)
    };
    let steps = |told: &[Progress]| told.iter().map(|at| (at.done, at.total)).collect::<Vec<_>>();
    let (whole, told) = rotated(Begin::Anew, usize::MAX).await;
    assert_eq!(whole.unwrap().rewrapped, 11);
    // The signing key, then the persons, three by three; and twice a look that finds nothing.
    let expected = [(0, 11), (1, 11), (4, 11), (7, 11), (10, 11), (11, 11), (11, 11), (11, 11)];
    assert_eq!(steps(&told), expected);

    for polls in (1..).step_by(3) {
        if rotated(Begin::Anew, polls).await.0.is_some() {
            break;
        }
        let keys = wrapped(&world.config).await.into_iter();
        let left: i64 =
            keys.filter(|(state, ..)| *state != Present).map(|(_, persons, keys)| persons + keys).sum();
        let (_, told) = rotated(Begin::Resume, usize::MAX).await;
        let told = steps(&told);
        assert_eq!((told[0], told[told.len() - 1]), ((0, left), (left, left)), "after {polls} polls");
    }
}

#[tokio::test]
async fn a_forgotten_key_opens_no_backup() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    shop.register(MINA).await;
    let (folder, config, clock) = world.stop().await;
    let backup = folder.path().join("backup.db");
    std::fs::copy(folder.path().join("identity.db"), &backup).unwrap();
    let old = present(&config).await;

    let refused = forget_master(&config, &old, clock.now()).await;
    assert!(matches!(refused, Err(RotationError::Present(_))), "{refused:?}");
    rotate(&config, &clock, Begin::Anew).await.unwrap();
    let refused = forget_master(&config, &old, clock.now()).await;
    assert!(matches!(refused, Err(RotationError::TooEarly(_))), "{refused:?}");
    clock.advance(HOUR);
    forget_master(&config, &old, clock.now()).await.unwrap();
    let refused = forget_master(&config, &old, clock.now()).await;
    assert!(matches!(refused, Err(RotationError::NoSuchKey(_))), "{refused:?}");

    let of_backup = Config { database_url: format!("sqlite:{}", backup.display()), ..config.clone() };
    let refused = start(of_backup.clone(), clock.shared(), CancellationToken::new()).await.err().unwrap();
    assert!(matches!(refused, StartError::Keys(_)), "{refused}");
    let report = greenroom_identity::verify(&of_backup).await.unwrap();
    assert_eq!(report.differing.len(), 2, "neither the person nor the signing key can be opened: {report:?}");
    let refused = rotate(&of_backup, &clock, Begin::Anew).await;
    assert!(matches!(refused, Err(RotationError::Missing { count: 2, .. })), "{refused:?}");
    let world = World::in_folder_of((folder, config, clock)).await;
    assert_clean(&world).await;
}

#[tokio::test]
async fn two_rotations_at_once_are_one_too_many() {
    let world = World::start().await;
    let mut second = None;
    let told = |_| {
        second.get_or_insert_with(|| stage_master(&world.config));
    };
    rotate_master(&world.config, &world.clock.shared(), Begin::Anew, PACE, told).await.unwrap();
    assert!(matches!(second, Some(Err(RotationError::UnderWay(_)))), "{second:?}");
}

#[tokio::test]
async fn on_postgres_a_replica_with_a_file_of_its_own_may_notice_late() {
    let database = database::postgres().await;
    let near = World::with(|config| config.database_url.clone_from(&database.url)).await;
    let far = near.replica_with_keys_of_its_own().await;
    let give = || std::fs::copy(&near.config.keys_file, &far.config.keys_file).map(drop).unwrap();
    near.platform("shop").await.register(MINA).await;
    let secret = near.client("till", "shop", &["persons.read", "persons.write", "persons.proof"]).await;
    let (here, there) = (near.with_secret("till", &secret), far.with_secret("till", &secret));
    register(&there, 0..3).await;

    // The file first, with a key that nobody uses yet; staged twice it is the same.
    let staged = stage_master(&near.config).unwrap();
    assert_eq!(stage_master(&near.config).unwrap(), staged);
    give();
    let rotated = rotate(&near.config, &near.clock, Begin::Anew).await.unwrap();
    assert_eq!((rotated.present.as_str(), rotated.origin, rotated.remaining), (&*staged, Origin::Staged, 0));
    // The far one still writes with the old key and reads what the new one wraps; so does the near one.
    let late = register(&there, 3..5).await;
    let names = register(&here, 0..8).await;
    assert_eq!(names[3..5], late);
    for name in &names {
        read(&there, name).await.unwrap();
    }
    assert_eq!(wrapped(&near.config).await, [(Former, 2, 0), (Present, 7, 1)]);
    near.clock.advance(HOUR);
    let old = key(&near.config, Former).await;
    let refused = forget_master(&near.config, &old, near.clock.now()).await;
    assert!(matches!(refused, Err(RotationError::InUse { count: 2, .. })), "{refused:?}");

    // With the new file it writes with the new key, without being started again.
    give();
    register(&there, 8..10).await;
    let resumed = rotate(&near.config, &near.clock, Begin::Resume).await.unwrap();
    assert_eq!((resumed.rewrapped, resumed.remaining), (2, 0));
    forget_master(&near.config, &old, near.clock.now()).await.unwrap();
    give();
    assert_eq!(register(&there, 0..8).await, names);
    assert_eq!(wrapped(&far.config).await, [(Present, 11, 1)]);
    assert_clean(&near).await;
}

#[tokio::test]
async fn on_postgres_a_replica_that_lacks_a_key_fails_until_it_is_given_the_file() {
    let database = database::postgres().await;
    let near = World::with(|config| config.database_url.clone_from(&database.url)).await;
    let far = near.replica_with_keys_of_its_own().await;
    near.platform("shop").await;
    let secret = near.client("till", "shop", &["persons.read", "persons.write"]).await;
    let (here, there) = (near.with_secret("till", &secret), far.with_secret("till", &secret));
    let name = here.register(MINA).await;
    rotate(&near.config, &near.clock, Begin::Anew).await.unwrap();

    let request = GetPersonRequest { name: name.clone() };
    assert_refused(there.persons().get_person(request).await, Code::Internal, "INTERNAL");
    std::fs::copy(&near.config.keys_file, &far.config.keys_file).unwrap();
    read(&there, &name).await.unwrap();
}

#[tokio::test]
async fn on_postgres_what_time_brings_waits_for_a_replica_that_has_the_key_and_no_longer() {
    let database = database::postgres().await;
    let near = World::with(|config| config.database_url.clone_from(&database.url)).await;
    let far = near.replica_with_keys_of_its_own().await;
    near.platform("shop").await;
    let secret = near.client("till", "shop", &["persons.read", "persons.write"]).await;
    // Sixteen on the second day of the test; the other one a day later.
    let (first, second) = (("样例少年", card("20101103", 1)), ("样例后生", card("20101104", 1)));
    near.with_secret("till", &secret).register((first.0, &first.1)).await;
    rotate(&near.config, &near.clock, Begin::Anew).await.unwrap();
    far.with_secret("till", &secret).register((second.0, &second.1)).await;
    let stopped = near.stop().await;

    far.clock.advance(Duration::from_hours(24 * 3));
    // The far one passes over what it lacks the key for, and nobody else waits.
    assert_eq!(grown_up(&far, 1).await, [2]);
    // No row changes without an event, so the near one finds what is due as it was.
    let near = World::in_folder_of(stopped).await;
    assert_eq!(grown_up(&near, 2).await, [2, 2]);
    assert_clean(&near).await;
}

#[tokio::test]
async fn what_time_brings_is_told_within_a_minute_once_the_keys_file_has_the_key() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    shop.register(("样例少年", &card("20101103", 1))).await;
    wrap_by(&world, "nobodys").await;
    shop.register(("样例后生", &card("20101104", 1))).await;
    world.clock.advance(Duration::from_hours(24 * 3));
    assert_eq!(grown_up(&world, 1).await, [2]);
    wrap_by(&world, &present(&world.config).await).await;
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(grown_up(&world, 2).await, [2, 2]);
    assert_clean(&world).await;
}

/// Makes it look as if all records were wrapped with this master key.
async fn wrap_by(world: &World, key: &str) {
    let mut database = sqlx::SqliteConnection::connect(&world.config.database_url).await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("UPDATE persons SET wrapped_by = '{key}'"));
    sqlx::raw_sql(statement).execute(&mut database).await.unwrap();
}

/// The versions at which persons became sixteen, once it is told of so many.
async fn grown_up(world: &World, count: usize) -> Vec<i64> {
    eventually("time is told", async || {
        let (events, _) = crate::feed::events(world, "").await;
        let grown = |event: &IdentityEvent| match event.fact.as_ref()?.fact.as_ref()? {
            Fact::Person(fact) if fact.age_band() == AgeBand::From16To17 => Some(fact.version),
            _ => None,
        };
        let grown: Vec<_> = events.iter().filter_map(grown).collect();
        (grown.len() == count).then_some(grown)
    })
    .await
}

#[tokio::test]
async fn a_job_about_a_record_that_cannot_be_opened_waits_until_it_can() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    wrap_by(&world, "nobodys").await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Outage).await;
    wrap_by(&world, &present(&world.config).await).await;
    world.clock.advance(Duration::from_mins(1));
    job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!((fake.asked().len(), evidence(&world).await), (1, vec!["SOURCE police MATCH".to_owned()]));
    assert_clean(&world).await;
}
