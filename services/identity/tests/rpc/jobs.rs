use crate::fake_source::{FakeSource, Reply, begin, evidence, job, job_in, person, says, with_police};
use crate::world::{Engine, MINA, World, assert_refused, card};
use greenroom_proto::identity::source::v1::CheckVerdict;
use greenroom_proto::identity::v1::{
    FreezePersonRequest, OrganizationRole, PairwiseName, PersonState, ProofingJobState, ProofingResult,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::database;
use greenroom_testkit::eventually;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn a_job_whose_taker_is_gone_is_asked_again_under_the_same_id_and_concluded_once() {
    let fake = FakeSource::start(says(CheckVerdict::Mismatch)).await;
    fake.next([Reply::Hangs]);
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    fake.asked_times(1).await;
    // The deadline and the time an answer may take to be stored.
    world.clock.advance(Duration::from_secs(300 + 30));
    let done = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (ProofingResult::Mismatch, 2));
    fake.let_go(1);
    let other = begin(&shop, &shop.register((MINA.0, &card("19900307", 9))).await, "police").await.unwrap();
    job_in(&shop, &other.name, ProofingJobState::Concluded).await;
    let asked = fake.asked();
    assert_eq!(asked[0].check_id, asked[1].check_id);
    assert_eq!(job(&shop, &begun.name).await.unwrap(), done, "the late answer changes nothing");
    assert_eq!(evidence(&world).await.len(), 2);
    world.settle().await;
}

#[tokio::test]
async fn a_slow_source_holds_up_neither_the_shutdown_nor_another_source() {
    let (slow, quick) =
        (FakeSource::start(Reply::Hangs).await, FakeSource::start(says(CheckVerdict::Match)).await);
    let world = World::on(Engine::Sqlite, |config| {
        config.proofing_sources = vec![slow.configured("police"), quick.configured("network")];
    })
    .await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("shop", "shop", &["persons.proof", "persons.read", "persons.write"]).await;
    let shop = world.with_secret("shop", &secret);
    let mut begun = Vec::new();
    for sequence in 0..20 {
        let name = shop.register((MINA.0, &card("19900307", sequence))).await;
        begun.push(begin(&shop, &name, "police").await.unwrap().name);
    }
    assert_eq!(slow.asked_times(16).await.len(), 16, "no more at once");
    let name = shop.register(MINA).await;
    let other = begin(&shop, &name, "network").await.unwrap();
    job_in(&shop, &other.name, ProofingJobState::Concluded).await;

    slow.always(says(CheckVerdict::Match));
    let world = world.restart().await;
    let shop = world.with_secret("shop", &secret);
    for name in begun {
        job_in(&shop, &name, ProofingJobState::Concluded).await;
    }
    let ids: BTreeSet<String> = slow.asked().into_iter().map(|asked| asked.check_id).collect();
    assert_eq!(
        (ids.len(), slow.asked().len()),
        (20, 36),
        "those under way were asked again, as the same checks"
    );
    assert_eq!(evidence(&world).await.len(), 21);
    world.settle().await;
}

#[tokio::test]
async fn a_source_that_frees_its_hands_gets_the_next_question_at_once() {
    let fake = FakeSource::start(Reply::Hangs).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    for sequence in 0..20 {
        let name = shop.register((MINA.0, &card("19900307", sequence))).await;
        begin(&shop, &name, "police").await.unwrap();
    }
    fake.asked_times(16).await;
    fake.let_go(4);
    assert_eq!(fake.asked_times(20).await.len(), 20);
    fake.let_go(16);
}

#[tokio::test]
async fn two_organizations_cannot_know_a_person_again_by_a_job() {
    let fake = FakeSource::start(Reply::Hangs).await;
    let world = with_police(&fake).await;
    let (shop, agency) = (world.platform("shop").await, world.platform("agency").await);
    let (name, other) = (shop.register(MINA).await, agency.register(MINA).await);
    let own = begin(&shop, &name, "police").await.unwrap();
    let same = begin(&agency, &other, "police").await.unwrap();
    let id = |name: &str| name.rsplit('/').next().unwrap().to_owned();
    assert_ne!(id(&own.name), id(&same.name));
    assert_ne!(own.create_time, same.create_time);
    assert_eq!(fake.asked_times(1).await.len(), 1);
    let foreign = job(&agency, &format!("{other}/proofingJobs/{}", id(&own.name))).await;
    assert_refused(foreign, Code::NotFound, "PROOFING_JOB_NOT_FOUND");
    fake.let_go(1);
    job_in(&agency, &same.name, ProofingJobState::Concluded).await;
}

#[tokio::test]
async fn on_postgres_two_replicas_ask_once_for_every_job() {
    let database = database::postgres().await;
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let left = World::with(|config| {
        config.database_url.clone_from(&database.url);
        config.proofing_sources.push(fake.configured("police"));
    })
    .await;
    let right = left.replica().await;
    let shop = left.platform("shop").await;
    let mut begun = Vec::new();
    for sequence in 0..30 {
        let name = shop.register((MINA.0, &card("19900307", sequence))).await;
        begun.push(begin(&shop, &name, "police").await.unwrap().name);
    }
    for name in &begun {
        let done = job_in(&shop, name, ProofingJobState::Concluded).await;
        assert_eq!(done.attempt_count, 1);
    }
    assert_eq!((fake.asked().len(), evidence(&left).await.len()), (30, 30));
    let report = right.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn an_answer_about_somebody_who_was_frozen_meanwhile_is_dropped() {
    let fake = FakeSource::start(Reply::Hangs).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    fake.asked_times(1).await;
    let frozen = PairwiseName { organization: "organizations/shop".to_owned(), person: name.clone() };
    let request = FreezePersonRequest {
        person: Some(frozen),
        hold_until_time: Some(timestamp(world.clock.now().plus(Duration::from_hours(24)))),
        ..Default::default()
    };
    world.operator().persons().freeze_person(request).await.unwrap();
    assert_eq!(job(&shop, &begun.name).await.unwrap().state(), ProofingJobState::GivenUp);
    assert_refused(begin(&shop, &name, "police").await, Code::FailedPrecondition, "PERSON_FROZEN");
    fake.let_go(2);
    let other = begin(&shop, &shop.register((MINA.0, &card("19900307", 9))).await, "police").await.unwrap();
    job_in(&shop, &other.name, ProofingJobState::Concluded).await;
    assert_eq!(person(&shop, &name).await.state(), PersonState::Frozen);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(evidence(&world).await.len(), 1);
}

#[tokio::test]
async fn a_job_of_a_source_that_is_configured_no_more_waits_for_it_and_is_given_up_in_the_end() {
    let fake = FakeSource::start(Reply::Hangs).await;
    let world = with_police(&fake).await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("shop", "shop", &["persons.proof", "persons.read", "persons.write"]).await;
    let shop = world.with_secret("shop", &secret);
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap().name;
    fake.asked_times(1).await;
    let (folder, mut config, clock) = world.stop().await;
    config.proofing_sources.clear();
    let world = World::in_folder_of((folder, config, clock)).await;
    let shop = world.with_secret("shop", &secret);
    job_in(&shop, &begun, ProofingJobState::Outage).await;
    world.clock.advance(Duration::from_hours(72));
    // Of two replicas one may lose to the other, and looks again a minute later.
    eventually("the job is given up", async || {
        world.clock.advance(Duration::from_secs(61));
        let given_up = job(&shop, &begun).await.unwrap().state() == ProofingJobState::GivenUp;
        given_up.then_some(())
    })
    .await;
    assert_eq!((fake.asked().len(), evidence(&world).await.len()), (1, 0));
    world.settle().await;
}
