use crate::fake_source::{FakeSource, Reply, begin, evidence, job_in, person, says};
use crate::proofing::{attested, record};
use crate::world::{Engine, MINA, World, card};
use greenroom_proto::identity::source::v1::CheckVerdict;
use greenroom_proto::identity::v1::{PersonState, ProofingJobState, ProofingResult};
use greenroom_testkit::eventually;
use sqlx::{Connection as _, Row as _};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tonic::Code;

const DAY: Duration = Duration::from_hours(24);

async fn with_rechecks(fake: &FakeSource) -> World {
    World::on(Engine::Sqlite, |config| {
        let mut police = fake.configured("police");
        police.recheck_lead_days = Some(14);
        config.proofing_sources.push(police);
    })
    .await
}

#[tokio::test]
async fn a_proof_by_a_source_is_renewed_before_it_runs_out() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_rechecks(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    let attested_only = shop.register((MINA.0, &card("19900307", 7))).await;
    record(&shop, &attested_only, attested(ProofingResult::Match)).await.unwrap();

    let first = person(&shop, &name).await.evidence_until_time;
    world.clock.advance(DAY * 165);
    fake.next([Reply::Fails(Code::Unavailable)]);
    world.clock.advance(DAY + Duration::from_mins(1));
    assert_eq!(fake.asked_times(2).await.len(), 2);
    // An outage changes nothing, and is overcome.
    eventually("the outage was recorded", async || (evidence(&world).await.len() == 3).then_some(())).await;
    world.clock.advance(Duration::from_secs(30));
    let renewed = eventually("the proof was renewed", async || {
        Some(person(&shop, &name).await).filter(|person| person.evidence_until_time != first)
    });
    assert_eq!(renewed.await.state(), PersonState::Verified);
    assert_eq!(fake.asked().len(), 3, "only the proof that came from the source is renewed");
    world.clock.advance(DAY * 100);
    assert_eq!(person(&shop, &name).await.state(), PersonState::Verified);
    assert_ne!(person(&shop, &attested_only).await.state(), PersonState::Verified);
    world.settle().await;
}

#[tokio::test]
async fn a_source_that_gives_no_proof_is_not_asked_in_a_loop() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_rechecks(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    fake.always(Reply::Fails(Code::PermissionDenied));
    world.clock.advance(DAY * 167);
    fake.asked_times(2).await;
    jobs_given_up(&world, 1).await;
    for _ in 0..10 {
        world.clock.advance(Duration::from_mins(2));
        person(&shop, &name).await;
    }
    assert_eq!(fake.asked().len(), 2);
    world.clock.advance(DAY);
    assert_eq!(fake.asked_times(3).await.len(), 3);
    jobs_given_up(&world, 2).await;
    assert_eq!(evidence(&world).await, ["SOURCE police MATCH"]);
    world.settle().await;
}

/// Waits until so many jobs, which nobody knows the names of, are given up on SQLite.
async fn jobs_given_up(world: &World, count: i64) {
    let statement = "SELECT COUNT(*) FROM proofing_jobs WHERE state = 'GIVEN_UP'";
    eventually("the jobs were given up", async || {
        let mut connection = sqlx::SqliteConnection::connect(&world.config.database_url).await.unwrap();
        let row = sqlx::raw_sql(statement).fetch_one(&mut connection).await.unwrap();
        (row.get::<i64, _>(0) == count).then_some(())
    })
    .await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_outages_and_refusals_and_of_nobody() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let fake = FakeSource::start(Reply::Fails(Code::Unavailable)).await;
    let world = with_rechecks(&fake).await;
    let shop = world.platform("shop").await;
    let mut begun = Vec::new();
    let mut hidden = vec![MINA.0.to_owned()];
    for sequence in 0..8 {
        let number = card("19900307", sequence);
        let name = shop.register((MINA.0, &number)).await;
        begun.push(begin(&shop, &name, "police").await.unwrap().name);
        hidden.push(number);
    }
    for name in &begun {
        job_in(&shop, name, ProofingJobState::Outage).await;
    }
    fake.next([Reply::Fails(Code::PermissionDenied)]);
    fake.always(says(CheckVerdict::Match));
    world.clock.advance(Duration::from_mins(1));
    for name in &begun {
        eventually("the job was closed", async || {
            let state = crate::fake_source::job(&shop, name).await.unwrap().state();
            matches!(state, ProofingJobState::Concluded | ProofingJobState::GivenUp).then_some(())
        })
        .await;
    }
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert_eq!(text.matches("a proofing source does not answer").count(), 1);
    assert_eq!(text.matches("a proofing source answers again").count(), 1);
    assert_eq!(text.matches("gave up a proofing job").count(), 1);
    assert!(text.contains("refused (PermissionDenied)"));
    for hidden in hidden {
        assert!(!text.contains(&hidden), "{hidden}");
    }
}
